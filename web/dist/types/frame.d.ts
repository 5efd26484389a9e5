import type { PacketOptions, RawData } from "./parser.js";
/** Engine.IO packets, and how they are written on each transport. */
export type FrameType = "open" | "close" | "ping" | "pong" | "message" | "upgrade" | "noop";
export interface Frame {
    type: FrameType | "error";
    data?: RawData;
    options?: PacketOptions;
}
/** Separates the packets of one polling payload. */
export declare const SEPARATOR = "\u001E";
export declare function decodeFrame(text: string): Frame;
/**
 * Encodes frames, all as text unless `binary` is allowed. Calls `done` at once, or later if a
 * Blob has to be read first; `done` gets nothing if that fails.
 */
export declare function encodeFrames(frames: Frame[], binary: boolean, done: (encoded: RawData[] | undefined) => void): void;
/** How many bytes a frame takes in a polling payload, without its type or separator. */
export declare function frameSize({ data }: Frame): number;

import { isBlob, type Binary } from "./platform.js";
import type { PacketOptions, RawData } from "./parser.js";

/** Engine.IO packets, and how they are written on each transport. */

export type FrameType = "open" | "close" | "ping" | "pong" | "message" | "upgrade" | "noop";

export interface Frame {
  type: FrameType | "error";
  data?: RawData;
  options?: PacketOptions;
}

/** The position is the digit on the wire. */
const TYPES: FrameType[] = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];

/** Separates the packets of one polling payload. */
export const SEPARATOR = "\x1e";

export function decodeFrame(text: string): Frame {
  const data = text.slice(1);
  if (text[0] === "b") {
    try {
      return { type: "message", data: fromBase64(data) };
    } catch {
      return { type: "error", data: text };
    }
  }
  const type = TYPES[text.charCodeAt(0) - 48];
  return type ? { type, data } : { type: "error", data: text };
}

/**
 * Encodes frames, all as text unless `binary` is allowed. Calls `done` at once, or later if a
 * Blob has to be read first; `done` gets nothing if that fails.
 */
export function encodeFrames(
  frames: Frame[],
  binary: boolean,
  done: (encoded: RawData[] | undefined) => void,
): void {
  const parts = frames.map(({ type, data }) => {
    if (typeof data === "string" || data === undefined) {
      return TYPES.indexOf(type as FrameType) + (data ?? "");
    }
    if (binary) return data;
    return isBlob(data) ? data.arrayBuffer().then(toBase64) : toBase64(data);
  });
  if (parts.some((part) => part instanceof Promise)) {
    Promise.all(parts).then(done, () => done(undefined));
  } else {
    done(parts as RawData[]);
  }
}

/** How many bytes a frame takes in a polling payload, without its type or separator. */
export function frameSize({ data }: Frame): number {
  if (data === undefined) return 0;
  if (typeof data === "string") return utf8Length(data);
  return Math.ceil((isBlob(data) ? data.size : data.byteLength) * 1.33);
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    // Each half of a surrogate pair counts two: four bytes for the pair.
    length += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2;
  }
  return length;
}

function toBase64(data: Exclude<Binary, Blob>): string {
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return "b" + btoa(text);
}

function fromBase64(text: string): ArrayBuffer {
  const decoded = atob(text);
  const bytes = new Uint8Array(decoded.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = decoded.charCodeAt(i);
  return bytes.buffer;
}

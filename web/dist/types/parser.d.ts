import { Emitter } from "./emitter.js";
import { type Binary } from "./platform.js";
/** Socket.IO packets as text, with binary values sent after it as attachments. */
/** The revision of the Socket.IO protocol. */
export declare const protocol = 5;
export declare const CONNECT = 0;
export declare const DISCONNECT = 1;
export declare const EVENT = 2;
export declare const ACK = 3;
export declare const CONNECT_ERROR = 4;
export interface Packet {
    type: number;
    nsp: string;
    data?: any;
    id?: number;
    options?: PacketOptions;
}
export interface PacketOptions {
    compress?: boolean;
}
export type RawData = string | Binary;
/** What the option `parser` must provide. */
export interface Parser {
    Encoder: new () => {
        encode(packet: Packet): RawData[];
    };
    Decoder: new () => PacketDecoder;
}
export interface PacketDecoder {
    on(event: "decoded", listener: (packet: Packet) => void): unknown;
    /** Throws if the data is not what the protocol allows. */
    add(data: any): void;
    destroy(): void;
}
/** Names that the program cannot emit, and the server cannot send. */
export declare function isReserved(event: unknown): boolean;
export declare class Encoder {
    encode({ type, nsp, data, id }: Packet): RawData[];
}
export declare class Decoder extends Emitter<{
    decoded: (packet: Packet) => void;
}> {
    private pending_?;
    add(data: any): void;
    destroy(): void;
}
/** Whether a packet of this type may have this payload. */
export declare function isValidPayload(type: number, data: any): boolean;

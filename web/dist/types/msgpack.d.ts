import { Emitter } from "./emitter.js";
import { type Packet, type RawData } from "./parser.js";
/**
 * Socket.IO packets as MessagePack, in the dialect of `socket.io-msgpack-parser`: a packet is one
 * binary message, a map with its type, namespace, payload and id. Binary values stay where they are.
 */
export declare class Encoder {
    encode({ type, nsp, data, id }: Packet): RawData[];
}
export declare class Decoder extends Emitter<{
    decoded: (packet: Packet) => void;
}> {
    add(message: any): void;
    destroy(): void;
}

import { Emitter } from "./emitter.js";
import { MessagePackReader } from "./msgpack-reader.js";
import { MessagePackWriter } from "./msgpack-writer.js";
import { isValidPayload, type Packet, type RawData } from "./parser.js";

/**
 * Socket.IO packets as MessagePack, in the dialect of `socket.io-msgpack-parser`: a packet is one
 * binary message, a map with its type, namespace, payload and id. Binary values stay where they are.
 */

export class Encoder {
  encode({ type, nsp, data, id }: Packet): RawData[] {
    // What is undefined is left out.
    return [new MessagePackWriter().write({ type, nsp, data: data ?? undefined, id })];
  }
}

export class Decoder extends Emitter<{ decoded: (packet: Packet) => void }> {
  add(message: any): void {
    const { type, nsp, data, id } = new MessagePackReader(message).read() ?? {};
    if (
      !(Number.isInteger(type) && type >= 0 && type <= 4) ||
      typeof nsp !== "string" ||
      !isValidPayload(type, data) ||
      !(id === undefined || (Number.isSafeInteger(id) && id >= 0))
    ) {
      throw new Error("invalid packet");
    }
    this.emit("decoded", { type, nsp, data, id });
  }

  destroy(): void {}
}

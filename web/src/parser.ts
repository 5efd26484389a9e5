import { Emitter } from "./emitter.js";
import { isBinary, type Binary } from "./platform.js";

/** Socket.IO packets as text, with binary values sent after it as attachments. */

/** The revision of the Socket.IO protocol. */
export const protocol = 5;

export const CONNECT = 0;
export const DISCONNECT = 1;
export const EVENT = 2;
export const ACK = 3;
export const CONNECT_ERROR = 4;
/** An EVENT or ACK with attachments has its type plus this. */
const WITH_ATTACHMENTS = 3;

/** More attachments than this in one packet are not waited for. */
const MAX_ATTACHMENTS = 1000;

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
  Encoder: new () => { encode(packet: Packet): RawData[] };
  Decoder: new () => PacketDecoder;
}

export interface PacketDecoder {
  on(event: "decoded", listener: (packet: Packet) => void): unknown;
  /** Throws if the data is not what the protocol allows. */
  add(data: any): void;
  destroy(): void;
}

const RESERVED = [
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
];

/** Names that the program cannot emit, and the server cannot send. */
export function isReserved(event: unknown): boolean {
  return RESERVED.includes(event as string);
}

export class Encoder {
  encode({ type, nsp, data, id }: Packet): RawData[] {
    const attachments: Binary[] = [];
    const json =
      data == null
        ? ""
        : JSON.stringify(data, type === EVENT || type === ACK ? extractInto(attachments) : undefined);
    const count = attachments.length;
    const header =
      (count ? type + WITH_ATTACHMENTS + "" + count + "-" : "" + type) +
      (nsp === "/" ? "" : nsp + ",") +
      (id ?? "");
    return [header + json, ...attachments];
  }
}

/** A replacer for JSON.stringify which takes the binary values out, in the order they are met. */
function extractInto(attachments: Binary[]) {
  return function (this: any, key: string, value: unknown): unknown {
    // Before toJSON: a Buffer has one, which would turn it into an array of numbers.
    const original = this[key];
    const binary = isBinary(original) ? original : isBinary(value) ? value : undefined;
    return binary ? { _placeholder: true, num: attachments.push(binary) - 1 } : value;
  };
}

export class Decoder extends Emitter<{ decoded: (packet: Packet) => void }> {
  private pending_?: { packet: Packet; count: number; attachments: Binary[] };

  add(data: any): void {
    const pending = this.pending_;
    if (typeof data === "string") {
      if (pending) throw new Error("text where an attachment was expected");
      const { packet, count } = decodeText(data);
      if (count) this.pending_ = { packet, count, attachments: [] };
      else this.emit("decoded", packet);
      return;
    }
    if (!pending) throw new Error("attachment without a packet");
    if (pending.attachments.push(data) === pending.count) {
      this.pending_ = undefined;
      pending.packet.data = insertAttachments(pending.packet.data, pending.attachments);
      this.emit("decoded", pending.packet);
    }
  }

  destroy(): void {
    this.pending_ = undefined;
  }
}

//               type  attachments   namespace        id    payload
const SHAPE = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*)(?:,|$))?(\d+)?([^]*)$/;

function decodeText(text: string): { packet: Packet; count: number } {
  const match = SHAPE.exec(text);
  if (!match) throw new Error("unknown packet type");
  let type = +match[1]!;
  const count = +(match[2] ?? 0);
  const binary = type > CONNECT_ERROR;
  if (binary) type -= WITH_ATTACHMENTS;
  if (binary ? !(count > 0 && count <= MAX_ATTACHMENTS) : match[2]) {
    throw new Error("illegal attachments");
  }
  const id = match[4] === undefined ? undefined : +match[4];
  const data = match[5] ? JSON.parse(match[5]) : undefined;
  if (!isValidPayload(type, data) || (id !== undefined && !Number.isSafeInteger(id))) {
    throw new Error("invalid payload");
  }
  return { packet: { type, nsp: match[3] ?? "/", id, data }, count };
}

function isObject(data: unknown): boolean {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

/** Whether a packet of this type may have this payload. */
export function isValidPayload(type: number, data: any): boolean {
  switch (type) {
    case CONNECT:
      return data === undefined || isObject(data);
    case DISCONNECT:
      return data === undefined;
    case CONNECT_ERROR:
      return typeof data === "string" || isObject(data);
    case ACK:
      return Array.isArray(data);
    default:
      return (
        Array.isArray(data) &&
        (typeof data[0] === "number" || (typeof data[0] === "string" && !isReserved(data[0])))
      );
  }
}

function insertAttachments(value: any, attachments: Binary[]): any {
  if (typeof value !== "object" || value === null) return value;
  if (value._placeholder === true) {
    const attachment = typeof value.num === "number" ? attachments[value.num] : undefined;
    if (!attachment) throw new Error("illegal attachments");
    return attachment;
  }
  for (const key of Object.keys(value)) value[key] = insertAttachments(value[key], attachments);
  return value;
}

import { isBinary, isBlob } from "./platform.js";

const utf8 = new TextEncoder();

type Setter =
  | "setUint8"
  | "setUint16"
  | "setUint32"
  | "setInt8"
  | "setInt16"
  | "setInt32"
  | "setFloat64";

/** Writes one value as MessagePack. What JSON leaves out is left out here too. */
export class MessagePackWriter {
  private bytes_ = new Uint8Array(256);
  private view_ = new DataView(this.bytes_.buffer);
  private length_ = 0;

  write(value: unknown): Uint8Array {
    this.value_(value);
    return this.bytes_.slice(0, this.length_);
  }

  private value_(value: any): void {
    if (value == null || isOmitted(value)) this.byte_(0xc0);
    else if (typeof value === "boolean") this.byte_(value ? 0xc3 : 0xc2);
    else if (typeof value === "number") this.number_(value);
    else if (typeof value === "string") this.string_(value);
    else if (typeof value !== "object" || isBlob(value)) {
      throw new TypeError(`${Object.prototype.toString.call(value)} cannot be sent as MessagePack`);
    } else if (isBinary(value)) this.binary_(value as ArrayBuffer | ArrayBufferView);
    else if (value instanceof Date) this.date_(value);
    else if (typeof value.toJSON === "function") this.value_(value.toJSON());
    else if (Array.isArray(value)) {
      this.head_(value.length, 0x90, 16, [0, 0xdc, 0xdd]);
      for (const element of value) this.value_(element);
    } else this.object_(value);
  }

  private object_(value: Record<string, unknown>): void {
    const keys = Object.keys(value).filter(
      (key) => value[key] !== undefined && !isOmitted(value[key]),
    );
    this.head_(keys.length, 0x80, 16, [0, 0xde, 0xdf]);
    for (const key of keys) {
      this.string_(key);
      this.value_(value[key]);
    }
  }

  private number_(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.put_(0xcb, 8, "setFloat64", value);
    } else if (value >= 0) {
      if (value < 0x80) this.byte_(value);
      else if (value < 0x100) this.put_(0xcc, 1, "setUint8", value);
      else if (value < 0x10000) this.put_(0xcd, 2, "setUint16", value);
      else if (value < 2 ** 32) this.put_(0xce, 4, "setUint32", value);
      else this.integer_(0xcf, value);
    } else if (value >= -0x20) this.byte_(value & 0xff);
    else if (value >= -0x80) this.put_(0xd0, 1, "setInt8", value);
    else if (value >= -0x8000) this.put_(0xd1, 2, "setInt16", value);
    else if (value >= -(2 ** 31)) this.put_(0xd2, 4, "setInt32", value);
    else this.integer_(0xd3, value);
  }

  /** Writes an integer of 64 bits. */
  private integer_(type: number, value: number): void {
    const at = this.reserve_(9, type);
    this.view_.setBigInt64(at, BigInt(value));
  }

  private string_(value: string): void {
    const bytes = utf8.encode(value);
    this.head_(bytes.length, 0xa0, 32, [0xd9, 0xda, 0xdb]);
    this.append_(bytes);
  }

  private binary_(value: ArrayBuffer | ArrayBufferView): void {
    this.head_(value.byteLength, 0, 0, [0xc4, 0xc5, 0xc6]);
    this.append_(
      ArrayBuffer.isView(value)
        ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
        : new Uint8Array(value),
    );
  }

  /** An extension of type 0 with the milliseconds. */
  private date_(value: Date): void {
    const ms = value.getTime();
    if (Number.isNaN(ms)) {
      this.byte_(0xc0); // as in JSON
      return;
    }
    this.byte_(0xd7);
    this.integer_(0, ms);
  }

  /** Writes a length: with `short` if it is less than `limit`, else in 1, 2 or 4 bytes. */
  private head_(length: number, short: number, limit: number, types: [number, number, number]): void {
    if (length < limit) this.byte_(short | length);
    else if (types[0] && length < 0x100) this.put_(types[0], 1, "setUint8", length);
    else if (length < 0x10000) this.put_(types[1], 2, "setUint16", length);
    else this.put_(types[2], 4, "setUint32", length);
  }

  /** Writes a type, and a number in so many bytes. */
  private put_(type: number, size: number, setter: Setter, value: number): void {
    const at = this.reserve_(1 + size, type); // which may replace the view
    this.view_[setter](at, value);
  }

  private byte_(value: number): void {
    this.reserve_(1, value);
  }

  private append_(bytes: Uint8Array): void {
    const from = this.grow_(bytes.length);
    this.bytes_.set(bytes, from);
  }

  /** Makes room for so many bytes, writes the first, and returns where the second goes. */
  private reserve_(count: number, first: number): number {
    const from = this.grow_(count);
    this.bytes_[from] = first;
    return from + 1;
  }

  /** Makes room for so many bytes, and returns where they begin. */
  private grow_(count: number): number {
    const from = this.length_;
    this.length_ += count;
    if (this.length_ > this.bytes_.length) {
      const larger = new Uint8Array(Math.max(2 * this.bytes_.length, this.length_));
      larger.set(this.bytes_);
      this.bytes_ = larger;
      this.view_ = new DataView(larger.buffer);
    }
    return from;
  }
}

function isOmitted(value: unknown): boolean {
  return typeof value === "function" || typeof value === "symbol";
}

import { toBuffer } from "./platform.js";

const utf8 = new TextDecoder();

/** Reads one MessagePack value. It throws if the bytes are not exactly that. */
export class MessagePackReader {
  private readonly bytes_: Uint8Array;
  private readonly view_: DataView;
  private position_ = 0;

  constructor(message: ArrayBuffer | ArrayBufferView) {
    this.bytes_ = ArrayBuffer.isView(message)
      ? new Uint8Array(message.buffer, message.byteOffset, message.byteLength)
      : new Uint8Array(message);
    const { buffer, byteOffset, byteLength } = this.bytes_;
    this.view_ = new DataView(buffer, byteOffset, byteLength); // throws beyond its end
  }

  read(): any {
    const value = this.value_();
    if (this.position_ !== this.bytes_.length) throw new Error("more than one value");
    return value;
  }

  private value_(): unknown {
    const type = this.unsigned_(1);
    if (type < 0x80) return type;
    if (type < 0x90) return this.object_(type & 0xf);
    if (type < 0xa0) return this.array_(type & 0xf);
    if (type < 0xc0) return this.string_(type & 0x1f);
    if (type >= 0xe0) return type - 0x100;
    // Several types come in sizes, one after the other.
    const size = 2 ** ((type - 0xc4) % 3); // 1, 2, 4
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.binary_(this.unsigned_(size));
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.extension_(this.unsigned_(size));
      case 0xca:
        return this.view_.getFloat32(this.take_(4));
      case 0xcb:
        return this.view_.getFloat64(this.take_(8));
      case 0xcc:
        return this.unsigned_(1);
      case 0xcd:
        return this.unsigned_(2);
      case 0xce:
        return this.unsigned_(4);
      case 0xcf:
        return Number(this.view_.getBigUint64(this.take_(8)));
      case 0xd0:
        return this.view_.getInt8(this.take_(1));
      case 0xd1:
        return this.view_.getInt16(this.take_(2));
      case 0xd2:
        return this.view_.getInt32(this.take_(4));
      case 0xd3:
        return Number(this.view_.getBigInt64(this.take_(8)));
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.extension_(2 ** (type - 0xd4), true);
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.string_(this.unsigned_(size));
      case 0xdc:
        return this.array_(this.unsigned_(2));
      case 0xdd:
        return this.array_(this.unsigned_(4));
      case 0xde:
        return this.object_(this.unsigned_(2));
      case 0xdf:
        return this.object_(this.unsigned_(4));
    }
    throw new Error("unknown type of value");
  }

  private unsigned_(size: number): number {
    const from = this.take_(size);
    if (size === 1) return this.view_.getUint8(from);
    return size === 2 ? this.view_.getUint16(from) : this.view_.getUint32(from);
  }

  private array_(length: number): unknown[] {
    const array = [];
    while (length--) array.push(this.value_()); // throws when nothing is left
    return array;
  }

  private object_(length: number): object {
    const object = {};
    while (length--) {
      const key = this.value_();
      // Not an assignment, which would set the prototype if that is the name.
      Object.defineProperty(object, key as string, {
        value: this.value_(),
        configurable: true,
        enumerable: true,
        writable: true,
      });
    }
    return object;
  }

  private string_(length: number): string {
    return utf8.decode(this.part_(length));
  }

  private binary_(length: number): ArrayBuffer | Uint8Array {
    return toBuffer(this.part_(length).slice().buffer);
  }

  /**
   * Type 0 is the official parser's: one byte stands for undefined, eight for a date, if the length
   * is `fixed` by the type of the value; the rest are typed arrays. Type -1 is MessagePack's own time.
   */
  private extension_(length: number, fixed = false): unknown {
    const type = this.view_.getInt8(this.take_(1));
    if (type === 0 && fixed && length === 1) {
      this.take_(1);
      return undefined;
    }
    if (type === 0 && fixed && length === 8) {
      return new Date(Number(this.view_.getBigInt64(this.take_(8))));
    }
    if (type === -1) return this.time_(length);
    const data = this.binary_(length);
    return type === 0 ? data : [type, data];
  }

  private time_(length: number): Date {
    const from = this.take_(length);
    switch (length) {
      case 4:
        return new Date(this.view_.getUint32(from) * 1e3);
      case 8: {
        const high = this.view_.getUint32(from);
        const seconds = (high & 3) * 2 ** 32 + this.view_.getUint32(from + 4);
        return new Date(seconds * 1e3 + Math.floor((high >>> 2) / 1e6));
      }
      case 12: {
        const seconds = Number(this.view_.getBigInt64(from + 4));
        return new Date(seconds * 1e3 + Math.floor(this.view_.getUint32(from) / 1e6));
      }
    }
    throw new Error("invalid time");
  }

  private part_(length: number): Uint8Array {
    const from = this.take_(length);
    return this.bytes_.subarray(from, from + length);
  }

  /** Moves on by so many bytes, which must be there, and returns where they begin. */
  private take_(length: number): number {
    const from = this.position_;
    this.position_ += length;
    if (this.position_ > this.bytes_.length) throw new Error("the value is cut off");
    return from;
  }
}

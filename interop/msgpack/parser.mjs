// Packets through the official parser, both ways.
//   node parser.mjs encode        prints, for each packet below, a line of JSON with its bytes and values
//   node parser.mjs encode bundle does so with the encoder that the server serves to pages
//   node parser.mjs decode        reads packets in hexadecimal, one a line, and prints for each a line of JSON
//                                 with what the parser for Node.js and that for browsers read, and with
//                                 the bytes that the parser writes for the same packet
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import parser from "socket.io-msgpack-parser";

const require = createRequire(import.meta.url);
const browserDecode = require("notepack.io/browser/decode.js");

let encoder = new parser.Encoder();
if (process.argv[3] === "bundle") {
  await import("../../web/dist/socket.io.msgpack.min.js");
  encoder = new io.Manager("http://localhost", { autoConnect: false }).encoder;
}
const encode = (packet) => Buffer.from(encoder.encode(packet)[0]);

function decode(bytes) {
  let packet;
  const decoder = new parser.Decoder();
  decoder.on("decoded", (p) => (packet = p));
  decoder.add(bytes);
  return packet;
}

// plain turns values into what JSON can tell apart. What is undefined is as if it were missing.
function plain(value) {
  if (value instanceof ArrayBuffer) value = Buffer.from(value);
  if (ArrayBuffer.isView(value)) {
    return { $bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex") };
  }
  if (value instanceof Date) return { $date: value.getTime() };
  if (typeof value === "number" && !Number.isFinite(value)) return { $number: String(value) };
  if (typeof value?.toJSON === "function") return plain(value.toJSON());
  if (typeof value === "function") return undefined;
  if (Array.isArray(value)) return value.map((v) => plain(v) ?? null);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, v]) => [name, plain(v)]));
  }
  return value;
}

const event = (...data) => ({ type: 2, data, options: { compress: true }, nsp: "/" });

const packets = [
  { type: 0, data: undefined, nsp: "/" },
  { type: 0, data: { token: "x", n: 1 }, nsp: "/admin" },
  { type: 0, data: { sid: "abc", pid: undefined }, nsp: "/" },
  { type: 1, nsp: "/admin" },
  { type: 4, data: { message: "no", data: { code: 7 } }, nsp: "/" },
  { type: 4, data: "no", nsp: "/" },
  { type: 3, id: 0, data: [], nsp: "/" },
  { type: 3, id: 2 ** 40, data: [null, undefined], nsp: "/a" },
  { ...event("id"), id: 300 },
  event("none"),
  event(42, true),
  event("numbers", 0, 127, 128, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 1.5, 0.1, 1e-300, NaN, Infinity, -Infinity),
  event("negative", -1, -32, -33, -128, -129, -32768, -32769, -(2 ** 31), -(2 ** 31) - 1, -(2 ** 53), -0.25),
  event("text", "", "a".repeat(31), "a".repeat(32), "é".repeat(200), "日本語".repeat(8000), "😀\n\u0000\"\\"),
  event("trees", [], {}, [[[1]]], { a: { b: [{ c: null }] }, "": 0, 7: 1 }, [undefined, null], { u: undefined }),
  event("long", new Array(20).fill(true), new Array(70000).fill(0), Object.fromEntries(new Array(20).fill(0).map((_, i) => ["k" + i, i]))),
  event("dates", new Date(0), new Date(1234), new Date(-1), new Date(8.64e15), { at: new Date("2024-05-06T07:08:09.123Z") }),
  event("Buffers", Buffer.alloc(0), Buffer.from([1]), Buffer.alloc(300, 7), Buffer.alloc(70000, 8), { b: [Buffer.from("x")] }),
  event("arrays", ...[0, 1, 2, 4, 8, 16, 300, 70000].map((n) => new Uint8Array(n).fill(n)), new Uint16Array([1, 2]).buffer),
  event("methods", { toJSON: () => ({ x: 1 }) }, { skip() {}, keep: 1 }),
];

if (process.argv[2] === "encode") {
  for (const packet of packets) {
    console.log(JSON.stringify({ bytes: encode(packet).toString("hex"), packet: plain(packet) }));
  }
} else {
  for await (const line of createInterface({ input: process.stdin })) {
    const bytes = Buffer.from(line, "hex");
    const buffer = Uint8Array.from(bytes).buffer; // which is what browsers receive
    const packet = decode(bytes);
    const again = { type: packet.type, nsp: packet.nsp };
    if ("data" in packet) again.data = packet.data;
    if ("id" in packet) again.id = packet.id;
    console.log(JSON.stringify({ packet: plain(packet), browser: plain(browserDecode(buffer)), bytes: encode(again).toString("hex") }));
  }
}

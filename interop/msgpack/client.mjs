// The official client with the official MessagePack parser, or the bundle that the server
// serves, against the Go server of the test.
// Usage: node client.mjs <url> <transports, with commas between them> official|bundle
// It ends with an error when something is not as expected.
import assert from "node:assert/strict";
import { once } from "node:events";
import * as official from "socket.io-client";
import officialParser from "socket.io-msgpack-parser";

const [url, transports, which] = process.argv.slice(2);
if (which === "bundle") await import("../../web/dist/socket.io.msgpack.min.js");
const { io, parser } = which === "bundle" ? globalThis : { io: official.io, parser: officialParser };
const options = { parser, transports: transports.split(","), forceNew: true, reconnection: false };

const watchdog = setTimeout(() => {
  console.error("the client did not finish");
  process.exit(1);
}, 20_000);

const values = [
  0, 1.5, -7, 2 ** 53 - 1, "", "日本語 😀", true, null, [], {}, [[1, [2]]], { a: { b: [null, "c"] } },
  Buffer.from([1, 2, 3]), { deep: [Buffer.alloc(70_000, 7)] }, new Date(1234), "x".repeat(100_000),
];

const socket = io(url, { ...options, auth: { token: "secret", key: Buffer.from("k") } });
const welcome = once(socket, "welcome");
await once(socket, "connect");

assert.deepEqual(await welcome, [{
  auth: { token: "secret", key: Buffer.from("k") },
  at: new Date(1714979289123),
  large: 4294967296,
  text: "Grüße",
}]);

// All arguments of the answer; emitWithAck returns the first only.
const ask = (event, ...args) => new Promise((resolve) => socket.emit(event, ...args, (...answer) => resolve(answer)));

// Arguments come back as they were, decoded or not.
for (const event of ["echo", "echo decoded"]) {
  assert.deepEqual(await ask(event, ...values), values);
}

// As members that the server knows, undefined is as if it were missing.
assert.deepEqual(
  await socket.emitWithAck("upload", { name: "n", data: new Uint8Array([1, 2]), when: new Date(5), count: undefined }),
  { name: "n", data: Buffer.from([1, 2]), when: new Date(5), count: 0, size: 2 },
);
assert.deepEqual(await socket.emitWithAck("upload", "nonsense"), { error: "invalid arguments" });

// The server asks.
socket.on("question", (n, b, answer) => answer(n + 1, b, new Date(n)));
socket.emit("ask me");
assert.deepEqual((await once(socket, "answered"))[0], 42);

// Another client gets what this one sends to a room.
const other = io(url, options);
await once(other, "connect");
await other.emitWithAck("join", "room");
const heard = once(other, "heard");
socket.emit("tell", "room", "hello", Buffer.from("b"));
assert.deepEqual(await heard, ["hello", Buffer.from("b")]);

// Namespaces, and being refused.
const refused = io(new URL("/closed", url).href, options);
const [error] = await once(refused, "connect_error");
assert.equal(error.message, "members only");
assert.deepEqual(error.data, { code: 7, bytes: Buffer.from("x") });
const missing = io(new URL("/missing", url).href, options);
assert.equal((await once(missing, "connect_error"))[0].message, "Invalid namespace");

// Being sent away, and leaving.
const left = once(other, "disconnect");
other.emit("send me away");
assert.equal((await left)[0], "io server disconnect");

if (options.transports.length > 1) {
  if (socket.io.engine.transport.name !== "websocket") await once(socket.io.engine, "upgrade");
  assert.deepEqual(await ask("echo", ...values), values);
}
for (const s of [socket, other, refused, missing]) s.close();
clearTimeout(watchdog);

// engine.io-client against an echo server: node engine.mjs URL TRANSPORTS
import assert from "node:assert/strict";
import { once } from "node:events";
import { Socket } from "engine.io-client";

const [url, transports] = process.argv.slice(2);
const list = transports.split(",");

const socket = new Socket(url, { path: "/engine.io", transports: list });
socket.binaryType = "nodebuffer";
const received = [];
const waiting = [];
socket.on("message", (data) => {
  const next = waiting.shift();
  if (next) next(data);
  else received.push(data);
});
const message = () =>
  received.length > 0 ? Promise.resolve(received.shift()) : new Promise((resolve) => waiting.push(resolve));

const upgraded = list.length > 1 && new Promise((resolve) => socket.on("upgrade", resolve));
await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
assert.equal(socket.id.length, 20);
assert.equal(socket.transport.name, list[0]);

// Numbered messages, text and binary, before, during and after the upgrade.
const sent = [];
const send = (data) => {
  sent.push(data);
  socket.send(data);
};
const burst = (from) => {
  for (let i = from; i < from + 200; i++) send(i % 5 === 0 ? Buffer.from(`binary ${i}`) : `text ${i} é€😀`);
};
burst(0);
if (upgraded) {
  await upgraded;
  assert.equal(socket.transport.name, "websocket");
}
burst(200);
send("x".repeat(200_000));
send(Buffer.alloc(200_000, 7));
for (const want of sent) assert.deepEqual(await message(), want);

socket.send("bye");
const [reason] = await once(socket, "close");
assert.equal(reason, "transport close");

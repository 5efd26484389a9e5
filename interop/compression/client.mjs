// Has messages echoed over a compressed WebSocket, and looks at how many bytes travel.
// node client.mjs ws|socket.io-client <url> on|off
import assert from "node:assert/strict";
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { io } from "socket.io-client";
import WebSocket from "ws";

const [kind, url, mode] = process.argv.slice(2);
const compressed = mode === "on";
const connect = { ws: connectRaw, "socket.io-client": connectOfficial }[kind];
const client = await connect();

assert.equal(client.ws.extensions.includes("permessage-deflate"), compressed, client.ws.extensions);

const text = "a long text, €, 日本語, ".repeat(5000);
const size = Buffer.byteLength(text);
const noise = randomBytes(50_000);

for (const [event, arg, shrinks] of [
  ["echo", "short", false],
  ["echo", text, true],
  ["echo", { nested: [text, text] }, true],
  ["to all", text, true],
  ["echo uncompressed", text, false],
  ["echo", Buffer.from(text), true],
  ["echo", noise, false],
  ["echo", [noise, text, Buffer.from("x")], false],
  ["echo", "x".repeat(900_000), true],
]) {
  const before = client.ws._socket.bytesRead;
  const answer = await client.ask(event, arg);
  assert.deepEqual(answer, arg);
  const took = client.ws._socket.bytesRead - before;
  if (compressed && shrinks) assert(took < size / 10, `${event}: ${took} bytes came`);
  if (event === "echo uncompressed") assert(took > size, `${event}: only ${took} bytes came`);
}
client.close();

async function connectOfficial() {
  const socket = io(url, { transports: ["websocket"], perMessageDeflate: { threshold: 1024 }, reconnection: false });
  await new Promise((resolve, reject) => socket.on("connect", resolve).on("connect_error", reject));
  return {
    ws: socket.io.engine.transport.ws,
    ask: (event, arg) => new Promise((resolve) => socket.once("echo", resolve) && socket.emit(event, arg)),
    close: () => socket.close(),
  };
}

async function connectRaw() {
  const ws = new WebSocket(url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket", {
    perMessageDeflate: { threshold: 0 }, // everything is compressed, also "40"
  });
  const queue = [];
  let wake = () => {};
  ws.on("message", (data, binary) => {
    queue.push(binary ? data : data.toString());
    wake();
  });
  const next = async () => {
    while (queue.length === 0) await new Promise((resolve) => (wake = resolve));
    return queue.shift();
  };
  await once(ws, "open");
  assert.match(await next(), /^0{/);
  ws.send("40");
  assert.match(await next(), /^40{/);
  return {
    ws,
    async ask(event, arg) {
      const attachments = [];
      const body = JSON.stringify([event, arg], (_, value) => {
        if (value?.type !== "Buffer") return value;
        attachments.push(Buffer.from(value.data));
        return { _placeholder: true, num: attachments.length - 1 };
      });
      ws.send(attachments.length > 0 ? `45${attachments.length}-${body}` : "42" + body);
      attachments.forEach((a) => ws.send(a));
      const header = await next();
      const got = [];
      while (got.length < attachments.length) got.push(await next());
      const answer = JSON.parse(header.slice(header.indexOf("[")), (_, value) =>
        value?._placeholder ? got[value.num] : value);
      return answer[1];
    },
    close: () => ws.close(),
  };
}

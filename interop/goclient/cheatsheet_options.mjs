// The lines of JavaScript of the table "Client: options" of docs/cheatsheet.md.
import { io } from "socket.io-client";
import msgpack from "socket.io-msgpack-parser";
import { given, main, plain, watch } from "./harness.mjs";

const { servers } = given;

const fired = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve));
const open = (server, options) => watch(io(servers[server], { forceNew: true, ...options }));

await main({
  async "where the server is mounted"() {
    const socket = open("elsewhere", { path: "/live/" });
    return socket.emitWithAck("echo", "here");
  },
  async "the transports"() {
    const socket = open("plain", { transports: ["websocket"] });
    return (await socket.emitWithAck("describe")).query.transport;
  },
  async "no upgrade"() {
    const socket = open("plain", { upgrade: false });
    for (let i = 0; i < 20; i++) await socket.emitWithAck("echo");
    return (await socket.emitWithAck("describe")).transport;
  },
  async "WebSocket at once after an upgrade"() {
    const socket = open("plain", { rememberUpgrade: true });
    const first = await socket.emitWithAck("describe");
    if (socket.io.engine.transport.name !== "websocket") await fired(socket.io.engine, "upgrade");
    socket.disconnect().connect();
    return [first.query.transport, (await socket.emitWithAck("describe")).query.transport];
  },
  async "the next transport if one fails"() {
    const socket = open("only WebSocket", { tryAllTransports: true });
    return (await socket.emitWithAck("describe")).transport;
  },
  async "text only"() {
    const socket = open("plain", { forceBase64: true, transports: ["websocket"] });
    return [plain(await socket.emitWithAck("echo", Buffer.of(1, 2))), (await socket.emitWithAck("describe")).query.b64];
  },
  async "no compression"() {
    const socket = open("plain", { perMessageDeflate: false, transports: ["websocket"] });
    return (await socket.emitWithAck("describe")).headers["sec-websocket-extensions"] ?? null;
  },
  async "no reconnection"() {
    const socket = open("plain", { reconnection: false });
    await fired(socket, "connect");
    const reason = fired(socket, "disconnect");
    socket.emit("drop me");
    return [await reason, Boolean(socket.io._reconnecting)];
  },
  async "how often to try, and when"() {
    const socket = open("nowhere", { reconnectionAttempts: 8, reconnectionDelay: 5, reconnectionDelayMax: 20 });
    let attempts = 0;
    socket.io.on("reconnect_attempt", () => attempts++);
    await fired(socket.io, "reconnect_failed");
    return attempts;
  },
  async "time for an attempt"() {
    const socket = open("silent", { timeout: 50, reconnection: false });
    return (await fired(socket, "connect_error")).message;
  },
  async "cookies"() {
    const socket = open("plain", { withCredentials: true });
    await socket.emitWithAck("echo");
    return socket.emitWithAck("cookie");
  },
  async "MessagePack"() {
    const socket = open("MessagePack", { parser: msgpack });
    return (await socket.emitWithAck("echo", new Date(7))).getTime();
  },
});

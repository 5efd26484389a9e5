// The lines of JavaScript of the table "Client: connection" of docs/cheatsheet.md.
import { io } from "socket.io-client";
import { connect, given, main, watch } from "./harness.mjs";

const { url } = given;

const fired = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve));
const connected = (socket) => fired(socket, "connect");

await main({
  async "with credentials"() {
    const auth = { token: "secret" };
    const query = { q: "a b&c" };
    const extraHeaders = { "X-Test": "yes" };
    const socket = watch(io(url, { auth, query, extraHeaders }));
    const view = await socket.emitWithAck("describe");
    return [view.auth, view.query.q, view.headers["x-test"]];
  },
  async "fresh credentials each time"() {
    let n = 0;
    const credentials = () => ({ n: ++n });
    const socket = watch(io(url, { auth: (callback) => callback(credentials()) }));
    const first = await socket.emitWithAck("describe");
    socket.disconnect().connect();
    return [first.auth, (await socket.emitWithAck("describe")).auth];
  },
  async "not at once"() {
    let socket;
    socket = io(url, { autoConnect: false });
    return [socket.active, socket.connected];
  },
  async "but now"() {
    const socket = watch(io(url, { autoConnect: false, forceNew: true }));
    socket.connect();
    await connected(socket);
    return [socket.active, socket.connected];
  },
  async "another namespace, over the same connection"() {
    const socket = await connect("/");
    const custom = watch(socket.io.socket("/custom"));
    return [await socket.emitWithAck("echo", "main"), await custom.emitWithAck("echo", "custom")];
  },
  async "its id"() {
    const socket = await connect("/");
    return socket.emitWithAck("is here", socket.id);
  },
  async "its state"() {
    const socket = await connect("/");
    return [socket.connected, socket.active, Boolean(socket.recovered)];
  },
  async "being connected"() {
    const socket = watch(io(url, { forceNew: true }));
    return new Promise((resolve) => {
      const handler = () => resolve("connected");
      socket.on("connect", handler);
    });
  },
  async "being disconnected"() {
    const socket = await connect("/");
    return new Promise((handler) => {
      socket.on("disconnect", handler);
      socket.emit("leave me");
    });
  },
  async "not being let in"() {
    const socket = watch(io(url + "/admin", { forceNew: true }));
    const error = await new Promise((handler) => {
      socket.on("connect_error", handler);
    });
    return error.message;
  },
  async "trying to come back"() {
    const socket = await connect("/", { reconnection: true, reconnectionDelay: 1 });
    return new Promise((handler) => {
      socket.io.on("reconnect_attempt", handler);
      socket.emit("drop me");
    });
  },
  async "leaving"() {
    const socket = await connect("/");
    const reason = fired(socket, "disconnect");
    socket.disconnect();
    return [await reason, socket.active];
  },
});

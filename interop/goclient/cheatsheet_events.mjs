// The lines of JavaScript of the table "Client: events" of docs/cheatsheet.md.
import { io } from "socket.io-client";
import { connect, given, main, plain, watch } from "./harness.mjs";

const { url } = given;

const next = async (socket, name) => plain(await socket.next(name));

/** What a handler is told while a burst of two numbers is asked for. */
async function told(socket, register) {
  const all = [];
  await next(socket, "welcome");
  register((what) => what !== "echo" && all.push(what));
  socket.emit("burst", 2);
  socket.emit("echo", "end");
  await next(socket, "echo");
  return all;
}

await main({
  async "to the server"() {
    const socket = await connect("/");
    socket.emit("echo", 1, "2", { 3: "4" });
    return next(socket, "echo");
  },
  async "binary"() {
    const socket = await connect("/");
    socket.emit("echo", Uint8Array.of(1, 2));
    return next(socket, "echo");
  },
  async "`send`"() {
    const socket = await connect("/");
    socket.send("hello");
    return next(socket, "message");
  },
  async "better lost than late"() {
    const socket = await connect("/");
    socket.volatile.emit("echo", 1);
    return next(socket, "echo");
  },
  async "not compressed"() {
    const socket = await connect("/");
    socket.compress(false).emit("echo", 1);
    return next(socket, "echo");
  },
  async "asking"() {
    const socket = await connect("/");
    let answer;
    answer = await socket.emitWithAck("echo", 1);
    return answer;
  },
  async "a time-out"() {
    const socket = await connect("/");
    try {
      await socket.timeout(5).emitWithAck("swallow");
    } catch {
      return "timed out";
    }
  },
  async "one for all questions"() {
    const socket = watch(io(url, { ackTimeout: 5 }));
    return socket.emitWithAck("swallow").catch(() => "timed out");
  },
  async "until it is acknowledged"() {
    const socket = watch(io(url, { retries: 3, ackTimeout: 500 }));
    return socket.emitWithAck("third time", "lucky");
  },
  async "an event"() {
    const socket = await connect("/");
    return told(socket, (handler) => {
      socket.on("number", handler);
    });
  },
  async "that event no more"() {
    const socket = await connect("/");
    return told(socket, (handler) => {
      socket.on("number", handler);
      socket.off("number", handler);
    });
  },
  async "the next one only"() {
    const socket = await connect("/");
    return told(socket, (handler) => {
      socket.once("number", handler);
    });
  },
  async "answering"() {
    const socket = await connect("/");
    socket.on("question", (a, b, callback) => callback(b, a));
    socket.emit("question me", "x", "y");
    return next(socket, "answered");
  },
  async "every event"() {
    const socket = await connect("/");
    return told(socket, (handler) => {
      socket.onAny(handler);
    });
  },
  async "not every event any more"() {
    const socket = await connect("/");
    return told(socket, (handler) => {
      socket.onAny(handler);
      socket.offAny(handler);
    });
  },
  async "every event that is sent"() {
    const socket = await connect("/");
    return told(socket, (handler) => {
      socket.onAnyOutgoing(handler);
    });
  },
  async "not those any more"() {
    const socket = await connect("/");
    return told(socket, (handler) => {
      socket.onAnyOutgoing(handler);
      socket.offAnyOutgoing(handler);
    });
  },
});

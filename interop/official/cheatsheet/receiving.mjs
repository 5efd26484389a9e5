// The lines of JavaScript of the table "Receiving" of docs/cheatsheet.md.
import { io, run, tell } from "./stage.mjs";

const handler = (n) => tell("handler " + n);
const anyHandler = (name) => name !== "sync" && tell("any " + name);
const outgoing = (name) => name !== "end" && tell("outgoing " + name);
const errorHandler = (err) => tell("error " + err.message);

function packetMiddleware([name], next) {
  next(name === "forbidden" ? new Error("forbidden") : undefined);
}

function emitBoth(socket) {
  socket.emit("one");
  io.emit("all");
}

await run({
  "an event"(socket) {
    socket.on("hello", handler);
  },
  "that event no more"(socket) {
    socket.off("hello", handler);
  },
  "the next one only"(socket) {
    socket.once("hello", handler);
  },
  "an event of any client"() {
    io.on("connection", (s) => s.on("hello", handler));
  },
  "every event"(socket) {
    socket.off("hello", handler);
    socket.onAny(anyHandler);
  },
  "not every event any more"(socket) {
    socket.offAny(anyHandler);
  },
  "every event that is sent"(socket) {
    socket.onAnyOutgoing(outgoing);
    emitBoth(socket);
  },
  "not those any more"(socket) {
    socket.offAnyOutgoing(outgoing);
    emitBoth(socket);
  },
  "middleware for events"(socket) {
    socket.on("hello", handler);
    socket.on("forbidden", handler);
    socket.on("error", () => {}); // or it is printed
    socket.use(packetMiddleware);
  },
  "errors"(socket) {
    socket.on("error", errorHandler);
  },
});

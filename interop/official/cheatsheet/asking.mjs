// The lines of JavaScript of the table "Asking for an answer" of docs/cheatsheet.md.
import { io, run, tell } from "./stage.mjs";

const tellAll = (answers) => tell(...answers.sort());

await run({
  async "one client"(socket) {
    tell(await socket.emitWithAck("hello"));
  },
  async "everybody"() {
    tellAll(await io.timeout(5000).emitWithAck("hello"));
  },
  async "a room"() {
    tellAll(await io.to("room1").timeout(5000).emitWithAck("hello"));
  },
  async "everybody but the client"(socket) {
    tellAll(await socket.broadcast.timeout(5000).emitWithAck("hello"));
  },
  async "a time-out"(socket) {
    try {
      await socket.timeout(5).emitWithAck("unanswered");
    } catch {
      tell("timed out");
    }
  },
  "answering"(socket) {
    socket.on("question", (callback) => callback("got it"));
  },
  "saying only that it is done"(socket) {
    socket.on("work", (what) => tell("did " + what));
    socket.on("work", (what, callback) => callback());
  },
});

// The lines of JavaScript of the table "Between servers" of docs/cheatsheet.md.
import { io, other, run, tell } from "./stage.mjs";

await run({
  "receiving"() {
    other.on("hello", (who) => other.local.emit("told", who));
    const io = other;
    io.on("hello", (who, callback) => callback?.("hi " + who));
  },
  "to the other servers"() {
    io.serverSideEmit("hello", "world");
  },
  async "asking them"() {
    tell(...(await io.serverSideEmitWithAck("hello", "world")));
  },
});

// The lines of JavaScript of the table "Rooms and clients" of docs/cheatsheet.md.
import { io, run, sockets, tell } from "./stage.mjs";

let remote;

/** Tells whose sockets they are. */
function tellWhose(found) {
  const letters = Object.keys(sockets).filter((who) => found.some(({ id }) => id === sockets[who].id));
  tell(...letters.sort());
}

await run({
  "join"(socket) {
    socket.join("room4");
  },
  "join several"(socket) {
    socket.join(["room5", "room6"]);
  },
  "leave"(socket) {
    socket.leave("room4");
  },
  "the rooms of a client"(socket) {
    tell(...[...socket.rooms].filter((room) => room !== socket.id));
  },
  "let clients join"() {
    io.in("room1").socketsJoin("room7");
  },
  "let clients leave"() {
    io.in("room1").socketsLeave(["room7", "room8"]);
  },
  async "all clients of the cluster"() {
    tellWhose(await io.fetchSockets());
  },
  async "those in a room"() {
    sockets.d.data = "of d";
    const found = await io.in("room1").fetchSockets();
    tellWhose(found);
    remote = found.find(({ id }) => id === sockets.d.id);
  },
  "what the application keeps with one"() {
    tell(remote.data);
  },
  "to one of them"() {
    remote.emit("hello");
  },
  "let one of them join"() {
    remote.join("room9");
  },
  "let one of them leave"() {
    remote.leave("room1");
  },
  "disconnect one of them"() {
    remote.disconnect();
  },
  "close the connections of a room"() {
    io.in("room3").disconnectSockets(true);
  },
  "disconnect a client"(socket) {
    socket.disconnect();
  },
  "disconnect everybody"() {
    io.disconnectSockets();
  },
});

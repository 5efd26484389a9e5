// The lines of JavaScript of the table "Sending" of docs/cheatsheet.md.
import { io, run, sockets } from "./stage.mjs";

const another = () => sockets.b.id;

await run({
  "to the client": (socket) => socket.emit("hello", 1, "2", { 3: "4" }),
  "to everybody but the client": (socket) => socket.broadcast.emit("hello"),
  "to a room, but not the client": (socket) => socket.to("room1").emit("hello"),
  "to one of two rooms, but not the client": (socket) => socket.to("room1").to("room2").emit("hello"),
  "the same with a list": (socket) => socket.to(["room1", "room3"]).emit("hello"),
  "to everybody but the client and a room": (socket) => socket.except("room2").emit("hello"),
  "to a room": () => io.in("room1").emit("hello"),
  "to two rooms, but not to a third": () => io.to(["room1", "room2"]).except("room3").emit("hello"),
  "to everybody": () => io.emit("hello"),
  "to everybody in a namespace": () => io.of("/admin").emit("hello"),
  "to a room of a namespace": () => io.of("/admin").to("room1").emit("hello"),
  "to one client": (_, anotherSocketId = another()) => io.to(anotherSocketId).emit("hello"),
  "to one client, from another": (socket, anotherSocketId = another()) => socket.to(anotherSocketId).emit("hello"),
  "to the clients of this server": () => io.local.emit("hello"),
  "the same without the client": (socket) => socket.local.emit("hello"),
  "not compressed": (socket) => socket.compress(false).emit("hello"),
  "not compressed, to everybody": () => io.compress(false).emit("hello"),
  "better lost than late": (socket) => socket.volatile.emit("hello"),
  "better lost than late, to everybody": () => io.volatile.emit("hello"),
  "`send`": (socket) => socket.send("hello"),
});

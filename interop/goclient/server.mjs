// The official Socket.IO server, with the handlers that the Go tests expect of every
// server. Usage: node server.mjs '<options of the server as JSON>' [port]
// It prints "listening <port>" and ends when its standard input does.
import { createServer } from "node:http";
import { Server } from "socket.io";
import msgpack from "socket.io-msgpack-parser";
import { record } from "./recorder.mjs";

const options = JSON.parse(process.argv[2]) ?? {};
if (options.parser) options.parser = msgpack; // by name: JSON cannot carry it
const http = createServer();
const io = new Server(http, options);

// If asked to, it gives each client a cookie, and remembers which one it has sent last.
const cookies = new Map();
if (options.giveCookie) {
  io.engine.on("initial_headers", (headers) => (headers["set-cookie"] = options.giveCookie));
  io.engine.on("headers", (_, request) => cookies.set(request._query.sid, request.headers.cookie));
}

function greet(socket) {
  socket.emit("welcome", { auth: socket.handshake.auth, recovered: socket.recovered });
  handlers(socket);
}

function handlers(socket) {
  socket.on("echo", (...args) => {
    const ack = typeof args.at(-1) === "function" ? args.pop() : undefined;
    if (ack) ack(...args);
    else socket.emit("echo", ...args);
  });
  socket.on("question me", (...args) => {
    socket.timeout(5000).emit("question", ...args, (err, ...answer) => socket.emit("answered", err?.message ?? null, ...answer));
  });
  socket.on("describe", (ack) => {
    const { auth, headers, query } = socket.handshake;
    ack({ auth, headers, query, transport: socket.conn.transport.name });
  });
  socket.on("message", (...args) => socket.send(...args));
  socket.on("cookie", (ack) => ack(cookies.get(socket.conn.id)));
  socket.on("join", (room, ack) => ack(socket.join(room) ?? null));
  socket.on("remember", (value, ack) => ack(void (socket.data.value = value)));
  socket.on("recall", (ack) => ack(socket.data.value));
  socket.on("is here", (id, ack) => ack(socket.nsp.sockets.has(id)));
  socket.on("leave me", () => socket.disconnect());
  socket.on("close me", () => socket.disconnect(true));
  socket.on("drop me", () => socket.conn.close());
  socket.on("swallow", () => {});
  let seen = 0;
  socket.on("third time", (value, ack) => {
    if (++seen % 3 === 0) ack(value, seen);
  });
  socket.on("burst", (n) => {
    for (let i = 0; i < n; i++) socket.emit("number", i);
  });
  socket.on("to room", (room, ...args) => io.of(socket.nsp.name).to(room).emit("from room", ...args));
}

io.on("connection", greet);
io.of("/custom").on("connection", greet);
io.of("/quiet").on("connection", handlers);
io.of("/admin").use((socket, next) => {
  if (socket.handshake.auth.token === "secret") return next();
  const err = new Error("not authorized");
  err.data = { code: 42 };
  next(err);
});
io.of("/admin").on("connection", greet);

if (options.view) record(http, io, options);

http.listen(Number(process.argv[3] ?? 0), "127.0.0.1", () => console.log(`listening ${http.address().port}`));
process.stdin.on("end", () => process.exit());
process.stdin.resume();

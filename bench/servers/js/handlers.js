// The application that is measured, the same for every JavaScript runtime. See
// ../../CONTRACT.md.
export function handle(io) {
  io.on("connection", (socket) => {
    socket.on("echo", (text) => socket.emit("echo", text));
    socket.on("string", (text) => socket.emit("string", text));
    socket.on("json", (object) => socket.emit("json", object));
    socket.on("binary", (bytes) => socket.emit("binary", bytes));
    socket.on("ack", (text, answer) => answer(text));
    socket.on("join", (...args) => {
      const answer = args.pop();
      socket.join(args);
      answer();
    });
    socket.on("room", (room, text) => io.to(room).emit("room", room, text));
    socket.on("broadcast", (text) => io.emit("broadcast", text));
  });
}

export const options = process.env.PING_INTERVAL
  ? { pingInterval: Number(process.env.PING_INTERVAL) }
  : {};

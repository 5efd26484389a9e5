// The server under test, on the official implementation. Any other server can take its place: the
// environment variable SERVER_CMD names a command (run by a shell) that keeps this contract.
//
// Process
//   PORT      the port to listen on, on localhost; 0 or absent: any free one
//   RECOVERY  "1": connection state recovery is on
//   writes "listening <port>" and a newline to standard output when ready; ends on SIGTERM
//
// Connection
//   path /socket.io/, polling and WebSocket, any origin with credentials (CORS),
//   ping interval 300 ms, ping time-out 10 s, messages up to 1 MB
//
// Namespace "/"             every client is accepted
//   on connect              emits "hello" with {auth, who, recovered}: the auth data, the query parameter
//                           "who" (null if absent), whether the session was recovered
//   "echo" (...args, ack)   acknowledges with the same arguments
//   "say" (...args)         emits "said" with the same arguments
//   "message" (...args)     emits "message" with the same arguments
//   "count" (n)             emits "number" with 0, 1, ... n-1
//   "ask" (...args)         emits "question" with the arguments and an ack; emits "answered" with the answer
//   "silent" (..., ack)     never acknowledges
//   "stubborn" (key, n, ack)  counts per key, over all connections; acknowledges with the count from the
//                           n-th time on
//   "leave"                 disconnects this socket from the namespace
//   "leave all"             disconnects this socket and closes the connection
//   "cut"                   closes the connection without a DISCONNECT packet
//   "cut and miss" (n)      the same, then emits "missed" with 0, 1, ... n-1 to the socket that is gone
//
// Namespace "/chat"         accepts every client; "echo" as above
// Namespace "/vault"        accepts clients whose auth data has token "secret", emits "hello" to them as
//                           above; refuses others with message "not authorized" and data {code: 401}
// Any other namespace       is refused with "Invalid namespace"
import { Server } from "socket.io";

const io = new Server({
  pingInterval: 300,
  pingTimeout: 10000,
  maxHttpBufferSize: 1e6,
  cors: { origin: (origin, done) => done(null, true), credentials: true },
  ...(process.env.RECOVERY === "1" ? { connectionStateRecovery: {} } : {}),
});

const seen = new Map();

function hello(socket) {
  const { auth, query } = socket.handshake;
  socket.emit("hello", { auth, who: query.who ?? null, recovered: socket.recovered });
}

function echo(...args) {
  args.pop()(...args);
}

io.on("connection", (socket) => {
  hello(socket);
  socket.on("echo", echo);
  socket.on("say", (...args) => socket.emit("said", ...args));
  socket.on("message", (...args) => socket.emit("message", ...args));
  socket.on("count", (n) => {
    for (let i = 0; i < n; i++) socket.emit("number", i);
  });
  socket.on("ask", (...args) => {
    socket.emit("question", ...args, (...answer) => socket.emit("answered", ...answer));
  });
  socket.on("stubborn", (key, n, ack) => {
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    if (count >= n) ack(count);
  });
  socket.on("leave", () => socket.disconnect());
  socket.on("leave all", () => socket.disconnect(true));
  socket.on("cut", () => socket.conn.close());
  socket.on("cut and miss", (n) => {
    socket.once("disconnect", () => {
      for (let i = 0; i < n; i++) io.to(socket.id).emit("missed", i);
    });
    socket.conn.close();
  });
});

io.of("/chat").on("connection", (socket) => socket.on("echo", echo));

io.of("/vault")
  .use((socket, next) => {
    if (socket.handshake.auth.token === "secret") return next();
    next(Object.assign(new Error("not authorized"), { data: { code: 401 } }));
  })
  .on("connection", hello);

io.listen(Number(process.env.PORT ?? 0));
io.httpServer.once("listening", () => console.log("listening " + io.httpServer.address().port));
process.once("SIGTERM", () => process.exit());

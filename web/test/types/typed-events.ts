// Compiled, never run: what the compiler has to accept and to refuse.
import io, { connect, Manager, Socket, type DisconnectReason } from "../../dist/types/index.js";

interface FromServer {
  message: (text: string, n: number) => void;
  question: (id: number, ack: (answer: string) => void) => void;
}

interface ToServer {
  hello: () => void;
  say: (text: string) => void;
  ask: (id: number, ack: (answer: string) => void) => void;
}

const socket: Socket<FromServer, ToServer> = io("http://localhost", {
  transports: ["websocket"],
  retries: 3,
  ackTimeout: 1000,
  auth: (done) => done({ token: "x" }),
});

socket.on("message", (text, n) => text.slice(n));
socket.once("question", (id, ack) => ack(id.toFixed()));
socket.on("connect_error", (err) => err.message);
socket.on("disconnect", (reason: DisconnectReason, details) => [reason, details]);
socket.emit("hello");
socket.emit("say", "text");
socket.emit("ask", 1, (answer) => answer.length);
socket.volatile.compress(false).emit("say", "text");
socket.timeout(5).emit("ask", 1, (err, answer) => [err.message, answer.length]);
const id: string | undefined = socket.id;
const answer: Promise<string> = socket.emitWithAck("ask", 1);
const timed: Promise<string> = socket.timeout(5).emitWithAck("ask", 1);

// @ts-expect-error no such event
socket.on("other", () => {});
// @ts-expect-error the second argument is a number
socket.on("message", (text: string, n: string) => [text, n]);
// @ts-expect-error an argument is missing
socket.emit("say");
// @ts-expect-error not a string
socket.emit("say", 1);
// @ts-expect-error not an event for the server
socket.emit("message", "text", 1);
// @ts-expect-error this event has no acknowledgement
socket.emitWithAck("say", "text");
// @ts-expect-error the program cannot emit this
socket.emit("connect");
// @ts-expect-error no such option
io("http://localhost", { reconect: true });

const open = connect("http://localhost");
open.on("anything", (...args) => args.length);
open.emit("anything", 1, "2", { 3: [4] });
const any: Promise<any> = open.emitWithAck("anything");

const manager = new Manager<FromServer, ToServer>("http://localhost", { reconnectionDelay: 5 });
const typed: Socket<FromServer, ToServer> = manager.socket("/ns", { auth: { token: "x" } });
const delay: number = manager.reconnectionDelay();
manager.reconnectionDelay(delay).on("reconnect_attempt", (n) => n.toFixed());
manager.engine.on("upgrade", (transport) => transport.name.length);
manager.engine.once("close", (reason) => reason.length);

export { id, answer, timed, any, typed };

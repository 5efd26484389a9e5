// What the programs with cases have in common. They are started by a Go test as
//   node <program>.mjs '{"url": "...", "cases": [...], ...}'
// and print a JSON line with what came out of each case.
import { io } from "socket.io-client";
import msgpack from "socket.io-msgpack-parser";

export const given = JSON.parse(process.argv[2]);

const sockets = [];

/** The socket, which is closed after the case, and whose next(name) is the next event of that name. */
export function watch(socket) {
  const waiting = new Map();
  const arrived = new Map();
  sockets.push(socket);
  socket.next = (name) =>
    new Promise((done) => {
      const queue = arrived.get(name);
      if (queue?.length) done(queue.shift());
      else waiting.set(name, [...(waiting.get(name) ?? []), done]);
    });
  socket.onAny((name, ...args) => {
    const waiters = waiting.get(name);
    if (waiters?.length) waiters.shift()(args);
    else arrived.set(name, [...(arrived.get(name) ?? []), args]);
  });
  return socket;
}

/** A socket that is connected. */
export function connect(namespace, options = {}) {
  const { url, transports, parser } = given;
  return new Promise((resolve, reject) => {
    const own = { transports, forceNew: true, reconnection: false, ...(parser && { parser: msgpack }) };
    const socket = watch(io(url + namespace, { ...own, ...options }));
    socket.on("connect", () => resolve(socket));
    socket.on("connect_error", (err) => {
      socket.disconnect();
      reject(err);
    });
  });
}

/** Binary data has another type in every environment; the cases compare it as text. */
export const plain = (value) =>
  value instanceof Uint8Array || value instanceof ArrayBuffer
    ? "bytes:" + Buffer.from(value).toString("hex")
    : Array.isArray(value)
      ? value.map(plain)
      : value && typeof value === "object"
        ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]))
        : value;

/** All arguments of the answer. */
export const ask = (socket, ...args) => new Promise((done) => socket.emit(...args, (...answer) => done(plain(answer))));

async function closeAll(sockets) {
  const open = sockets.map((socket) => socket.io.engine).filter((engine) => engine && engine.readyState !== "closed");
  const closed = open.map((engine) => new Promise((done) => engine.once("close", done)));
  for (const socket of sockets) socket.disconnect();
  await Promise.all(closed);
}

/**
 * Runs the cases that are asked for, and ends the program: at once, or if it is asked to
 * be patient when the last request is answered.
 */
export async function main(run) {
  for (const name of given.cases) {
    const result = run[name] ? await run[name]() : { missing: name };
    console.log(JSON.stringify({ name, result }));
    await closeAll(sockets.splice(0));
  }
  if (!given.patient) process.exit();
}

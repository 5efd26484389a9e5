// The official clients that watch what the servers of the test do.
// Usage: node audience.mjs <url> <url of another server of the cluster>
//
// The clients a, b and c are connected to the first server, d to the other one, and e is
// the namespace /admin over c's connection. What happens to them is printed, one JSON
// line for each event. Orders come as JSON lines from standard input, until it ends:
//   {"who": "a", "do": "emit", "args": ["name", ...]}     emits an event
//   {"who": "a", "do": "ask", "args": ["name", ...]}      the same, and prints the answer as "answer"
//   {"who": "a", "do": "connect"}                         joins again, after leaving if need be
import { createInterface } from "node:readline";
import { Manager } from "socket.io-client";

const [url, otherURL] = process.argv.slice(2);
const options = { transports: ["websocket"], reconnection: false };

const c = new Manager(url, options);
const sockets = {
  a: new Manager(url, options).socket("/"),
  b: new Manager(url, options).socket("/"),
  c: c.socket("/"),
  d: new Manager(otherURL, options).socket("/"),
  e: c.socket("/admin"),
};

const print = (who, event, args) => console.log(JSON.stringify({ who, event, args }));

for (const [who, socket] of Object.entries(sockets)) {
  socket.on("connect", () => print(who, "connect", [socket.id]));
  socket.on("disconnect", (reason) => print(who, "disconnect", [reason]));
  socket.onAny((event, ...args) => {
    const answer = typeof args.at(-1) === "function" ? args.pop() : undefined;
    print(who, event, args);
    if (event !== "unanswered") answer?.(who);
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const { who, do: order, args } = JSON.parse(line);
  const socket = sockets[who];
  if (order === "emit") socket.emit(...args);
  else if (order === "ask") socket.emit(...args, (...answer) => print(who, "answer", answer));
  else if (order === "connect") socket.disconnect().connect();
  else throw new Error(`no such order: ${line}`);
}
process.exit();

// The official client while its server is killed and comes back. It prints a line for
// each thing that happens. Usage: node reconnect.mjs '{"url": "...", "transports": [...]}'
import { io } from "socket.io-client";

const { url, transports } = JSON.parse(process.argv[2]);
const socket = io(url, { transports, reconnectionDelay: 20, reconnectionDelayMax: 100 });
const say = (...words) => console.log(words.join(" "));
socket.on("connect", () => say("connect"));
socket.on("disconnect", (reason) => {
  say("disconnect", reason);
  socket.emit("echo", "while offline");
});
socket.on("echo", (text) => say("echo", text));
process.stdin.resume().on("end", () => process.exit());

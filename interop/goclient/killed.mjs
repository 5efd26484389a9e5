// The official client in a program that is killed as soon as it has connected.
// Usage: node killed.mjs '{"url": "...", "transports": [...]}'
import { io } from "socket.io-client";

const { url, transports } = JSON.parse(process.argv[2]);
io(url, { transports }).on("connect", () => process.kill(process.pid, "SIGKILL"));

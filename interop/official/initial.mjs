// A client of a server whose initial packet is the event "welcome": node initial.mjs URL TRANSPORTS
import assert from "node:assert/strict";
import { io } from "socket.io-client";

const [url, transports] = process.argv.slice(2);
const socket = io(url, { transports: transports.split(","), reconnection: false });
const log = [];
socket.on("connect", () => log.push("connect"));
socket.on("welcome", (...args) => log.push(["welcome", args]));
await new Promise((resolve) => socket.on("hello", resolve));
assert.deepEqual(log, [["welcome", [1]], "connect"]); // it is joined before it says so
socket.disconnect();

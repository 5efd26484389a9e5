// A client whose server is closed, and replaced: node restart.mjs URL TRANSPORTS
// It prints a line for each thing that happens to it, and ends when its input does.
import { io } from "socket.io-client";

const [url, transports] = process.argv.slice(2);
const socket = io(url, { transports: transports.split(","), reconnectionDelay: 10, reconnectionDelayMax: 20 });
socket.on("connect", () => console.log("connect"));
socket.on("disconnect", (reason) => console.log(`disconnect: ${reason}`));
socket.on("connect_error", (error) => console.log(`connect_error: ${error.message}`));
process.stdin.on("end", () => process.exit()).resume();

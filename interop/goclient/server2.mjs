// The official server of Socket.IO 2, which speaks older protocols.
// Usage: node server2.mjs
// It prints "listening <port>" and ends when its standard input does.
import { createServer } from "node:http";
import Server from "socket.io-v2";

const http = createServer();
Server(http);
http.listen(0, "127.0.0.1", () => console.log(`listening ${http.address().port}`));
process.stdin.on("end", () => process.exit());
process.stdin.resume();

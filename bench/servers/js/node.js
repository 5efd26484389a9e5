import { createServer } from "node:http";
import { Server } from "socket.io";
import { handle, options } from "./handlers.js";

const server = createServer();
handle(new Server(server, options));
server.listen(Number(process.env.PORT), "127.0.0.1");

if (process.env.DEBUG_PORT) {
  createServer((request, response) => {
    if (request.url === "/gc") globalThis.gc();
    response.end("{}");
  }).listen(Number(process.env.DEBUG_PORT), "127.0.0.1");
}

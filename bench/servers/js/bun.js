import { Server as Engine } from "@socket.io/bun-engine";
import { Server } from "socket.io";
import { handle, options } from "./handlers.js";

const io = new Server();
const engine = new Engine({ path: "/socket.io/", ...options });
io.bind(engine);
handle(io);

Bun.serve({
  ...engine.handler(),
  port: Number(process.env.PORT),
  hostname: "127.0.0.1",
});

if (process.env.DEBUG_PORT) {
  Bun.serve({
    port: Number(process.env.DEBUG_PORT),
    hostname: "127.0.0.1",
    fetch(request) {
      if (new URL(request.url).pathname === "/gc") Bun.gc(true);
      return new Response("{}");
    },
  });
}

// A server made of raw HTTP and WebSocket, to answer what no sane server would.
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

export const HANDSHAKE = `0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`;
export const ACCEPT = `40{"sid":"id"}`;

/**
 * Polling sessions that behave, apart from what the options say: `handshake(res, n)` answers the
 * n-th handshake (default HANDSHAKE), `accept` is the answer to what is posted first (default ACCEPT, null for nothing),
 * `websocket(ws, request)` gets accepted WebSockets. Emits "post" (body) and "poll" (count).
 */
export async function fakeServer({ handshake, accept = ACCEPT, websocket } = {}) {
  const fake = new EventEmitter();
  const queue = [];
  let waiting;
  let joined = false;
  Object.assign(fake, { handshakes: 0, polls: 0, posts: [], requests: [] });

  function flush() {
    if (!waiting || !queue.length) return;
    waiting.end(queue.shift());
    waiting = undefined;
  }

  /** Answers one poll with this payload. */
  fake.push = (payload) => {
    queue.push(payload);
    flush();
  };

  const server = createServer(async (req, res) => {
    fake.requests.push(req);
    const sid = new URL(req.url, "http://x").searchParams.get("sid");
    if (req.method === "POST") {
      let body = "";
      for await (const chunk of req.setEncoding("utf8")) body += chunk;
      fake.posts.push(body);
      res.end("ok");
      fake.emit("post", body);
      if (!joined && accept) fake.push(accept);
      joined = true;
    } else if (sid === null) {
      queue.length = 0;
      fake.handshakes++;
      if (handshake) handshake(res, fake.handshakes);
      else res.end(HANDSHAKE);
      waiting = undefined;
      joined = false;
    } else {
      waiting = res;
      res.on("close", () => fake.emit("answered or aborted"));
      fake.emit("poll", ++fake.polls);
      flush();
    }
  });
  if (websocket) {
    new WebSocketServer({ server }).on("connection", (ws, req) => {
      ws.on("error", () => {});
      websocket(ws, req);
    });
  }
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  fake.url = `http://127.0.0.1:${server.address().port}`;
  fake.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return fake;
}

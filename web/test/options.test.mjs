// What the options and the URL mean for the requests which leave; in Node.
import { strict as assert } from "node:assert";
import { afterEach, describe, test } from "node:test";
import * as client from "../dist/socket.io.esm.min.js";
import { fakeServer, HANDSHAKE } from "./server/fake.mjs";
import { next } from "./tools.mjs";

const { io, Manager } = client;
const stops = [];

afterEach(() => {
  while (stops.length) stops.pop()();
});

async function serve(options) {
  const fake = await fakeServer(options);
  stops.push(fake.stop);
  return fake;
}

function connect(url, options) {
  const socket = io(url, { forceNew: true, transports: ["polling"], reconnectionDelay: 2, ...options });
  stops.push(() => socket.off() && socket.disconnect());
  return socket;
}

test("exports the names of the official client", () => {
  assert.deepEqual(Object.keys(client).sort(), ["Manager", "Socket", "connect", "default", "io", "protocol"]);
  assert.equal(client.default, io);
  assert.equal(client.connect.name, io.name);
  assert.equal(client.protocol, 5);
});

describe("URLs", () => {
  const good = {
    "http://localhost": ["http://localhost:80", "/"],
    "http://localhost:3000": ["http://localhost:3000", "/"],
    "https://localhost/a/b": ["https://localhost:443", "/a/b"],
    "ws://localhost/": ["http://localhost:80", "/"],
    "wss://localhost:81/ns?x=1": ["https://localhost:81", "/ns"],
    "HTTP://LocalHost/NS": ["http://localhost:80", "/NS"],
    "http://[::1]:8080/ns": ["http://[::1]:8080", "/ns"],
    "http://[2001:db8::1]": ["http://[2001:db8::1]:80", "/"],
    "http://user:pass@host:1/ns": ["http://host:1", "/ns"],
    "http://host/é ü?x#y": ["http://host:80", "/é ü"],
    "http://host#frag": ["http://host:80", "/"],
    "http://host?a=/b": ["http://host:80", "/"],
    "localhost:3000": ["https://localhost:3000", "/"],
    "//host/ns": ["https://host:443", "/ns"],
    "example.org": ["https://example.org:443", "/"],
  };
  for (const [url, want] of Object.entries(good)) {
    test(url, () => {
      const socket = io(url, { autoConnect: false, forceNew: true });
      assert.deepEqual([socket.io.uri, socket.nsp], want);
    });
  }

  for (const [url, message] of [
    [undefined, /outside a browser/],
    ["/ns", /outside a browser/],
    ["ftp://host", /invalid URL/],
    ["http://", /invalid URL/],
    ["http://host/" + "a".repeat(8000), /URI too long/],
  ]) {
    test(`refused: ${String(url).slice(0, 20)}`, () => {
      assert.throws(() => io(url, { autoConnect: false }), message);
    });
  }

  test("host, port and secure stand in for a URL", () => {
    const manager = new Manager({ host: "127.0.0.1", port: 1, autoConnect: false });
    manager.open(() => {});
    const { hostname, port, secure } = manager.engine;
    assert.deepEqual([hostname, port, secure], ["127.0.0.1", "1", false]);
  });
});

describe("requests", () => {
  const params = (req) => [...new URL(req.url, "http://x").searchParams.keys()];

  async function requestsOf(options, path) {
    const fake = await serve();
    const socket = connect(fake.url + (path ?? ""), options);
    await next(socket, "connect");
    return fake.requests;
  }

  test("have the user's parameters first, then the protocol's", async () => {
    const [first, second] = await requestsOf({ query: { b: 1, a: "x y" } });
    assert.deepEqual(params(first), ["b", "a", "EIO", "transport", "t"]);
    assert.deepEqual(params(second), ["b", "a", "EIO", "transport", "sid", "t"]);
    assert.match(first.url, /^\/socket\.io\/\?b=1&a=x%20y&EIO=4&transport=polling&t=\w{8,}/);
  });

  test("never have the same URL twice", async () => {
    const urls = (await requestsOf({})).map((req) => req.url);
    assert.equal(new Set(urls).size, urls.length);
  });

  test("go to the path they are told to", async () => {
    assert.match((await requestsOf({ path: "/my/path/" }))[0].url, /^\/my\/path\/\?/);
    assert.match((await requestsOf({ path: "/my", addTrailingSlash: false }))[0].url, /^\/my\?/);
  });

  test("may have another or no parameter against caches", async () => {
    assert.deepEqual(params((await requestsOf({ timestampParam: "ts" }))[0]), ["EIO", "transport", "ts"]);
    assert.deepEqual(params((await requestsOf({ timestampRequests: false }))[0]), ["EIO", "transport"]);
  });

  test("ask for base64 when told to", async () => {
    assert.deepEqual(params((await requestsOf({ forceBase64: true }))[0]), ["EIO", "transport", "t", "b64"]);
  });

  test("take a query as text, and from the URL", async () => {
    assert.deepEqual(params((await requestsOf({ query: "a=1&b=2" }))[0]).slice(0, 2), ["a", "b"]);
    assert.deepEqual(params((await requestsOf({}, "/?c=1"))[0]).slice(0, 1), ["c"]);
  });

  test("carry the extra headers, and those of their transport", async () => {
    const [first] = await requestsOf({
      extraHeaders: { "x-a": "1", "x-b": "1" },
      transportOptions: { polling: { extraHeaders: { "x-b": "2" } } },
    });
    assert.deepEqual([first.headers["x-a"], first.headers["x-b"]], [undefined, "2"]);
    const [other] = await requestsOf({ extraHeaders: { "x-a": "1" } });
    assert.equal(other.headers["x-a"], "1");
  });

  test("a POST is plain text", async () => {
    const post = (await requestsOf({})).find((req) => req.method === "POST");
    assert.equal(post.headers["content-type"], "text/plain;charset=UTF-8");
  });

  test("keep cookies in Node when told to, without a change to the user's headers", async () => {
    const handshake = (res, n) => {
      const cookies = ["a=1; Path=/; HttpOnly", `n=${n}`, "gone=1; Max-Age=0", "old=1; expires=Thu, 01 Jan 1970 00:00:00 GMT"];
      res.writeHead(200, { "Set-Cookie": cookies }).end(HANDSHAKE);
    };
    const fake = await serve({ handshake });
    const extraHeaders = { "x-a": "1" };
    const socket = connect(fake.url, { withCredentials: true, extraHeaders });
    await next(socket, "connect");
    assert.equal(fake.requests[0].headers.cookie, undefined);
    assert.equal(fake.requests[1].headers.cookie, "a=1; n=1");
    assert.equal(fake.requests[1].headers["x-a"], "1");
    fake.push("1");
    await next(socket, "connect");
    assert.equal(fake.requests.at(-1).headers.cookie, "a=1; n=2");
    assert.deepEqual(extraHeaders, { "x-a": "1" });
  });

  test("no cookies are kept otherwise", async () => {
    const fake = await serve({ handshake: (res) => res.writeHead(200, { "Set-Cookie": "a=1" }).end(HANDSHAKE) });
    await next(connect(fake.url), "connect");
    assert.equal(fake.requests[1].headers.cookie, undefined);
  });

  test("a WebSocket carries headers and sub-protocols in Node", async () => {
    const seen = [];
    const fake = await serve({
      websocket(ws, req) {
        seen.push([req.headers["x-a"], ws.protocol, new URL(req.url, "http://x").search]);
        ws.send(HANDSHAKE);
        ws.once("message", () => ws.send(`40{"sid":"id"}`));
      },
    });
    const options = { transports: ["websocket"], extraHeaders: { "x-a": "1" }, protocols: ["p", "q"] };
    await next(connect(fake.url, options), "connect");
    assert.deepEqual(seen, [["1", "p", "?EIO=4&transport=websocket"]]);
  });
});

test("payloads are as large as the server allows, never larger but for a single packet", async () => {
  const handshake = (res) => res.end(HANDSHAKE.replace("1000000", "20"));
  const fake = await serve({ handshake });
  const socket = connect(fake.url);
  await next(socket, "connect");
  fake.posts.length = 0;
  for (const event of ["a", "b", "é€", "c".repeat(30), "d", "e"]) socket.emit(event);
  socket.emit("end");
  while (!fake.posts.join().includes("end")) await next(fake, "post");
  assert.deepEqual(
    fake.posts.map((post) => post.split("\x1e").map((packet) => JSON.parse(packet.slice(2))[0])),
    [["a"], ["b", "é€"], ["c".repeat(30)], ["d", "e"], ["end"]],
  );
});

test("closing sends what is left, says goodbye, and ends the waiting poll", async () => {
  const fake = await serve();
  const socket = connect(fake.url);
  await next(socket, "connect");
  while (fake.polls < 2) await next(fake, "poll");
  const ended = next(fake, "answered or aborted");
  fake.posts.length = 0;
  socket.emit("a");
  socket.emit("b");
  socket.disconnect();
  await ended;
  assert.deepEqual(fake.posts.join("\x1e").split("\x1e"), [`42["a"]`, `42["b"]`, "41", "1"]);
});

test("rememberUpgrade begins with the transport that worked", async () => {
  const upgrades = HANDSHAKE.replace("[]", `["websocket"]`);
  const websocket = (ws, req) => {
    if (req.url.includes("sid=")) {
      ws.once("message", () => {
        ws.send("3probe");
        // As a server does, until the client has stopped polling.
        fake.on("poll", () => fake.push("6"));
        fake.push("6");
      });
    } else {
      ws.send(HANDSHAKE);
      ws.once("message", () => ws.send(`40{"sid":"id"}`));
    }
  };
  const fake = await serve({ handshake: (res) => res.end(upgrades), websocket });
  const options = { transports: ["polling", "websocket"], rememberUpgrade: true };
  const first = connect(fake.url, options);
  await next(first.io, "open");
  await next(first.io.engine, "upgrade");
  const second = connect(fake.url, options);
  assert.equal(second.io.engine.transport.name, "websocket");
  await next(second, "connect");
  const plain = connect(fake.url, { ...options, rememberUpgrade: false });
  assert.equal(plain.io.engine.transport.name, "polling");
});

describe("back-off", () => {
  const delays = (options, n) => {
    const { backoff } = new Manager("http://localhost", { autoConnect: false, ...options });
    return Array.from({ length: n }, () => backoff.duration());
  };

  test("doubles up to the maximum", () => {
    const options = { reconnectionDelay: 100, reconnectionDelayMax: 1000, randomizationFactor: 0 };
    assert.deepEqual(delays(options, 6), [100, 200, 400, 800, 1000, 1000]);
  });

  test("differs by the factor at most, both ways, never above the maximum", () => {
    const all = Array.from({ length: 500 }, () => delays({ randomizationFactor: 0.5 }, 4));
    for (let k = 0; k < 4; k++) {
      const column = all.map((row) => row[k]);
      const base = 1000 * 2 ** k;
      assert.ok(Math.min(...column) >= base / 2 && Math.max(...column) <= Math.min(base * 1.5, 5000));
      assert.ok(Math.min(...column) < base && Math.max(...column) >= Math.min(base, 5000));
    }
  });

  test("stays a number after days of failures", () => {
    assert.ok(delays({}, 5000).every((delay) => delay > 0 && delay <= 5000));
  });
});

test("another packet format can be used", async () => {
  class Encoder {
    encode({ type, nsp, data, id }) {
      return [JSON.stringify({ type, nsp, data, id })];
    }
  }
  class Decoder {
    on(event, listener) {
      this.listener = listener;
    }
    add(data) {
      this.listener(JSON.parse(data));
    }
    destroy() {}
  }
  const packet = (fields) => "4" + JSON.stringify({ nsp: "/", ...fields });
  const fake = await serve({ accept: packet({ type: 0, data: { sid: "own" } }) });
  const socket = connect(fake.url, { parser: { Encoder, Decoder } });
  await next(socket, "connect");
  assert.equal(socket.id, "own");
  fake.push(packet({ type: 2, data: ["a", 1] }));
  assert.deepEqual(await next(socket, "a"), [1]);
  fake.push("4{");
  assert.equal((await next(socket, "disconnect"))[0], "parse error");
});

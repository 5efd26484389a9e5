// Whatever a server answers, the program is told by connect_error or disconnect, the client comes
// back with growing delays, and nothing is thrown into the page: the test runner fails on that.
import { strict as assert } from "node:assert";
import { afterEach, describe, mock, test } from "node:test";
import { io } from "../dist/socket.io.esm.min.js";
import "../dist/socket.io.msgpack.min.js";
import { ACCEPT, fakeServer, HANDSHAKE } from "./server/fake.mjs";
import { next, take } from "./tools.mjs";

const packed = globalThis.io; // of the bundle for MessagePack
const stops = [];

afterEach(() => {
  while (stops.length) stops.pop()();
  mock.reset();
});

async function serve(options) {
  const fake = await fakeServer(options);
  stops.push(fake.stop);
  return fake;
}

function connect(url, options, client = io) {
  const socket = client(url, {
    forceNew: true,
    transports: ["polling"],
    reconnectionDelay: 2,
    reconnectionDelayMax: 16,
    randomizationFactor: 0,
    ...options,
  });
  stops.push(() => socket.off() && socket.disconnect());
  return socket;
}

/** The client is connected, and its next poll waits for an answer. */
async function waiting(fake) {
  while (fake.polls < 2) await next(fake, "poll");
}

/** Records the delays the manager takes. */
function delaysOf(manager) {
  const delays = [];
  const duration = manager.backoff.duration.bind(manager.backoff);
  manager.backoff.duration = () => delays[delays.push(duration()) - 1];
  return delays;
}

const wire = (object) => "0" + JSON.stringify(object);
const good = JSON.parse(HANDSHAKE.slice(1));

const handshakes = {
  "an empty body": "",
  "a page of HTML": "<html>login</html>",
  "no JSON": "0",
  "half a JSON object": `0{"sid":"s"`,
  "an array": "0[]",
  "null": "0null",
  "a number": "01",
  "no session id": wire({ ...good, sid: undefined }),
  "an empty session id": wire({ ...good, sid: "" }),
  "a number as session id": wire({ ...good, sid: 7 }),
  "no ping interval": wire({ ...good, pingInterval: undefined }),
  "text as ping time-out": wire({ ...good, pingTimeout: "20000" }),
  "negative times": wire({ ...good, pingInterval: -1e9 }),
  "no time at all": wire({ ...good, pingInterval: 0, pingTimeout: 0 }),
  "a message": "4hello",
  "a close": "1",
  "a no-operation": "6",
  "an unknown type": "9",
  "an attachment": "bAAEC",
  "broken base64": "b%%%",
  "bad UTF-8": Buffer.from([0x30, 0x7b, 0xff, 0xfe, 0xc0]),
};

describe("handshake by polling", () => {
  for (const [name, body] of Object.entries(handshakes)) {
    test(name, async () => {
      const fake = await serve({ handshake: (res) => res.end(body) });
      const socket = connect(fake.url, { reconnectionAttempts: 3 });
      const delays = delaysOf(socket.io);
      const errors = take(socket, "connect_error", 4);
      await next(socket.io, "reconnect_failed");
      for (const err of await errors) assert.equal(err.type, "TransportError");
      assert.deepEqual(delays, [2, 4, 8]);
      assert.equal(fake.handshakes, 4);
    });
  }

  const answers = {
    "status 500": (res) => res.writeHead(500).end("broken"),
    "status 204": (res) => res.writeHead(204).end(),
    "redirection to itself": (res) => res.writeHead(302, { Location: "/socket.io/?EIO=4" }).end(),
    "a reset": (res) => res.socket.destroy(),
    "half an answer": (res) => {
      res.writeHead(200, { "Content-Length": 1000 });
      res.write(HANDSHAKE, () => res.socket.destroy());
    },
    "broken compression": (res) => res.writeHead(200, { "Content-Encoding": "gzip" }).end("nonsense"),
  };
  for (const [name, handshake] of Object.entries(answers)) {
    test(name, async () => {
      const fake = await serve({ handshake });
      const socket = connect(fake.url, { reconnectionAttempts: 2 });
      const errors = take(socket, "connect_error", 3);
      await next(socket.io, "reconnect_failed");
      for (const err of await errors) assert.equal(err.message, "xhr poll error");
    });
  }

  test("the error carries the status and the answer", async () => {
    const fake = await serve({ handshake: (res) => res.writeHead(403).end("no") });
    const [err] = await next(connect(fake.url), "connect_error");
    assert.equal(err.description, 403);
    assert.deepEqual({ ...err.context }, { status: 403, responseText: "no" });
  });

  test("silence ends with a time-out, and the request is aborted", async () => {
    let aborted;
    const closed = new Promise((resolve) => (aborted = resolve));
    const fake = await serve({ handshake: (res) => res.on("close", aborted) });
    const socket = connect(fake.url, { timeout: 20, reconnection: false });
    const [err] = await next(socket, "connect_error");
    assert.equal(err.message, "timeout");
    await closed;
  });

  test("a request may have a time limit of its own", async () => {
    const fake = await serve({ handshake() {} });
    const [err] = await next(connect(fake.url, { requestTimeout: 20 }), "connect_error");
    assert.equal(err.message, "xhr poll error");
  });

  const absurd = {
    "times of many years": { pingInterval: 1e300, pingTimeout: 1e300 },
    "infinite times": { pingInterval: Infinity },
    "upgrades that are no list": { upgrades: "websocket" },
    "upgrades of any kind": { upgrades: [null, 1, {}, "carrier pigeon"] },
    "a payload limit of nothing": { maxPayload: 0 },
    "a negative payload limit": { maxPayload: -5 },
    "a payload limit of one byte": { maxPayload: 1 },
    "no payload limit": { maxPayload: undefined },
    "__proto__ as session id": { sid: "__proto__" },
  };
  for (const [name, fields] of Object.entries(absurd)) {
    test(`${name}: usable all the same`, async () => {
      const text = wire({ ...good, ...fields }).replace('"pingInterval":null', '"pingInterval":1e999');
      const fake = await serve({ handshake: (res) => res.end(text) });
      const socket = connect(fake.url, { upgrade: true, transports: ["polling", "websocket"] });
      await next(socket, "connect");
      socket.emit("a", 1);
      socket.emit("b", 2);
      while (!fake.posts.join().includes('42["b",2]')) await next(fake, "post");
      assert.ok(socket.connected);
    });
  }
});

describe("handshake by WebSocket", () => {
  for (const [name, body] of Object.entries(handshakes)) {
    if (typeof body !== "string") continue;
    test(name, async () => {
      const fake = await serve({ websocket: (ws) => ws.send(body) });
      const socket = connect(fake.url, { transports: ["websocket"], reconnectionAttempts: 2 });
      const delays = delaysOf(socket.io);
      const errors = take(socket, "connect_error", 3);
      await next(socket.io, "reconnect_failed");
      for (const err of await errors) assert.equal(err.type, "TransportError");
      assert.deepEqual(delays, [2, 4]);
    });
  }

  const ends = {
    "closed at once": (ws) => ws.close(),
    "closed with a code": (ws) => ws.close(4000, "go away"),
    "cut": (ws) => ws.terminate(),
    "bad UTF-8": (ws) => ws._socket.write(Buffer.from([0x81, 2, 0xff, 0xfe])),
    "a frame that breaks the rules": (ws) => ws._socket.write(Buffer.from([0xff, 0xff, 0xff])),
  };
  for (const [name, websocket] of Object.entries(ends)) {
    test(name, async () => {
      const fake = await serve({ websocket });
      const socket = connect(fake.url, { transports: ["websocket"], reconnectionAttempts: 2 });
      const errors = take(socket, "connect_error", 3);
      await next(socket.io, "reconnect_failed");
      assert.equal((await errors).length, 3);
    });
  }

  test("no WebSocket at all, and no transport at all", async () => {
    const fake = await serve();
    const options = { reconnection: false };
    const [err] = await next(connect(fake.url, { ...options, transports: ["websocket"] }), "connect_error");
    assert.equal(err.message, "websocket error");
    const [none] = await next(connect(fake.url, { ...options, transports: ["smoke"] }), "connect_error");
    assert.equal(none.message, "No transports available");
  });

  test("tryAllTransports goes on to polling", async () => {
    const fake = await serve();
    const socket = connect(fake.url, { transports: ["websocket", "polling"], tryAllTransports: true });
    await next(socket, "connect");
    assert.equal(socket.io.engine.transport.name, "polling");
  });
});

const fatal = {
  "an unknown packet": ["47"],
  "an empty packet": ["4"],
  "text": ["4abc"],
  "an event that is an object": ["42{}"],
  "an event without a name": ["42[]"],
  "an event without anything": ["42"],
  "an event with a reserved name": [`42["disconnect"]`],
  "an event with a name that is no name": [`42[null]`],
  "an event with broken JSON": [`42["a"`],
  "an acknowledgement that is no list": [`430{}`],
  "an absurd id": [`42${"9".repeat(400)}["a"]`],
  "a number of attachments for plain text": [`421-["a"]`],
  "no number of attachments": [`45["a"]`],
  "no attachments": [`450-["a"]`],
  "endless attachments": [`45${"9".repeat(400)}-["a"]`],
  "too many attachments": [`451001-["a"]`],
  "an attachment not asked for": ["bAAEC"],
  "text where an attachment is due": [`451-["a",{"_placeholder":true,"num":0}]`, `42["b"]`],
  "a placeholder out of range": [`451-["a",{"_placeholder":true,"num":1}]`, "bAAEC"],
  "a negative placeholder": [`451-["a",{"_placeholder":true,"num":-1}]`, "bAAEC"],
  "a placeholder that is no number": [`451-["a",{"_placeholder":true,"num":"length"}]`, "bAAEC"],
  "a placeholder for no element": [`451-["a",{"_placeholder":true,"num":0.5}]`, "bAAEC"],
  "endless nesting": [`451-["a",${"[".repeat(2e5)}${"]".repeat(2e5)}]`, "bAAEC"],
};

describe("packets nobody may send", () => {
  for (const [name, payload] of Object.entries(fatal)) {
    test(name, async () => {
      const fake = await serve();
      const socket = connect(fake.url);
      await next(socket, "connect");
      const again = next(socket.io, "reconnect");
      fake.push(payload.join("\x1e"));
      const [reason, details] = await next(socket, "disconnect");
      assert.equal(reason, "parse error");
      assert.ok(details instanceof Error);
      await again;
      await next(socket, "connect");
      assert.equal(fake.handshakes, 2);
    });
  }

  for (const payload of ["", "9", "x", "b%%%", "2\x1e\x1e2"]) {
    test(`a payload of ${JSON.stringify(payload)}`, async () => {
      const fake = await serve();
      const socket = connect(fake.url);
      await next(socket, "connect");
      fake.push(payload);
      assert.equal((await next(socket, "disconnect"))[0], "transport error");
      await next(socket, "connect");
    });
  }

  test("events without end before the connection is accepted", async () => {
    const fake = await serve({ accept: null });
    const socket = connect(fake.url);
    await next(socket.io, "open");
    let called = 0;
    socket.on("a", () => called++);
    fake.push(Array(100_001).fill(`42["a"]`).join("\x1e"));
    const [reason, details] = await next(socket, "disconnect");
    assert.equal(reason, "parse error");
    assert.match(details.message, /too many packets/);
    assert.deepEqual([called, socket.receiveBuffer.length], [0, 0]);
  });
});

test("packets that are not asked for change nothing", async () => {
  const fake = await serve();
  const socket = connect(fake.url);
  await next(socket, "connect");
  const lost = [];
  for (const event of ["connect", "connect_error", "disconnect"]) socket.on(event, () => lost.push(event));
  fake.push(
    [
      `40{"sid":"other"}`,
      `44{"message":"late"}`,
      `4399["unknown"]`,
      `42/elsewhere,["a"]`,
      `41/elsewhere,`,
      `40/elsewhere,{"sid":"x"}`,
      `0{"sid":"new"}`,
      "3",
      "3probe",
      "5",
      "6",
      `42["end"]`,
    ].join("\x1e"),
  );
  await next(socket, "end");
  assert.deepEqual([lost, socket.id, socket.connected], [[], "id", true]);
});

test("a second acknowledgement is ignored", async () => {
  const fake = await serve();
  const socket = connect(fake.url);
  await next(socket, "connect");
  const answers = [];
  socket.emit("a", (answer) => answers.push(answer));
  fake.push(`430["one"]\x1e430["two"]\x1e42["end"]`);
  await next(socket, "end");
  assert.deepEqual(answers, ["one"]);
});

test("our acknowledgement leaves once, and never on a later connection", async () => {
  const fake = await serve();
  const socket = connect(fake.url);
  await next(socket, "connect");
  const acks = [];
  socket.on("question", (ack) => acks.push(ack));
  fake.push(`427["question"]\x1e428["question"]\x1e42["end"]`);
  await next(socket, "end");
  acks[0](1);
  acks[0](2);
  socket.io.engine.close();
  await next(socket, "connect");
  acks[1](3);
  socket.emit("last");
  while (!fake.posts.join().includes("last")) await next(fake, "post");
  const sent = fake.posts.join("\x1e").split("\x1e");
  assert.deepEqual(sent.filter((packet) => packet.startsWith("43")), ["437[1]"]);
});

test("an acceptance without a session id refuses", async () => {
  for (const accept of ["40", "40{}", `40{"sid":1}`]) {
    const fake = await serve({ accept });
    const socket = connect(fake.url);
    const [err] = await next(socket, "connect_error");
    assert.match(err.message, /session id/);
    assert.deepEqual([socket.active, socket.connected], [false, false]);
  }
});

test("a refusal may be anything", async () => {
  for (const [accept, message] of [
    [`44{"message":"no"}`, "no"],
    [`44"no"`, "no"],
    ["44{}", ""],
  ]) {
    const fake = await serve({ accept });
    const [err] = await next(connect(fake.url), "connect_error");
    assert.equal(err.message, message);
  }
});

test("a server that accepts and hangs up is asked less and less often", async () => {
  const fake = await serve({ accept: "1" });
  const socket = connect(fake.url);
  const delays = delaysOf(socket.io);
  for (let i = 0; i < 6; i++) await next(socket, "disconnect");
  assert.deepEqual(delays.slice(0, 5), [2, 4, 8, 16, 16]);
});

test("a good connection makes the next delay short again", async () => {
  const fake = await serve({ handshake: (res, n) => res.end(n < 4 ? "" : HANDSHAKE) });
  const socket = connect(fake.url);
  const delays = delaysOf(socket.io);
  await next(socket, "connect");
  fake.push("1");
  await next(socket, "connect");
  assert.deepEqual(delays, [2, 4, 8, 2]);
});

test("a closed packet, a failing poll and a failing post end the connection", async () => {
  const fake = await serve();
  const socket = connect(fake.url);
  await next(socket, "connect");
  fake.push("1");
  const [reason, details] = await next(socket, "disconnect");
  assert.deepEqual([reason, details.description], ["transport close", "transport closed by the server"]);
  await next(socket, "connect");
  fake.stop();
  assert.equal((await next(socket, "disconnect"))[0], "transport error");
});

test("a silent server ends in a ping time-out", async () => {
  const handshake = (res) => res.end(wire({ ...good, pingInterval: 10, pingTimeout: 10 }));
  const fake = await serve({ handshake });
  const socket = connect(fake.url);
  await next(socket, "connect");
  assert.equal((await next(socket, "disconnect"))[0], "ping timeout");
  await next(socket, "connect");
});

test("a page that was asleep does not send into a dead connection", async () => {
  const fake = await serve();
  const socket = connect(fake.url);
  await next(socket, "connect");
  mock.timers.enable({ apis: ["Date"], now: Date.now() + 45001 });
  socket.emit("a", 1);
  assert.equal(socket.sendBuffer.length, 1);
  assert.equal((await next(socket, "disconnect"))[0], "ping timeout");
  mock.timers.reset();
  await next(socket, "connect");
  while (!fake.posts.includes(`42["a",1]`)) await next(fake, "post");
});

test("a server that answers every poll with nothing is not asked in a tight loop", async () => {
  const fake = await serve();
  const socket = connect(fake.url);
  await next(socket, "connect");
  await waiting(fake);
  mock.timers.enable({ apis: ["setTimeout"] });
  const requests = mock.method(globalThis, "fetch").mock;
  for (let i = 0; i < 3; i++) {
    const packet = next(socket.io.engine, "packet");
    fake.push("6");
    await packet;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(requests.callCount(), i);
    const poll = next(fake, "poll");
    mock.timers.tick(100);
    await poll;
  }
});

describe("a probe that fails leaves the session on polling", () => {
  const probes = {
    "closed at once": (ws) => ws.close(),
    "nonsense": (ws) => ws.send("x"),
    "a wrong answer": (ws) => ws.send("3"),
    "a message": (ws) => ws.send(`42["a"]`),
    "binary": (ws) => ws.send(Buffer.from([1])),
    "closed after the answer": (ws) => ws.send("3probe", () => ws.close()),
    "answered twice": (ws) => (ws.send("3probe"), ws.send("3probe")),
  };
  for (const [name, answer] of Object.entries(probes)) {
    test(name, async () => {
      const fake = await serve({
        handshake: (res) => res.end(wire({ ...good, upgrades: ["websocket"] })),
        websocket: (ws) => ws.once("message", () => waiting(fake).then(() => answer(ws))),
      });
      const socket = connect(fake.url, { transports: ["polling", "websocket"] });
      await next(socket.io, "open");
      const [err] = await next(socket.io.engine, "upgradeError");
      assert.equal(err.message, "probe error");
      assert.ok(socket.connected);
      const { engine } = socket.io;
      assert.deepEqual([engine.transport.name, engine.upgrading], ["polling", false]);
      for (const id of [0, 1, 2]) {
        const answered = socket.emitWithAck("a");
        while (!fake.posts.join().includes(`42${id}["a"]`)) await next(fake, "post");
        fake.push(`43${id}["still here"]`);
        assert.equal(await answered, "still here");
      }
    });
  }
});

test("what is sent during a probe waits and keeps its order", async () => {
  const texts = [];
  const fake = await serve({
    handshake: (res) => res.end(wire({ ...good, upgrades: ["websocket"] })),
    websocket: (ws) => {
      ws.on("message", (data) => {
        texts.push(String(data));
        if (texts.length === 1) waiting(fake).then(() => ws.send("3probe"));
        if (texts.length === 4) ws.send(`42["end"]`);
      });
    },
  });
  const socket = connect(fake.url, { transports: ["polling", "websocket"] });
  await next(socket, "connect");
  if (!socket.io.engine.upgrading) await next(socket.io.engine, "upgrading");
  socket.emit("a");
  socket.emit("b");
  fake.push("6");
  await next(socket, "end");
  assert.deepEqual(texts, ["2probe", "5", `42["a"]`, `42["b"]`]);
});

test("several packets of one answer are handled up to the close, none after", async () => {
  const fake = await serve();
  const socket = connect(fake.url, { reconnection: false });
  await next(socket, "connect");
  const heard = [];
  socket.onAny((event) => heard.push(event));
  fake.push(`42["a"]\x1e1\x1e42["b"]`);
  await next(socket, "disconnect");
  assert.deepEqual(heard, ["a"]);
});

test("a listener that disconnects in the middle of an answer is the last to hear of it", async () => {
  const fake = await serve({ accept: `42["early",1]\x1e42["early",2]\x1e${ACCEPT}\x1e42["late"]` });
  const socket = connect(fake.url);
  const heard = [];
  socket.onAny((event, arg) => {
    heard.push(event + arg);
    socket.disconnect();
  });
  let connected = 0;
  socket.on("connect", () => connected++);
  await next(socket, "disconnect");
  assert.deepEqual([heard, connected], [["early1"], 0]);
});

// MessagePack in hexadecimal, as polling carries it.
const base64 = (hex) => "b" + Buffer.from(hex.replaceAll(" ", ""), "hex").toString("base64");
const HEAD = "83 a4 74797065 02 a3 6e7370 a1 2f a4 64617461"; // { type: 2, nsp: "/", data: …
const GRANTED = "83 a4 74797065 00 a3 6e7370 a1 2f a4 64617461 81 a3 736964 a2 6964";

describe("MessagePack", () => {
  const broken = {
    "nothing": "",
    "an unused type": "c1",
    "cut off in a number": HEAD + "92 a1 65 cd 01",
    "cut off in a text": HEAD + "92 a1 65 d9 ff 61",
    "an array longer than the message": HEAD + "dd ffffffff a1 65",
    "a map longer than the message": HEAD + "df ffffffff a1 65 01",
    "a binary longer than the message": HEAD + "92 a1 65 c6 ffffffff 01",
    "a time of three bytes": HEAD + "92 a1 65 c7 03 ff 010203",
    "more than a packet": HEAD + "91 a1 65 c0",
    "endless nesting": HEAD + "91".repeat(100_000),
    "no map": "91 01",
    "null": "c0",
    "no type": "82 a3 6e7370 a1 2f a4 64617461 91 a1 65",
    "an unknown type": HEAD.replace("65 02", "65 07") + "91 a1 65",
    "no namespace": "82 a4 74797065 02 a4 64617461 91 a1 65",
    "no event": HEAD + "90",
    "an event without a name": HEAD + "91 c0",
    "a reserved event": HEAD + "91 a7 636f6e6e656374",
    "a fraction as id": "84" + HEAD.slice(2) + "91 a1 65 a2 6964 cb 3ff8000000000000",
  };
  for (const [name, hex] of Object.entries(broken)) {
    test(name, async () => {
      const fake = await serve({ accept: base64(GRANTED) });
      const socket = connect(fake.url, { reconnection: false }, packed);
      await next(socket, "connect");
      fake.push(base64(hex));
      assert.equal((await next(socket, "disconnect"))[0], "parse error");
    });
  }

  test("every type of value", async () => {
    const fake = await serve({ accept: base64(GRANTED) });
    const socket = connect(fake.url, {}, packed);
    await next(socket, "connect");
    const values = {
      "7f": 127, "e0": -32, "cc ff": 255, "cd ffff": 65535, "ce ffffffff": 4294967295, "cf 001fffffffffffff": 2 ** 53 - 1,
      "d0 80": -128, "d1 8000": -32768, "d2 80000000": -(2 ** 31), "d3 ffe0000000000001": -(2 ** 53) + 1,
      "ca 3fc00000": 1.5, "cb 3ff8000000000000": 1.5, "c0": null, "c2": false, "c3": true,
      "a1 61": "a", "d9 01 61": "a", "da 0001 61": "a", "db 00000001 c3": "\ufffd",
      "91 01": [1], "dc 0001 01": [1], "dd 00000001 01": [1],
      "81 a1 61 01": { a: 1 }, "de 0001 a1 61 01": { a: 1 }, "df 00000001 01 02": { 1: 2 },
      "c4 01 07": Buffer.from([7]), "c5 0001 07": Buffer.from([7]), "c6 00000001 07": Buffer.from([7]),
      "d4 00 00": undefined, "d7 00 00000000000004d2": new Date(1234), "d7 00 ffffffffffffffff": new Date(-1),
      "c7 01 00 07": Buffer.from([7]), "c8 0008 00 0102030405060708": Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]),
      "d5 05 0102": [5, Buffer.from([1, 2])],
      "d6 ff 00000001": new Date(1000), "d7 ff 77359400 00000001": new Date(1500), "c7 0c ff 1dcd6500 0000000000000001": new Date(1500),
    };
    const hex = Object.keys(values);
    const received = next(socket, "e");
    fake.push(base64(HEAD + "dc " + (hex.length + 1).toString(16).padStart(4, "0") + "a1 65" + hex.join("")));
    assert.deepEqual(await received, Object.values(values));
  });

  test("a member cannot be the prototype", async () => {
    const fake = await serve({ accept: base64(GRANTED) });
    const socket = connect(fake.url, {}, packed);
    await next(socket, "connect");
    const received = next(socket, "e");
    fake.push(base64(HEAD + "92 a1 65 81 a9" + Buffer.from("__proto__").toString("hex") + "81 a1 78 01"));
    const [value] = await received;
    assert.deepEqual([value.x, Object.keys(value), Object.getPrototypeOf(value)], [undefined, ["__proto__"], Object.prototype]);
  });
});

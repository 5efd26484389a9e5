// A client of Socket.IO 1.7, 2.5 or 3.1 against our server.
// node client.cjs <1|2|3> <url> <transport>[,<transport>][,base64|recovery|msgpack] | refused
const assert = require("node:assert/strict");

const [version, url, mode] = process.argv.slice(2);
const io = require(`socket.io-client-v${version}`);
const msgpack = require("socket.io-msgpack-parser");
const words = mode.split(",");
const transports = words.filter((w) => w === "polling" || w === "websocket");
const options = {
  transports: transports.length > 0 ? transports : ["polling"],
  forceBase64: words.includes("base64"),
  forceNew: true,
  reconnection: false,
  ...(words.includes("msgpack") && { parser: msgpack }),
};

// What is not the same in all versions. Before version 3 the heartbeat was the client's
// part, what authenticates it in a namespace a query, and its sockets had the id of the
// connection in theirs.
const { credentials, refused, reason, idIn } = {
  1: {
    credentials: (auth) => ({ query: new URLSearchParams(auth).toString() }),
    refused: "error",
    reason: (error) => error,
    idIn: (namespace, socket, main) => `${namespace}#${main.id}`, // the client does not know
  },
  2: {
    credentials: (auth) => ({ query: auth }),
    refused: "error",
    reason: (error) => error,
    idIn: (namespace, socket) => socket.id,
  },
  3: {
    credentials: (auth) => ({ auth }),
    refused: "connect_error",
    reason: (error) => error.data ?? error.message,
    idIn: (namespace, socket) => socket.id,
  },
}[version];

const next = (emitter, event) => new Promise((resolve) => emitter.once(event, (...args) => resolve(args)));
const ask = (socket, ...args) => new Promise((resolve) => socket.emit(...args, (...answer) => resolve(answer)));
const close = (manager) => (manager.close ?? manager._close).call(manager);

// With recovery the server puts an offset behind the arguments of what it emits.
const plain = (args) => (words.includes("recovery") ? args.slice(0, -1) : args);

async function main() {
  if (mode === "refused") {
    for (const transport of ["polling", "websocket"]) {
      await next(io(url, { ...options, transports: [transport] }), "connect_error");
    }
    return;
  }
  const socket = io(url, options);
  const greeting = next(socket, "greeting");
  await next(socket, "connect");
  assert.deepEqual(plain(await greeting), ["hello", socket.id]);

  // Messages go on while the transport is upgraded, in order.
  if (transports.length === 2) {
    const numbers = [];
    socket.on("echo", (n) => numbers.push(n));
    let sent = 0;
    while (socket.io.engine.transport.name === "polling") {
      socket.emit("echo", sent++);
      await ask(socket, "echo");
    }
    socket.emit("echo", sent++);
    await ask(socket, "echo");
    socket.off("echo");
    assert.deepEqual(numbers, [...Array(sent).keys()]);
  }
  assert.deepEqual(await ask(socket, "transport"), [transports.at(-1)]);

  const values = [
    ["text", "€ 日本語 😀", ""],
    [1, -1.5, true, null, { nested: { list: [1, "2", []] } }],
    [Buffer.from([1, 2, 3])],
    ["before", { nested: [Buffer.from("€ 😀"), Buffer.alloc(0)] }, Buffer.alloc(100_000, 7), "after 😀"],
    ["long 😀 ".repeat(20_000)],
    [],
  ];
  for (const args of values) {
    const echoed = next(socket, "echo");
    socket.emit("echo", ...args);
    assert.deepEqual(plain(await echoed), args);
    assert.deepEqual(await ask(socket, "echo", ...args), args);

    socket.once("question", (...rest) => rest.pop()(...rest));
    const said = next(socket, "you said");
    socket.emit("ask me", ...args);
    assert.deepEqual(plain(await said), args);
  }
  // Version 1 encodes the text of polls in its own way, which official servers since version 2
  // do not understand either. Echoes hide that.
  if (version !== "1" || transports.includes("websocket")) {
    assert.deepEqual(await ask(socket, "is it the euro", "€"), [true]);
    assert.deepEqual(await ask(socket, "the euro"), ["€ 😀"]);
  } else {
    assert.deepEqual(await ask(socket, "is it the euro", "€"), [false]);
  }

  const toRoom = next(socket, "echo");
  socket.emit("to my room", "by id");
  assert.deepEqual(plain(await toRoom), ["by id"]);

  // Several at once, text and binary mixed, arrive in order.
  const received = [];
  socket.on("echo", (n) => received.push(Buffer.isBuffer(n) ? n[0] : n));
  for (let i = 0; i < 100; i++) socket.emit("echo", i % 3 === 0 ? Buffer.from([i]) : i);
  await ask(socket, "echo");
  socket.off("echo");
  assert.deepEqual(received, [...Array(100).keys()]);

  // The connection outlives many heartbeats.
  for (let beats = 0; beats < 3; beats++) await next(socket.io.engine, "pong");

  await namespaces(socket);

  const kicked = next(socket, "disconnect");
  socket.emit("kick me");
  assert.deepEqual(await kicked, ["io server disconnect"]);
  close(socket.io);
}

async function namespaces(main) {
  const manager = main.io;
  const admin = manager.socket("/admin", credentials({ token: "a token, with €" }));
  const welcome = next(admin, "welcome");
  await next(admin, "connect");
  assert.deepEqual(plain(await welcome), [idIn("/admin", admin, main)]);
  const args = ["in a namespace", Buffer.from([1])];
  assert.deepEqual(await ask(admin, "echo", ...args), args);

  // Going away and coming back, over the same connection.
  admin.close();
  const again = next(admin, "welcome");
  admin.open();
  assert.deepEqual(plain(await again), [idIn("/admin", admin, main)]);
  admin.close();

  for (const [auth, error] of [
    [{}, "no token"],
    [{ token: "x&y=z" }, { token: "x&y=z" }],
  ]) {
    const other = new io.Manager(url, options);
    const [refusal] = await next(other.socket("/admin", credentials(auth)), refused);
    assert.deepEqual(reason(refusal), error);
    close(other);
  }
  const [refusal] = await next(manager.socket("/nowhere"), refused);
  assert.equal(refusal.message, "Invalid namespace");
}

process.exitCode = 1; // also if nothing is left to wait for before the end is reached
main().then(
  () => (process.exitCode = 0),
  (error) => console.error(error),
);

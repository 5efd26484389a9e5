// The client of Socket.IO 2.5 against our server.
// node client.cjs <url> <transport>[,<transport>][,base64|recovery] | refused
const assert = require("node:assert/strict");
const io = require("socket.io-client-v2");

const [url, mode] = process.argv.slice(2);
const words = mode.split(",");
const transports = words.filter((w) => w === "polling" || w === "websocket");
const options = {
  transports: transports.length > 0 ? transports : ["polling"],
  forceBase64: words.includes("base64"),
  forceNew: true,
  reconnection: false,
};

const next = (emitter, event) => new Promise((resolve) => emitter.once(event, (...args) => resolve(args)));
const ask = (socket, ...args) => new Promise((resolve) => socket.emit(...args, (...answer) => resolve(answer)));

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
    const upgraded = next(socket.io.engine, "upgrade");
    const numbers = [];
    socket.on("echo", (n) => numbers.push(n));
    let sent = 0;
    while (socket.io.engine.transport.name === "polling") {
      socket.emit("echo", sent++);
      await ask(socket, "echo");
    }
    await upgraded;
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

  // The heartbeat is the client's part, and the connection outlives many of them.
  let pongs = 0;
  socket.on("pong", () => pongs++);
  while (pongs < 3) await next(socket, "pong");

  await namespaces(socket.io);

  const kicked = next(socket, "disconnect");
  socket.emit("kick me");
  assert.deepEqual(await kicked, ["io server disconnect"]);
  socket.io.close();
}

async function namespaces(manager) {
  const admin = manager.socket("/admin", { query: { token: "a token, with €" } });
  const welcome = next(admin, "welcome");
  await next(admin, "connect");
  assert.deepEqual(plain(await welcome), [admin.id]);
  assert.match(admin.id, /^\/admin#/);
  const args = ["in a namespace", Buffer.from([1])];
  assert.deepEqual(await ask(admin, "echo", ...args), args);

  // Going away and coming back, over the same connection.
  admin.close();
  const again = next(admin, "welcome");
  admin.open();
  assert.deepEqual(plain(await again), [admin.id]);
  admin.close();

  for (const [query, error] of [
    [undefined, "no token"],
    [{ token: "x&y=z" }, { token: "x&y=z" }],
  ]) {
    const other = new io.Manager(url, options);
    assert.deepEqual(await next(other.socket("/admin", { query }), "error"), [error]);
    other.close();
  }
  const nowhere = manager.socket("/nowhere");
  assert.deepEqual(await next(nowhere, "error"), [{ message: "Invalid namespace" }]);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

// The official client, from a given address of this machine. It does what the request asks for and prints what
// it has seen, as one line of JSON for each thing.
// Usage: node client.mjs '{"url": "...", "transports": [...], "from": "127.0.0.2", "ca": "...", "do": ["everything"]}'
import http from "node:http";
import https from "node:https";
import { io } from "socket.io-client";

const request = JSON.parse(process.argv[2]);
const { url, transports, from, ca, extraHeaders, withCredentials } = request;
const agent = new (ca ? https : http).Agent({ localAddress: from, ca });
const upgrades = transports.length > 1;

const socket = io(url, { transports, extraHeaders, withCredentials, agent, ca, reconnectionDelay: 10, autoConnect: false });
const once = (target, event) => new Promise((done) => target.once(event, (...args) => done(args)));
const say = (what) => console.log(JSON.stringify(what));

// Every connection, the first and those after it, settles on a transport.
let settled;
socket.io.on("open", () => {
  const { engine } = socket.io;
  const name = () => engine.transport.name;
  settled = upgrades && name() === "polling" ? once(engine, "upgrade").then(name) : Promise.resolve(name());
});

const hex = (value) => (Buffer.isBuffer(value) ? value.toString("hex") : value);

const actions = {
  async connect() {
    socket.connect();
    await once(socket, "connect");
    return { transport: await settled };
  },
  // That somebody is refused shows in whichever comes first.
  async "fail to connect"() {
    const failed = Promise.race([once(socket.io, "close"), once(socket, "connect_error")]);
    socket.connect();
    await failed;
    return { failed: true };
  },
  async events() {
    const bytes = Buffer.from([0, 1, 255]);
    const echo = once(socket, "echo");
    socket.emit("echo", "to and fro", bytes);
    const question = once(socket, "question").then(([word, answer]) => answer(word + "!"));
    const asked = await socket.emitWithAck("ask me", "really");
    await question;
    return {
      echo: (await echo).map(hex),
      ack: hex(await socket.emitWithAck("echo", bytes)),
      asked,
      // Larger than the buffers of the proxies.
      large: (await socket.emitWithAck("echo", Buffer.alloc(600_000, 7))).length,
      text: (await socket.emitWithAck("echo", "x".repeat(900_000))).length,
    };
  },
  async order() {
    const numbers = [];
    const last = new Promise((done) =>
      socket.on("number", (n) => {
        numbers.push(n);
        if (n === 499) done();
      }),
    );
    socket.emit("count", 500);
    await last;
    return { ordered: numbers.every((n, i) => n === i) };
  },
  describe: () => socket.emitWithAck("describe"),
  which: () => socket.emitWithAck("which"),
  async "be dropped and come back"() {
    const before = socket.id;
    const disconnected = once(socket, "disconnect");
    const back = disconnected.then(() => once(socket, "connect"));
    socket.emit("drop me");
    const [reason] = await disconnected;
    await back;
    return { reason, transport: await settled, another: socket.id !== before, works: await socket.emitWithAck("echo", "hello again") };
  },
  async "survive a restart"() {
    const disconnected = once(socket, "disconnect");
    const back = disconnected.then(() => once(socket, "connect"));
    const before = await socket.emitWithAck("which");
    const [reason] = await disconnected;
    const buffered = socket.emitWithAck("echo", "said while away");
    await back;
    await settled;
    return { before, reason, buffered: await buffered, after: await socket.emitWithAck("which") };
  },
  // Waits until the word has come from somewhere.
  hear: async () => (await once(socket, "told"))[0],
  tell: () => (socket.emit("tell all", "the word"), null),
  async wait() {
    await new Promise((done) => process.stdin.once("data", done));
    return null;
  },
};

for (const action of request.do) {
  say({ action, result: await actions[action]() });
}
process.exit();

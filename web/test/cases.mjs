// What every client has to do, ours and the official one, over each transport, in Node and in a
// browser. A case gets: `connect(path, options)` for a socket that is cleaned up after it,
// `recoverable(path, options)` for the same on a server with connection state recovery, `io` and
// `Manager` of the client, `mode` (polling, websocket or upgrade), and `url` of the server.
// `ours` marks cases in which the official client has a known defect; `page` those for a browser;
// `throws` those with listeners that throw, which get `uncaught(n)` for the next n uncaught messages.
import { equal, next, ok, rejects, take, throws } from "./tools.mjs";

const FAST = { reconnectionDelay: 10, reconnectionDelayMax: 40 };

function bytes(...values) {
  return Uint8Array.from(values);
}

export const cases = [
  {
    name: "connects, gets an id and a first event",
    async run({ connect }) {
      const socket = connect("/");
      equal([socket.connected, socket.disconnected, socket.id], [false, true, undefined]);
      const hello = next(socket, "hello");
      await next(socket, "connect");
      equal([socket.connected, socket.disconnected, socket.active], [true, false, true]);
      equal([socket.id.length, socket.nsp, !socket.recovered], [20, "/", true]);
      equal((await hello)[0], { auth: {}, who: null, recovered: false });
    },
  },
  {
    name: "sends auth data and the query",
    async run({ connect }) {
      const socket = connect("/", { auth: { token: "é€😀" }, query: { who: "a b&c=d+é" } });
      const [hello] = await next(socket, "hello");
      equal(hello, { auth: { token: "é€😀" }, who: "a b&c=d+é", recovered: false });
    },
  },
  {
    name: "takes the query from the URL",
    async run({ connect }) {
      const socket = connect("/?who=me");
      equal(socket.nsp, "/");
      equal((await next(socket, "hello"))[0].who, "me");
    },
  },
  {
    name: "calls an auth function at every connection",
    async run({ connect }) {
      let n = 0;
      const socket = connect("/", { ...FAST, auth: (done) => Promise.resolve({ n: ++n }).then(done) });
      equal((await next(socket, "hello"))[0].auth, { n: 1 });
      socket.emit("cut");
      equal((await next(socket, "hello"))[0].auth, { n: 2 });
    },
  },
  {
    name: "carries every JSON value both ways",
    async run({ connect }) {
      const socket = connect("/");
      const values = [1, -1.5, true, false, null, "", "é€😀\u2028\x1e", [], {}, [[1, [2]]], { a: { b: [null] } }];
      for (const value of values) equal(await socket.emitWithAck("echo", value), value);
      equal(await socket.emitWithAck("echo", new Date(0)), "1970-01-01T00:00:00.000Z");
      equal(await socket.emitWithAck("echo", [undefined, NaN]), [null, null]);
      equal(await new Promise((done) => socket.emit("echo", 1, "2", [3], (...all) => done(all))), [1, "2", [3]]);
      equal(await new Promise((done) => socket.emit("echo", (...all) => done(all))), []);
      socket.emit("say", "a", { b: 1 });
      equal((await next(socket, "said")).slice(0, 2), ["a", { b: 1 }]);
      socket.send("plain");
      equal((await next(socket, "message"))[0], "plain");
    },
  },
  {
    name: "carries binary data both ways",
    async run({ connect }) {
      const socket = connect("/");
      const whole = bytes(0, 1, 2, 253, 254, 255);
      const sent = {
        buffer: whole.buffer,
        part: whole.subarray(1, 3),
        view: new DataView(whole.buffer, 3, 2),
        words: new Uint16Array([1, 2]),
        empty: new ArrayBuffer(0),
        deep: [{ list: [bytes(7)] }, "text", null],
        made: { toJSON: () => ({ inner: bytes(8) }) },
      };
      equal(await socket.emitWithAck("echo", sent), {
        buffer: bytes(0, 1, 2, 253, 254, 255),
        part: bytes(1, 2),
        view: bytes(253, 254),
        words: bytes(1, 0, 2, 0),
        empty: bytes(),
        deep: [{ list: [bytes(7)] }, "text", null],
        made: { inner: bytes(8) },
      });
      const back = await socket.emitWithAck("echo", bytes(1));
      equal(typeof Buffer === "function" ? Buffer.isBuffer(back) : back instanceof ArrayBuffer, true);
    },
  },
  {
    name: "hands over ArrayBuffers when told to",
    async run({ connect }) {
      const socket = connect("/");
      socket.io.engine.binaryType = "arraybuffer";
      const back = await socket.emitWithAck("echo", bytes(1, 2));
      ok(back instanceof ArrayBuffer);
      equal(back, bytes(1, 2));
    },
  },
  {
    name: "carries Blobs, in order with other events",
    ours: true,
    async run({ connect }) {
      const socket = connect("/");
      await next(socket, "connect");
      const said = take(socket, "said", 3);
      socket.emit("say", 1);
      socket.emit("say", { blob: new Blob([bytes(1, 2), "é"]) });
      socket.emit("say", 3);
      equal(await said, [1, { blob: bytes(1, 2, 0xc3, 0xa9) }, 3]);
    },
  },
  {
    name: "carries large messages, split as the server allows",
    async run({ connect }) {
      const socket = connect("/");
      const text = "é€😀 ".repeat(20000);
      const parts = [0, 1, 2, 3, 4, 5].map((i) => text + i);
      const echoes = parts.map((part) => socket.emitWithAck("echo", part));
      ok((await Promise.all(echoes)).every((echo, i) => echo === parts[i]));
      const blob = new Uint8Array(300000).map((_, i) => i % 251);
      const back = await socket.emitWithAck("echo", blob);
      equal(back.byteLength, 300000);
      ok(new Uint8Array(back).every((byte, i) => byte === i % 251));
    },
  },
  {
    name: "keeps the order of events, through an upgrade too",
    async run({ connect }) {
      const socket = connect("/");
      const numbers = take(socket, "number", 200);
      socket.emit("count", 200);
      equal(await numbers, [...Array(200).keys()]);
      const said = take(socket, "said", 200);
      for (let i = 0; i < 200; i++) {
        socket.emit("say", i);
        if (i % 20 === 0) await socket.emitWithAck("echo");
      }
      equal(await said, [...Array(200).keys()]);
    },
  },
  {
    name: "uses the transports it was told to",
    async run({ connect, mode }) {
      const socket = connect("/", { rememberUpgrade: false });
      if (mode === "upgrade") {
        await next(socket.io, "open");
        equal(socket.io.engine.transport.name, "polling");
        const [transport] = await next(socket.io.engine, "upgrade");
        equal(transport.name, "websocket");
        equal(socket.io.engine.transport.name, "websocket");
      } else {
        await next(socket, "connect");
        equal(socket.io.engine.transport.name, mode);
      }
      equal(await socket.emitWithAck("echo", "after"), "after");
    },
  },
  {
    name: "hears the pings of the server",
    async run({ connect }) {
      const socket = connect("/");
      await next(socket.io, "ping");
      await next(socket.io, "ping");
      ok(socket.connected);
    },
  },
  {
    name: "answers the server's acknowledgements, once",
    async run({ connect }) {
      const socket = connect("/");
      socket.on("question", (a, b, ack) => {
        ack(a + 1, bytes(...new Uint8Array(b), 9));
        ack("again");
      });
      let answers = 0;
      socket.on("answered", () => answers++);
      socket.emit("ask", 1, bytes(8));
      equal((await next(socket, "answered")).slice(0, 2), [2, bytes(8, 9)]);
      await socket.emitWithAck("echo");
      equal(answers, 1);
    },
  },
  {
    name: "gives up waiting for an acknowledgement",
    async run({ connect }) {
      const socket = connect("/");
      await next(socket, "connect");
      await rejects(socket.timeout(20).emitWithAck("silent"), /^operation has timed out$/);
      const [err] = await new Promise((done) => socket.timeout(20).emit("silent", (...all) => done(all)));
      equal(err.message, "operation has timed out");
      const answer = await new Promise((done) => socket.timeout(5000).emit("echo", 1, 2, (...all) => done(all)));
      equal(answer, [null, 1, 2]);
      equal(await socket.timeout(5000).emitWithAck("echo", 3), 3);
    },
  },
  {
    name: "applies ackTimeout to every event",
    async run({ connect }) {
      const socket = connect("/", { ackTimeout: 5000 });
      equal(await new Promise((done) => socket.emit("echo", 1, (...all) => done(all))), [null, 1]);
      equal(await socket.emitWithAck("echo", 2), 2);
    },
  },
  {
    name: "takes a timed out event back if it was not sent",
    async run({ connect, deadUrl, io }) {
      const socket = connect(deadUrl, { reconnection: false });
      await rejects(socket.timeout(10).emitWithAck("echo"), /^operation has timed out$/);
      equal(socket.sendBuffer.length, 0);
    },
  },
  {
    name: "tells waiting acknowledgements about a disconnection",
    async run({ connect }) {
      const socket = connect("/");
      await next(socket, "connect");
      let called = false;
      socket.emit("silent", () => (called = true));
      const waiting = rejects(socket.emitWithAck("silent"), /^socket has been disconnected$/);
      const timed = rejects(socket.timeout(5000).emitWithAck("silent"), /^socket has been disconnected$/);
      socket.disconnect();
      await waiting;
      await timed;
      equal(called, false);
    },
  },
  {
    name: "keeps what is emitted while offline and sends it in order",
    async run({ connect }) {
      const socket = connect("/", { autoConnect: false });
      const order = [];
      socket.onAnyOutgoing((event, arg) => order.push(arg));
      socket.on("connect", () => order.push("connect"));
      const said = take(socket, "said", 3);
      for (let i = 0; i < 3; i++) socket.emit("say", i);
      equal([socket.sendBuffer.length, order], [3, []]);
      socket.connect();
      equal(await said, [0, 1, 2]);
      equal(order, [0, 1, 2, "connect"]);
      equal(socket.sendBuffer.length, 0);
    },
  },
  {
    name: "drops volatile events while offline",
    async run({ connect }) {
      const socket = connect("/", { autoConnect: false });
      const heard = [];
      socket.on("said", (n) => heard.push(n));
      socket.volatile.emit("say", 1);
      socket.emit("say", 2);
      socket.connect();
      await next(socket, "connect");
      // Whether the transport is ready just now depends on what else it does.
      while (heard.length < 2) {
        socket.volatile.emit("say", 3);
        await socket.emitWithAck("echo");
      }
      equal(heard.slice(0, 2), [2, 3]);
    },
  },
  {
    name: "drops volatile events after a disconnection",
    ours: true,
    async run({ connect }) {
      const socket = connect("/", { reconnection: false });
      await next(socket, "connect");
      socket.emit("cut");
      await next(socket, "disconnect");
      socket.volatile.emit("say", 1);
      equal(socket.sendBuffer.length, 0);
    },
  },
  {
    name: "tells catch-all listeners first, of both directions",
    async run({ connect }) {
      const socket = connect("/");
      await next(socket, "hello");
      const heard = [];
      const any = (event, arg) => heard.push("any " + event + arg);
      const first = (event, arg) => heard.push("first " + event + arg);
      const out = (event, arg) => heard.push("out " + event + arg);
      socket.onAny(any).prependAny(first).onAnyOutgoing(out);
      equal([socket.listenersAny().length, socket.listenersAnyOutgoing().length], [2, 1]);
      socket.once("said", (arg) => heard.push("said " + arg));
      socket.emit("say", 1);
      await next(socket, "said");
      equal(heard, ["out say1", "first said1", "any said1", "said 1"]);
      socket.offAny(first).offAnyOutgoing();
      socket.emit("say", 2);
      await next(socket, "said");
      equal(heard.slice(4), ["any said2"]);
      socket.offAny();
      equal(socket.listenersAny().length, 0);
    },
  },
  {
    name: "adds and removes listeners",
    async run({ connect }) {
      const socket = connect("/", { autoConnect: false });
      const a = () => {};
      const b = () => {};
      socket.on("x", a).once("x", b).on("y", a);
      equal(socket.listeners("x").length, 2);
      ok(socket.listeners("x").includes(b) || socket.listeners("x")[1].fn === b);
      socket.off("x", b);
      equal(socket.listeners("x").length, 1);
      socket.off("x");
      equal([socket.hasListeners("x"), socket.hasListeners("y")], [false, true]);
      socket.removeAllListeners();
      equal(socket.hasListeners("y"), false);
    },
  },
  {
    name: "calls a once listener once, and one removed on the way not at all",
    async run({ connect }) {
      const socket = connect("/");
      const calls = [];
      socket.once("said", () => calls.push("once"));
      socket.on("said", (n) => calls.push(n));
      const said = take(socket, "said", 2);
      socket.emit("say", 1);
      socket.emit("say", 2);
      await said;
      equal(calls, ["once", 1, 2]);
    },
  },
  {
    name: "refuses the names of its own events",
    async run({ connect }) {
      const socket = connect("/", { autoConnect: false });
      for (const name of ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]) {
        throws(() => socket.emit(name), /is a reserved event name/);
      }
    },
  },
  {
    name: "throws for data that JSON cannot express, and goes on",
    async run({ connect }) {
      const socket = connect("/");
      await next(socket, "connect");
      const loop = {};
      loop.self = loop;
      throws(() => socket.emit("say", loop), /circular|call stack/i);
      throws(() => socket.emit("say", 1n), /BigInt/);
      equal(await socket.emitWithAck("echo", 1), 1);
    },
  },
  {
    name: "carries several namespaces on one connection",
    async run({ connect, mode }) {
      const main = connect("/");
      const chat = main.io.socket("/chat");
      ok(main.io.socket("/chat") === chat);
      await Promise.all([next(main, "connect"), next(chat, "connect")]);
      ok(chat.io === main.io && chat.id !== main.id);
      equal(await chat.emitWithAck("echo", "chat", mode), "chat");
      chat.disconnect();
      equal([chat.connected, chat.active, main.connected], [false, false, true]);
      equal(await main.emitWithAck("echo", "still"), "still");
      chat.connect();
      await next(chat, "connect");
      equal(await chat.emitWithAck("echo", "again"), "again");
    },
  },
  {
    name: "shares a connection unless told otherwise",
    async run({ io, url, options, cleanUp, key }) {
      const path = "/own" + key;
      const all = [
        io(url + "/", { ...options, autoConnect: false, path }),
        io(url + "/chat", { ...options, autoConnect: false, path }),
        io(url + "/", { ...options, autoConnect: false, path }),
        io(url + "/x", { ...options, autoConnect: false, path, forceNew: true }),
        io(url + "/y", { ...options, autoConnect: false, path, multiplex: false }),
        io(url + "/z", { ...options, autoConnect: false, path: path + "other" }),
      ];
      all.forEach(cleanUp);
      const managers = all.map((socket) => socket.io);
      ok(managers[0] === managers[1]);
      for (let i = 2; i < managers.length; i++) equal(managers.indexOf(managers[i]), i);
    },
  },
  {
    name: "says why it was refused and does not try again by itself",
    async run({ connect }) {
      const socket = connect("/vault", { ...FAST, auth: { token: "wrong" } });
      const [err] = await next(socket, "connect_error");
      ok(err instanceof Error);
      equal([err.message, err.data], ["not authorized", { code: 401 }]);
      equal([socket.connected, socket.active], [false, false]);
      socket.auth.token = "secret";
      socket.connect();
      equal((await next(socket, "hello"))[0].auth, { token: "secret" });
    },
  },
  {
    name: "is refused by a namespace that does not exist, without harm to others",
    async run({ connect }) {
      const main = connect("/");
      const none = main.io.socket("/none");
      equal((await next(none, "connect_error"))[0].message, "Invalid namespace");
      equal(await main.emitWithAck("echo", 1), 1);
    },
  },
  {
    name: "stays away after the server has disconnected it",
    async run({ connect }) {
      for (const event of ["leave", "leave all"]) {
        const socket = connect("/", FAST);
        await next(socket, "connect");
        socket.emit(event);
        equal((await next(socket, "disconnect"))[0], "io server disconnect");
        equal([socket.connected, socket.active, socket.id], [false, false, undefined]);
        socket.connect();
        await next(socket, "connect");
      }
    },
  },
  {
    name: "disconnects when asked, and connects again",
    async run({ connect }) {
      const socket = connect("/", FAST);
      await next(socket, "connect");
      const [reason] = await new Promise((done) => {
        socket.once("disconnect", (...all) => done(all));
        socket.disconnect();
      });
      equal(reason, "io client disconnect");
      equal([socket.connected, socket.active, socket.id], [false, false, undefined]);
      socket.connect();
      await next(socket, "connect");
      equal(await socket.emitWithAck("echo", 1), 1);
    },
  },
  {
    name: "reconnects after the connection was cut",
    async run({ connect }) {
      const socket = connect("/", FAST);
      await next(socket, "connect");
      const before = socket.id;
      const events = [];
      for (const event of ["open", "close", "reconnect_attempt", "reconnect"]) {
        socket.io.on(event, (arg) => events.push([event, arg]));
      }
      const disconnected = next(socket, "disconnect");
      socket.emit("cut");
      const [reason, details] = await disconnected;
      equal([reason, socket.active, socket.connected], ["transport close", true, false]);
      equal(typeof details.description, "string");
      await next(socket, "connect");
      ok(socket.id !== before);
      ok(!socket.recovered);
      equal(
        events.filter(([event]) => event !== "open"),
        [["close", "transport close"], ["reconnect_attempt", 1], ["reconnect", 1]],
      );
      equal(await socket.emitWithAck("echo", 1), 1);
    },
  },
  {
    name: "reconnects after its own engine was closed",
    async run({ connect }) {
      const socket = connect("/", FAST);
      await next(socket, "connect");
      const again = next(socket.io, "reconnect");
      socket.io.engine.close();
      await again;
      await next(socket, "connect");
    },
  },
  {
    name: "tries to reconnect as often as told, then gives up",
    async run({ connect, deadUrl }) {
      const socket = connect(deadUrl, { ...FAST, reconnectionAttempts: 2 });
      const events = [];
      for (const event of ["error", "reconnect_attempt", "reconnect_error", "reconnect_failed"]) {
        socket.io.on(event, (arg) => events.push(typeof arg === "number" ? event + arg : event));
      }
      socket.on("connect_error", (err) => {
        equal(err.type, "TransportError");
        events.push("connect_error");
      });
      await take(socket.io, "reconnect_error", 2);
      const errors = (list) => list.filter((event) => /^(connect_)?error$/.test(event)).length;
      equal(errors(events), 6);
      equal(
        events.filter((event) => /^reconnect/.test(event)),
        ["reconnect_attempt1", "reconnect_error", "reconnect_attempt2", "reconnect_failed", "reconnect_error"],
      );
      equal([socket.active, socket.connected], [true, false]);
    },
  },
  {
    name: "does not reconnect when told not to",
    async run({ connect, deadUrl }) {
      const socket = connect(deadUrl, { reconnection: false });
      let tries = 0;
      socket.io.on("reconnect_attempt", () => tries++);
      await next(socket, "connect_error");
      equal(tries, 0);
      socket.connect();
      await next(socket, "connect_error");
      equal(tries, 0);
    },
  },
  {
    name: "opens a manager with a callback",
    async run({ Manager, url, deadUrl, options }) {
      const manager = new Manager(url, { ...options, autoConnect: false, reconnection: false });
      equal(await new Promise((done) => manager.open(done)), undefined);
      manager.engine.close();
      const dead = new Manager(deadUrl, { ...options, autoConnect: false, reconnection: false });
      const err = await new Promise((done) => dead.open(done));
      ok(err instanceof Error);
    },
  },
  {
    name: "has the settings of the official manager",
    async run({ Manager, url }) {
      const manager = new Manager(url, { autoConnect: false });
      const names = ["reconnection", "reconnectionAttempts", "reconnectionDelay", "reconnectionDelayMax", "randomizationFactor", "timeout"];
      equal(names.map((name) => String(manager[name]())), ["true", "Infinity", "1000", "5000", "0.5", "20000"]);
      const values = [false, 3, 4, 5, 0.25, 6];
      names.forEach((name, i) => ok(manager[name](values[i]) === manager));
      equal(names.map((name) => manager[name]()), values);
    },
  },
  {
    name: "recovers its session and what it has missed",
    async run({ recoverable }) {
      const socket = recoverable("/", FAST);
      const missed = take(socket, "missed", 3);
      await next(socket, "hello");
      const before = socket.id;
      ok(!socket.recovered);
      const states = [];
      socket.on("missed", (n) => states.push([n, socket.connected]));
      socket.emit("cut and miss", 3);
      await next(socket, "connect");
      equal([socket.recovered, socket.id], [true, before]);
      equal(await missed, [0, 1, 2]);
      equal(states, [[0, true], [1, true], [2, true]]);
    },
  },
  {
    name: "sends an event again until it is acknowledged",
    async run({ connect, key }) {
      // Many tries, so that a busy machine which answers late does not use them up.
      const socket = connect("/", { retries: 100, ackTimeout: 100 });
      await next(socket, "connect");
      const order = [];
      socket.emit("stubborn", key + "a", 3, (err, count) => order.push(["a", err, count]));
      const [err, count] = await new Promise((done) => socket.emit("stubborn", key + "b", 1, (...all) => done(all)));
      equal([err, count >= 1], [null, true]);
      equal([order.length, order[0][0], order[0][1], order[0][2] >= 3], [1, "a", null, true]);
    },
  },
  {
    name: "gives up an event after all its tries and sends the next",
    async run({ connect }) {
      const socket = connect("/", { retries: 2, ackTimeout: 10 });
      await next(socket, "connect");
      let sent = 0;
      socket.onAnyOutgoing((event) => event === "silent" && sent++);
      const failed = new Promise((done) => socket.emit("silent", done));
      equal((await failed).message, "operation has timed out");
      equal(sent, 3);
    },
  },
  {
    name: "retries with a time limit of its own if none is given",
    ours: true,
    async run({ connect, key }) {
      const socket = connect("/", { retries: 3 });
      let sent = 0;
      socket.onAnyOutgoing(() => sent++);
      const answer = await new Promise((done) => socket.emit("stubborn", key, 1, (...all) => done(all)));
      equal([answer, sent], [[null, 1], 1]);
      equal(await socket.emitWithAck("echo", 1), 1);
    },
  },
  {
    name: "asks for a namespace once, however often it is told to connect",
    ours: true,
    async run({ connect }) {
      const socket = connect("/", { auth: (done) => Promise.resolve().then(() => (done({}), done({}))) });
      socket.io.on("open", () => socket.connect());
      await next(socket, "connect");
      socket.connect();
      equal(await socket.emitWithAck("echo", 1), 1);
    },
  },
  {
    name: "leaves a namespace that has not answered yet, and comes back",
    ours: true,
    async run({ connect }) {
      const main = connect("/");
      await next(main, "connect");
      const chat = main.io.socket("/chat");
      chat.disconnect();
      await main.emitWithAck("echo");
      equal([chat.connected, chat.active], [false, false]);
      chat.connect();
      await next(chat, "connect");
      chat.disconnect();
      chat.connect();
      chat.disconnect();
      chat.connect();
      await next(chat, "connect");
      equal(await chat.emitWithAck("echo", 1), 1);
      equal(await main.emitWithAck("echo", 2), 2);
    },
  },
  {
    name: "survives listeners that throw",
    ours: true,
    throws: true,
    async run({ connect, uncaught }) {
      const socket = connect("/");
      const errors = uncaught(3);
      socket.on("connect", () => {
        throw new Error("one");
      });
      await next(socket, "connect");
      const heard = [];
      socket.on("said", () => {
        throw new Error("two");
      });
      socket.on("said", (n) => heard.push(n));
      const said = take(socket, "said", 1);
      socket.emit("say", 1);
      await said;
      socket.emit("echo", () => {
        throw new Error("three");
      });
      equal(await socket.emitWithAck("echo", 1), 1);
      equal(heard, [1]);
      equal(await errors, ["one", "two", "three"]);
    },
  },
  {
    name: "closes when the browser goes offline, and says so",
    page: true,
    async run({ connect, url }) {
      const socket = connect(url.replace("localhost", "127.0.0.1"), FAST);
      await next(socket, "connect");
      const gone = next(socket, "disconnect");
      dispatchEvent(new Event("offline"));
      const [reason, details] = await gone;
      equal([reason, details.description], ["transport close", "network connection lost"]);
      await next(socket, "connect");
    },
  },
  {
    name: "closes silently when the page is left, if told so",
    page: true,
    async run({ connect }) {
      const stays = connect("/");
      const leaves = connect("/", { closeOnBeforeunload: true });
      await Promise.all([next(stays, "connect"), next(leaves, "connect")]);
      let told = 0;
      leaves.on("disconnect", () => told++);
      dispatchEvent(new Event("beforeunload"));
      equal(leaves.io.engine.readyState, "closed");
      equal(await stays.emitWithAck("echo", 1), 1);
      equal(told, 0);
    },
  },
];

// The official client, as the other half of view_cases_test.go.
import { io } from "socket.io-client";
import { ask, connect, given, main, watch } from "./harness.mjs";

const b = Buffer.from([0, 1, 255]);

/** Resolves when the socket is connected again after this. */
const again = (s) => new Promise((done) => s.once("connect", done));

const comingBack = { reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 20 };

await main({
  async upgrade() {
    const s = await connect("/");
    await s.next("upgraded");
    await ask(s, "echo", "text", b);
  },
  async "upgrade, text only"() {
    const s = await connect("/", { forceBase64: true });
    await s.next("upgraded");
    await ask(s, "echo", "text", b);
  },
  async "no upgrade"() {
    const s = await connect("/", { upgrade: false });
    await ask(s, "echo", "text");
  },
  async cookies() {
    const s = await connect("/", { withCredentials: true });
    await s.next("upgraded");
    await ask(s, "echo", "text");
  },
  async reconnection() {
    const s = await connect("/", { ...comingBack, auth: { token: "x" }, query: { q: "1" } });
    const connected = again(s);
    s.emit("drop me");
    await connected;
    await ask(s, "echo", "again");
  },
  async "reconnection in two namespaces"() {
    const s = await connect("/", comingBack);
    const other = s.io.socket("/custom");
    await again(other);
    const connected = [again(s), again(other)];
    s.emit("drop me");
    await Promise.all(connected);
    await ask(other, "echo", "again");
    other.disconnect();
    await ask(s, "echo", "still here");
  },
  async recovery() {
    const s = await connect("/", { ...comingBack, auth: { token: "x" } });
    await s.next("welcome");
    const connected = again(s);
    s.emit("drop me");
    await connected;
    await ask(s, "echo", "again");
  },
  async "events before the connection"() {
    const s = watch(io(given.url + "/custom", { transports: given.transports, forceNew: true, autoConnect: false }));
    s.emit("echo", 1);
    s.emit("echo", b);
    s.connect();
    await s.next("echo");
    await s.next("echo");
  },
  async "events and then the end"() {
    const s = await connect("/");
    for (let i = 0; i < 3; i++) s.emit("swallow", i);
  },
  async volatile() {
    const s = await connect("/");
    s.volatile.emit("echo", 1);
    await s.next("echo");
  },
  async "not compressed"() {
    const s = await connect("/");
    s.compress(false).emit("echo", 1);
    await s.next("echo");
  },
  async retries() {
    const s = await connect("/", { retries: 2, ackTimeout: 5000 });
    s.emit("echo", 1);
    await s.emitWithAck("echo", 2);
  },
  async "retries in vain"() {
    const s = await connect("/", { retries: 2, ackTimeout: 50 });
    await s.emitWithAck("swallow").catch(() => {});
  },
});

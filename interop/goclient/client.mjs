// The official client, as the other half of cases_test.go: it does what the Go client
// does there, against the same servers.
import { ask, connect, main, plain } from "./harness.mjs";

const run = {
  async welcome() {
    const s = await connect("/", { auth: { user: "ann", age: 7 } });
    return plain(await s.next("welcome"));
  },
  async "event and echo"() {
    const s = await connect("/");
    s.emit("echo", 1, "2", { 3: ["4"] }, null, true);
    return plain(await s.next("echo"));
  },
  async "event without arguments"() {
    const s = await connect("/");
    s.emit("echo");
    return plain(await s.next("echo"));
  },
  async acknowledgement() {
    const s = await connect("/");
    return [await ask(s, "echo", "a", 1), await ask(s, "echo")];
  },
  async "many acknowledgements"() {
    const s = await connect("/");
    const all = await Promise.all(Array.from({ length: 50 }, (_, i) => ask(s, "echo", i)));
    return all.reduce((sum, [n]) => sum + n, 0);
  },
  async "the server asks"() {
    const s = await connect("/");
    s.on("question", (a, b, ack) => ack(b, a));
    s.emit("question me", "x", "y");
    return plain(await s.next("answered"));
  },
  async binary() {
    const s = await connect("/");
    const bytes = Buffer.from([0, 1, 255]);
    const answer = await ask(s, "echo", bytes, { deep: [bytes, "text"] }, Buffer.alloc(0));
    s.emit("echo", bytes);
    return [answer, plain(await s.next("echo"))];
  },
  async "large payloads"() {
    const s = await connect("/");
    const [text] = await ask(s, "echo", "x".repeat(300_000));
    const [bytes] = await ask(s, "echo", Buffer.alloc(400_000, 7));
    return [text.length, (bytes.length - "bytes:".length) / 2];
  },
  async unicode() {
    const s = await connect("/");
    return ask(s, "echo", "żółć 日本語 🚀\u2028\u0000\u001e", { "ключ": "знач" });
  },
  async order() {
    const s = await connect("/");
    s.emit("burst", 500);
    const got = [];
    for (let i = 0; i < 500; i++) got.push((await s.next("number"))[0]);
    return got.every((n, i) => n === i);
  },
  async "another namespace"() {
    const s = await connect("/custom", { auth: { in: "custom" } });
    return [plain(await s.next("welcome")), await ask(s, "echo", "ns")];
  },
  async "two namespaces over one connection"() {
    const a = await connect("/");
    const b = a.io.socket("/custom");
    await new Promise((done) => b.on("connect", done));
    const both = [await ask(a, "echo", "main"), await ask(b, "echo", "custom")];
    b.disconnect();
    both.push(await ask(a, "echo", "still here"));
    return both;
  },
  async "namespace that lets nobody in"() {
    return connect("/admin", { auth: { token: "wrong" } }).catch((err) => [err.message, err.data]);
  },
  async "namespace with the right token"() {
    const s = await connect("/admin", { auth: (cb) => cb({ token: "secret" }) });
    return ask(s, "echo", "in");
  },
  async "unknown namespace"() {
    return connect("/nowhere").catch((err) => [err.message, err.data ?? null]);
  },
  async rooms() {
    const s = await connect("/");
    await ask(s, "join", "r1");
    s.emit("to room", "r1", "news");
    return plain(await s.next("from room"));
  },
  async "the server disconnects"() {
    const s = await connect("/");
    const reason = new Promise((done) => s.on("disconnect", done));
    s.emit("leave me");
    return [await reason, s.active];
  },
  async "the server closes the connection"() {
    const s = await connect("/");
    const reason = new Promise((done) => s.on("disconnect", done));
    s.emit("close me");
    return [await reason, s.active];
  },
  async "the connection is dropped"() {
    const s = await connect("/");
    const reason = new Promise((done) => s.on("disconnect", done));
    s.emit("drop me");
    return await reason;
  },
  async "the client disconnects"() {
    const s = await connect("/");
    const reason = new Promise((done) => s.on("disconnect", done));
    s.disconnect();
    return [await reason, s.active];
  },
  async "query and headers"() {
    const s = await connect("/", { query: { q: "a b&c" }, extraHeaders: { "X-Test": "yes" } });
    const [{ headers, query }] = await ask(s, "describe");
    return [query.EIO, query.q, headers["x-test"]];
  },
  async "timeout of an acknowledgement"() {
    const s = await connect("/");
    return s.timeout(50).emitWithAck("swallow").catch(() => "timed out");
  },
};

await main(run);

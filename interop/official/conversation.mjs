// Two people talk through the chat: node conversation.mjs URL TRANSPORTS
import assert from "node:assert/strict";
import { io } from "socket.io-client";

const [url, transports] = process.argv.slice(2);

class Person {
  constructor(name) {
    this.name = name;
    this.socket = io(url, { transports: transports.split(","), forceNew: true });
    this.inbox = [];
    for (const event of ["said", "online", "typing now"]) {
      this.socket.on(event, (...args) => this.inbox.push([event, ...args]) && this.wake?.());
    }
  }

  ask(event, arg) {
    return this.socket.timeout(20000).emitWithAck(event, arg);
  }

  /** The next event of that name; others that came before are forgotten. */
  async next(event) {
    for (;;) {
      const index = this.inbox.findIndex(([name]) => name === event);
      if (index >= 0) return this.inbox.splice(0, index + 1)[index].slice(1);
      await new Promise((resolve) => (this.wake = resolve));
    }
  }
}

const ann = new Person("Ann");
const bob = new Person("Bob");

let joined = await ann.ask("join", { name: "Ann", room: "lobby" });
assert.deepEqual(joined, { rooms: ["lobby", "gophers", "random"], online: ["Ann"], history: [] });
await ann.ask("say", { text: "Is anybody there? é€😀" });
const [own] = await ann.next("said");
assert.deepEqual([own.from, own.text], ["Ann", "Is anybody there? é€😀"]);

assert.deepEqual(await bob.ask("join", { name: "Ann", room: "lobby" }), {
  error: "Somebody of that name is there already.",
});
joined = await bob.ask("join", { name: "Bob", room: "lobby" });
assert.deepEqual(joined.online, ["Ann", "Bob"]);
assert.deepEqual(joined.history.map((m) => m.text), ["Is anybody there? é€😀"]);
assert.deepEqual(await ann.next("online"), [["Ann", "Bob"]]);

const picture = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 256));
await bob.ask("say", { text: "Look!", picture });
for (const person of [ann, bob]) {
  const [message] = await person.next("said");
  assert.deepEqual([message.from, message.text], ["Bob", "Look!"]);
  assert.deepEqual(Buffer.from(message.picture), picture);
}

// A typing notice is volatile: it may be lost on polling while no poll waits, so it is repeated.
const repeat = setInterval(() => bob.socket.emit("typing", true), 20);
assert.deepEqual(await ann.next("typing now"), ["Bob", true]);
clearInterval(repeat);

for (let i = 0; i < 40; i++) ann.ask("say", { text: `number ${i}` });
for (let i = 0; i < 40; i++) assert.equal((await bob.next("said"))[0].text, `number ${i}`);

joined = await bob.ask("join", { name: "Bob", room: "gophers" });
assert.deepEqual([joined.online, joined.history], [["Bob"], []]);
assert.deepEqual(await ann.next("online"), [["Ann"]]);

const again = new Person("Carl");
joined = await again.ask("join", { name: "Carl", room: "lobby" });
assert.equal(joined.history.length, 42);
ann.socket.disconnect();
assert.deepEqual(await again.next("online"), [["Carl"]]);
for (const person of [bob, again]) person.socket.disconnect();

// Two official servers of one cluster, in the place of the Go servers of the tests. A
// program for each table of the page has the lines of JavaScript of its rows.
//
// It prints the URLs of the servers as a JSON line. Then orders come as JSON lines from
// standard input, until it ends, and each is answered by one with what was told meanwhile:
//   {"do": "name", "who": "a", "id": "..."}   says which socket is that of a client
//   {"do": "perform", "row": "..."}           runs the line of a row
//   {"do": "hello", "room": "..."}            emits "hello" to a room
//   {"do": "end"}                             emits "end" to everybody
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Server } from "socket.io";
import { ClusterAdapter } from "socket.io-adapter";

/** The adapter of a server whose neighbours are in the same process. */
class Neighbour extends ClusterAdapter {
  static all = [];

  constructor(namespace) {
    super(namespace);
    Neighbour.all.push(this);
  }

  others() {
    return Neighbour.all.filter((other) => other !== this && other.nsp.name === this.nsp.name);
  }

  async serverCount() {
    return 1 + this.others().length;
  }

  async doPublish(message) {
    for (const other of this.others()) other.onMessage(structuredClone(message));
    return "";
  }

  async doPublishResponse(uid, response) {
    for (const other of this.others()) if (other.uid === uid) other.onResponse(structuredClone(response));
  }
}

async function listen() {
  const http = createServer();
  const io = new Server(http, { adapter: Neighbour });
  io.of("/admin");
  await new Promise((done) => http.listen(0, "127.0.0.1", done));
  return [io, `http://127.0.0.1:${http.address().port}`];
}

const [io, url] = await listen();
const [other, otherURL] = await listen();
export { io, other };

/** The sockets of the clients, by their letters. */
export const sockets = {};

const rooms = { a: ["room1"], b: ["room1", "room2"], c: ["room3"], d: ["room1"], e: ["room1"] };

let tellings = [];

/** Notes what comes out of a row. */
export const tell = (...values) => tellings.push(...values);

// What each client of the main namespace can do, whatever the row.
io.on("connection", (socket) => socket.on("sync", (callback) => callback()));

const orders = {
  name({ who, id }) {
    const namespaces = [io.of("/"), other.of("/"), io.of("/admin")];
    sockets[who] = namespaces.map((namespace) => namespace.sockets.get(id)).find(Boolean);
    sockets[who].join(rooms[who]);
  },
  async perform({ row }, table) {
    await table[row](sockets.a);
  },
  hello({ room }) {
    io.to(room).emit("hello");
  },
  end() {
    io.emit("end");
    io.of("/admin").emit("end");
  },
};

/** Runs the rows of a table as they are ordered, until the program ends. */
export async function run(table) {
  console.log(JSON.stringify({ urls: [url, otherURL] }));
  for await (const line of createInterface({ input: process.stdin })) {
    const order = JSON.parse(line);
    await orders[order.do](order, table);
    console.log(JSON.stringify({ told: tellings }));
    tellings = [];
  }
  process.exit();
}

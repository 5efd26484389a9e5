// What the official server sees of each client, for view_test.go.
import notepack from "notepack.io";

/** Prints a line of JSON for each connection, when it ends. */
export function record(http, io, options) {
  const shapes = new WeakMap();
  const views = new Map();

  // A request as it came, without what is never the same twice.
  function shape(request) {
    const url = new URL(request.url, "http://host");
    const query = [...url.searchParams].map(([name, value]) => `${name}=${["t", "sid"].includes(name) ? "*" : value}`);
    const headers = { ...request.headers };
    for (const name of ["host", "sec-websocket-key", "content-length"]) if (headers[name]) headers[name] = "*";
    if (headers.cookie) headers.cookie = headers.cookie.replace(/=[^;]*/g, "=*");
    return { line: `${request.method} ${url.pathname}?${query.join("&")}`, headers, sid: url.searchParams.get("sid") };
  }

  function seen(request) {
    const s = shape(request);
    shapes.set(request, s);
    views.get(s.sid)?.see(s);
  }
  http.on("request", seen);
  http.on("upgrade", seen);

  io.engine.on("connection", (connection) => {
    const view = { requests: [], headers: {}, upgrade: [], packets: [], handshakes: [], reasons: [], end: "" };
    const see = ({ line, headers }) => {
      // How often a client polls depends on when the server has something to say.
      if (!view.requests.includes(line)) view.requests.push(line);
      view.headers[line] = headers;
    };
    see(shapes.get(connection.request));
    views.set(connection.id, { view, see });
    connection.on("packet", ({ type, data }) => {
      if (type !== "pong") view.packets.push(data === undefined ? type : `${type} ${readable(data, options)}`);
    });
    connection.on("upgrading", () => view.upgrade.push("upgrading"));
    connection.on("upgrade", () => view.upgrade.push("upgrade"));
    connection.on("close", (reason) => {
      view.end = reason;
      views.delete(connection.id);
      console.log(JSON.stringify(view));
    });
  });

  const watch = (socket) => {
    const { view } = views.get(socket.conn.id);
    const { auth, query, url, xdomain, secure } = socket.handshake;
    const { t, ...rest } = query;
    const masked = { ...auth, ...(auth.pid && { pid: "*" }), ...(auth.offset && { offset: "*" }) };
    view.handshakes.push({ namespace: socket.nsp.name, auth: masked, query: rest, path: url.split("?")[0], xdomain, secure, recovered: socket.recovered });
    socket.on("disconnect", (reason) => view.reasons.push(`${socket.nsp.name} ${reason}`));
    socket.conn.on("upgrade", () => socket.emit("upgraded"));
  };
  for (const namespace of ["/", "/custom"]) io.of(namespace).on("connection", watch);
}

// The parser of the official client adds members without a meaning for the server.
function readable(data, { parser }) {
  if (typeof data === "string") return data.replace(/"(pid|offset)":"[^"]*"/g, '"$1":"*"');
  if (!parser) return data.toString("latin1");
  const { type, nsp, id, data: payload } = notepack.decode(data);
  return JSON.stringify({ type, nsp, id, data: payload });
}

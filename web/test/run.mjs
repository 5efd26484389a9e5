// Runs one case: gives it sockets and takes them away again.
const MODES = {
  polling: { transports: ["polling"] },
  websocket: { transports: ["websocket"] },
  upgrade: { transports: ["polling", "websocket"] },
};

export const modes = Object.keys(MODES);

let runs = 0;

export async function runCase({ run }, { io, Manager, mode, url, recoveryUrl, extra }) {
  const sockets = [];
  const cleanUp = (socket) => (sockets.push(socket), socket);
  const options = MODES[mode];
  const connector = (base) => (where, opts) =>
    cleanUp(
      io(where.startsWith("http") ? where : base + where, { ...options, forceNew: true, ...opts }),
    );
  try {
    await run({
      io,
      Manager,
      mode,
      url,
      // No program listens on the port which is reserved for discarding.
      deadUrl: "http://localhost:9",
      options,
      cleanUp,
      connect: connector(url),
      recoverable: connector(recoveryUrl),
      key: `${Date.now()} ${Math.random()} ${runs++} `,
      ...extra,
    });
  } finally {
    for (const socket of sockets) {
      socket.off();
      socket.io.off();
      for (const other of Object.values(socket.io.nsps)) other.disconnect();
    }
  }
}

import { Manager } from "./manager.js";
import type { ManagerOptions, SocketOptions } from "./options.js";
import { protocol } from "./parser.js";
import { Socket } from "./socket.js";
import { parseAddress, parseQuery } from "./url.js";

type Options = Partial<ManagerOptions & SocketOptions>;

/** One manager per server and path, so that namespaces share a connection. */
const managers = new Map<string, Manager>();

/**
 * A socket for the namespace which the path of the URL names. Without a URL: the server of the
 * page. Sockets of the same server share one connection, unless it already has that namespace.
 */
function lookup(opts?: Options): Socket;
function lookup(uri?: string, opts?: Options): Socket;
function lookup(uri?: string | Options, opts?: Options): Socket {
  if (typeof uri === "object") {
    opts = uri;
    uri = undefined;
  }
  opts = { path: "/socket.io", ...opts };
  const { origin, path, query } = parseAddress(uri);
  if (query && !opts.query) opts.query = parseQuery(query);
  const key = origin + opts.path;
  const known = managers.get(key);
  let manager: Manager;
  if (opts.forceNew || opts.multiplex === false || known?.nsps[path]) {
    manager = new Manager(origin, opts);
  } else {
    manager = known ?? new Manager(origin, opts);
    managers.set(key, manager);
  }
  return manager.socket(path, opts);
}

const io = Object.assign(lookup, { io: lookup, connect: lookup, Manager, Socket, protocol });

export { io, lookup as connect, Manager, Socket, protocol };
export { io as default };

export type { Engine, EngineEvents, Handshake } from "./engine.js";
export type {
  AllButLast,
  DecorateAcknowledgements,
  DefaultEventsMap,
  EventNames,
  EventNamesWithAck,
  EventParams,
  EventsMap,
} from "./events.js";
export type { ManagerEvents } from "./manager.js";
export type { EngineOptions, ManagerOptions, SocketOptions } from "./options.js";
export type { Packet, PacketDecoder, Parser } from "./parser.js";
export type { DisconnectReason, SocketEvents } from "./socket.js";
export type { CloseDetails, TransportError } from "./transport.js";

import { Manager } from "./manager.js";
import type { ManagerOptions, SocketOptions } from "./options.js";
import { protocol } from "./parser.js";
import { Socket } from "./socket.js";
type Options = Partial<ManagerOptions & SocketOptions>;
/**
 * A socket for the namespace which the path of the URL names. Without a URL: the server of the
 * page. Sockets of the same server share one connection, unless it already has that namespace.
 */
declare function lookup(opts?: Options): Socket;
declare function lookup(uri?: string, opts?: Options): Socket;
declare const io: typeof lookup & {
    io: typeof lookup;
    connect: typeof lookup;
    Manager: typeof Manager;
    Socket: typeof Socket;
    protocol: number;
};
export { io, lookup as connect, Manager, Socket, protocol };
export { io as default };
export type { Engine, EngineEvents, Handshake } from "./engine.js";
export type { AllButLast, DecorateAcknowledgements, DefaultEventsMap, EventNames, EventNamesWithAck, EventParams, EventsMap, } from "./events.js";
export type { ManagerEvents } from "./manager.js";
export type { EngineOptions, ManagerOptions, SocketOptions } from "./options.js";
export type { Packet, PacketDecoder, Parser } from "./parser.js";
export type { DisconnectReason, SocketEvents } from "./socket.js";
export type { CloseDetails, TransportError } from "./transport.js";

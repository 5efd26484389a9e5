import { Backoff } from "./backoff.js";
import { Emitter } from "./emitter.js";
import { Engine } from "./engine.js";
import type { DefaultEventsMap, EventsMap } from "./events.js";
import type { ManagerOptions, SocketOptions } from "./options.js";
import type { Packet, PacketDecoder, Parser } from "./parser.js";
import { Socket } from "./socket.js";
import type { CloseDetails } from "./transport.js";
export interface ManagerEvents {
    open: () => void;
    error: (err: Error) => void;
    ping: () => void;
    packet: (packet: Packet) => void;
    close: (reason: string, description?: CloseDetails | Error) => void;
    reconnect_failed: () => void;
    reconnect_attempt: (attempt: number) => void;
    reconnect_error: (err: Error) => void;
    reconnect: (attempt: number) => void;
}
type OnOpen = (err?: Error) => void;
/** The connection to one server, shared by the sockets of its namespaces; reconnects by itself. */
export declare class Manager<ListenEvents extends EventsMap = DefaultEventsMap, EmitEvents extends EventsMap = ListenEvents> extends Emitter<{}, {}, ManagerEvents> {
    uri?: string;
    opts: ManagerOptions;
    /** The engine of the current or the last connection. */
    engine: Engine;
    backoff: Backoff;
    /** By namespace. */
    nsps: Record<string, Socket<any, any>>;
    encoder: InstanceType<Parser["Encoder"]>;
    decoder: PacketDecoder;
    _readyState: "opening" | "open" | "closed";
    _autoConnect: boolean;
    private reconnection_;
    private maxAttempts_;
    private timeout_;
    /** Tries since the connection was lost. */
    private attempts_;
    private reconnecting_;
    /** The user has closed: no reconnection until the next `open`. */
    private closedByUser_;
    private timer_?;
    private onOpen_?;
    constructor(opts?: ManagerOptions);
    constructor(uri?: string, opts?: ManagerOptions);
    reconnection(): boolean;
    reconnection(value: boolean): this;
    reconnectionAttempts(): number;
    reconnectionAttempts(value: number): this;
    reconnectionDelay(): number;
    reconnectionDelay(value: number): this;
    reconnectionDelayMax(): number;
    reconnectionDelayMax(value: number): this;
    randomizationFactor(): number;
    randomizationFactor(value: number): this;
    timeout(): number | false;
    timeout(value: number | false): this;
    /**
     * Connects, unless connected or about to be. With a callback, a failure is told to the callback
     * and not followed by a reconnection.
     */
    open(callback?: OnOpen): this;
    connect(callback?: OnOpen): this;
    /** The socket of a namespace; always the same one for the same name. */
    socket(nsp: string, opts?: Partial<SocketOptions>): Socket<ListenEvents, EmitEvents>;
    private activeSockets_;
    private opened_;
    private receive_;
    private report_;
    /** Leaves the engine; what it still has to send is sent, but nothing more is heard from it. */
    private abandonEngine_;
    private openFailed_;
    private reconnect_;
    private tryAgain_;
}
export {};

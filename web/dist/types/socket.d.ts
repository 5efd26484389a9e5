import { Emitter } from "./emitter.js";
import type { AllButLast, DecorateAcknowledgements, DefaultEventsMap, EventNames, EventNamesWithAck, EventParams, EventsMap, FirstNonErrorArg, Last } from "./events.js";
import type { Manager } from "./manager.js";
import type { AuthFunction, SocketOptions } from "./options.js";
import { type Packet } from "./parser.js";
import type { CloseDetails } from "./transport.js";
export type DisconnectReason = "io server disconnect" | "io client disconnect" | "ping timeout" | "transport close" | "transport error" | "parse error" | "forced close";
export interface SocketEvents {
    connect: () => void;
    connect_error: (err: Error & {
        data?: any;
    }) => void;
    disconnect: (reason: DisconnectReason, details?: CloseDetails | Error) => void;
}
type CatchAll = (event: any, ...args: any[]) => void;
export interface Flags {
    compress?: boolean;
    volatile?: boolean;
    timeout?: number;
}
/** Who waits for an answer of the server. */
export interface Ack {
    /** Called with an error first: null, or why there will be no answer. */
    withError: boolean;
    callback: Function;
}
/** Our side of one namespace. */
export declare class Socket<ListenEvents extends EventsMap = DefaultEventsMap, EmitEvents extends EventsMap = ListenEvents> extends Emitter<ListenEvents, EmitEvents, SocketEvents> {
    readonly io: Manager<any, any>;
    readonly nsp: string;
    /** Given by the server; undefined while not connected. */
    id: string | undefined;
    connected: boolean;
    /** Whether the last connection continued the one before it, without loss. */
    recovered: boolean;
    /** Whether this socket is connected or will try to be. */
    active: boolean;
    auth?: {
        [key: string]: any;
    } | AuthFunction;
    /** Events that arrived before the server has accepted us. */
    receiveBuffer: Packet[];
    /** Packets to be sent on connect. */
    sendBuffer: Packet[];
    _pid?: string;
    _lastOffset?: string;
    _opts: Partial<SocketOptions>;
    private flags_;
    private nextId_;
    private acks_;
    private retries_?;
    private incoming_;
    private outgoing_;
    /** The engine on which the server has not answered our CONNECT yet. */
    private joining_?;
    /** Counts connections, so that an acknowledgement cannot answer on a later one. */
    private session_;
    constructor(io: Manager<any, any>, nsp: string, opts?: Partial<SocketOptions>);
    get disconnected(): boolean;
    connect(): this;
    open(): this;
    disconnect(): this;
    close(): this;
    /** Sends the event "message". */
    send(...args: any[]): this;
    /**
     * Sends an event; while not connected it is kept and sent on connect. A function as the last
     * argument receives the acknowledgement. Throws for the names of the library's own events, and
     * for data that JSON cannot express.
     */
    emit<Ev extends EventNames<EmitEvents>>(event: Ev, ...args: EventParams<EmitEvents, Ev>): this;
    /** Like `emit`; resolves with the acknowledgement, rejects on time-out and disconnection. */
    emitWithAck<Ev extends EventNamesWithAck<EmitEvents>>(event: Ev, ...args: AllButLast<EventParams<EmitEvents, Ev>>): Promise<FirstNonErrorArg<Last<EventParams<EmitEvents, Ev>>>>;
    /** For the next event: whether it may be compressed, where the platform leaves the choice. */
    compress(compress: boolean): this;
    /** For the next event: dropped instead of kept if it cannot be sent now. */
    get volatile(): this;
    /** For the next event: how many milliseconds to wait for the acknowledgement. */
    timeout(ms: number): Socket<ListenEvents, DecorateAcknowledgements<EmitEvents>>;
    /** Called with the name and arguments of every event received, before its own listeners. */
    onAny(listener: CatchAll): this;
    prependAny(listener: CatchAll): this;
    offAny(listener?: CatchAll): this;
    listenersAny(): CatchAll[];
    /** Called with the name and arguments of every event when it is really sent. */
    onAnyOutgoing(listener: CatchAll): this;
    prependAnyOutgoing(listener: CatchAll): this;
    offAnyOutgoing(listener?: CatchAll): this;
    listenersAnyOutgoing(): CatchAll[];
    /** Whether an answer to our CONNECT is due. */
    private isJoining_;
    private accepted_;
    /** Received events first, then what waits to be sent. A listener may disconnect in between. */
    private flushBuffers_;
    private refused_;
    private leave_;
    private deliver_;
    /** Answers once, and only on the connection that asked. */
    private answerer_;
    private emit_;
    private sendEvent_;
    /** Sends an event now; if it cannot be encoded, tells whoever waits for the answer and throws. */
    private transmit_;
    private awaitAck_;
    private takeAck_;
    private answered_;
    /** Forgets the acknowledgements that cannot come any more; packets still kept may get theirs. */
    private failAcks_;
}
export {};

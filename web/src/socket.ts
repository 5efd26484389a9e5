import { Emitter } from "./emitter.js";
import type { Engine } from "./engine.js";
import type {
  AllButLast,
  DecorateAcknowledgements,
  DefaultEventsMap,
  EventNames,
  EventNamesWithAck,
  EventParams,
  EventsMap,
  FirstNonErrorArg,
  Last,
} from "./events.js";
import type { Manager } from "./manager.js";
import type { AuthFunction, SocketOptions } from "./options.js";
import {
  ACK,
  CONNECT,
  CONNECT_ERROR,
  DISCONNECT,
  EVENT,
  isReserved,
  type Packet,
} from "./parser.js";
import { callUser, MAX_DELAY } from "./platform.js";
import { RetryQueue } from "./retry.js";
import type { CloseDetails } from "./transport.js";

export type DisconnectReason =
  | "io server disconnect"
  | "io client disconnect"
  | "ping timeout"
  | "transport close"
  | "transport error"
  | "parse error"
  | "forced close";

export interface SocketEvents {
  connect: () => void;
  connect_error: (err: Error & { data?: any }) => void;
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

interface PendingAck extends Ack {
  timer_?: ReturnType<typeof setTimeout>;
}

/** How many packets may arrive before the server has accepted us. */
const MAX_EARLY_PACKETS = 100_000;

/** A retried event without a time limit would hold back all that follow. */
const DEFAULT_RETRY_TIMEOUT = 10_000;

/** Our side of one namespace. */
export class Socket<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
> extends Emitter<ListenEvents, EmitEvents, SocketEvents> {
  /** Given by the server; undefined while not connected. */
  id: string | undefined;
  connected = false;
  /** Whether the last connection continued the one before it, without loss. */
  recovered = false;
  /** Whether this socket is connected or will try to be. */
  active = false;
  auth?: { [key: string]: any } | AuthFunction;
  /** Events that arrived before the server has accepted us. */
  receiveBuffer: Packet[] = [];
  /** Packets to be sent on connect. */
  sendBuffer: Packet[] = [];
  _pid?: string;
  _lastOffset?: string;
  _opts: Partial<SocketOptions>;

  private flags_: Flags = {};
  private nextId_ = 0;
  private acks_ = new Map<number, PendingAck>();
  private retries_?: RetryQueue;
  private incoming_: CatchAll[] = [];
  private outgoing_: CatchAll[] = [];
  /** The engine on which the server has not answered our CONNECT yet. */
  private joining_?: Engine;
  /** Counts connections, so that an acknowledgement cannot answer on a later one. */
  private session_ = 0;

  constructor(
    readonly io: Manager<any, any>,
    readonly nsp: string,
    opts: Partial<SocketOptions> = {},
  ) {
    super();
    this.auth = opts.auth;
    this._opts = { ...opts };
    if (opts.retries) {
      this.retries_ = new RetryQueue(
        opts.retries,
        () => this.connected,
        (args, flags, ack) => this.sendEvent_(args, flags, ack),
      );
    }
    if (io._autoConnect) this.connect();
  }

  get disconnected(): boolean {
    return !this.connected;
  }

  connect(): this {
    if (this.connected) return this;
    this.active = true;
    if (!this.io.isReconnecting_()) this.io.open();
    if (this.io._readyState === "open") this.join_();
    return this;
  }

  open(): this {
    return this.connect();
  }

  disconnect(): this {
    const wasConnected = this.connected;
    if (wasConnected) this.io.send_({ type: DISCONNECT, nsp: this.nsp });
    this.leave_();
    if (wasConnected) this.closed_("io client disconnect");
    return this;
  }

  close(): this {
    return this.disconnect();
  }

  /** Sends the event "message". */
  send(...args: any[]): this {
    return this.emit("message" as any, ...(args as any));
  }

  /**
   * Sends an event; while not connected it is kept and sent on connect. A function as the last
   * argument receives the acknowledgement. Throws for the names of the library's own events, and
   * for data that JSON cannot express.
   */
  override emit<Ev extends EventNames<EmitEvents>>(
    event: Ev,
    ...args: EventParams<EmitEvents, Ev>
  ): this {
    this.emit_([event, ...args]);
    return this;
  }

  /** Like `emit`; resolves with the acknowledgement, rejects on time-out and disconnection. */
  emitWithAck<Ev extends EventNamesWithAck<EmitEvents>>(
    event: Ev,
    ...args: AllButLast<EventParams<EmitEvents, Ev>>
  ): Promise<FirstNonErrorArg<Last<EventParams<EmitEvents, Ev>>>> {
    return new Promise((resolve, reject) => {
      this.emit_([event, ...args], {
        withError: true,
        callback: (err: Error | null, answer: any) => (err ? reject(err) : resolve(answer)),
      });
    });
  }

  /** For the next event: whether it may be compressed, where the platform leaves the choice. */
  compress(compress: boolean): this {
    this.flags_.compress = compress;
    return this;
  }

  /** For the next event: dropped instead of kept if it cannot be sent now. */
  get volatile(): this {
    this.flags_.volatile = true;
    return this;
  }

  /** For the next event: how many milliseconds to wait for the acknowledgement. */
  timeout(ms: number): Socket<ListenEvents, DecorateAcknowledgements<EmitEvents>> {
    this.flags_.timeout = ms;
    return this as any;
  }

  /** Called with the name and arguments of every event received, before its own listeners. */
  onAny(listener: CatchAll): this {
    this.incoming_ = [...this.incoming_, listener];
    return this;
  }

  prependAny(listener: CatchAll): this {
    this.incoming_ = [listener, ...this.incoming_];
    return this;
  }

  offAny(listener?: CatchAll): this {
    this.incoming_ = without(this.incoming_, listener);
    return this;
  }

  listenersAny(): CatchAll[] {
    return this.incoming_;
  }

  /** Called with the name and arguments of every event when it is really sent. */
  onAnyOutgoing(listener: CatchAll): this {
    this.outgoing_ = [...this.outgoing_, listener];
    return this;
  }

  prependAnyOutgoing(listener: CatchAll): this {
    this.outgoing_ = [listener, ...this.outgoing_];
    return this;
  }

  offAnyOutgoing(listener?: CatchAll): this {
    this.outgoing_ = without(this.outgoing_, listener);
    return this;
  }

  listenersAnyOutgoing(): CatchAll[] {
    return this.outgoing_;
  }

  /** @internal The connection is open: ask for this namespace, once per connection. */
  join_(): void {
    if (this.isJoining_()) return;
    const engine = (this.joining_ = this.io.engine);
    let answered = false;
    const join = (auth?: object): void => {
      if (answered || this.joining_ !== engine) return;
      answered = true;
      if (!this.active) {
        this.joining_ = undefined;
        return;
      }
      const data = this._pid ? { pid: this._pid, offset: this._lastOffset, ...auth } : auth;
      try {
        this.io.send_({ type: CONNECT, nsp: this.nsp, data });
      } catch (err) {
        this.refused_(err as Error);
      }
    };
    if (typeof this.auth !== "function") {
      join(this.auth);
      return;
    }
    try {
      this.auth(join);
    } catch (err) {
      this.refused_(err as Error);
    }
  }

  /** @internal */
  connectFailed_(err: Error): void {
    if (!this.connected) this.dispatch_("connect_error", [err]);
  }

  /** @internal The connection, or our part in it, is over. */
  closed_(reason: string, details?: CloseDetails | Error): void {
    this.connected = false;
    this.id = undefined;
    this.session_++;
    if (this.io._readyState !== "open") this.joining_ = undefined;
    this.receiveBuffer = [];
    this.dispatch_("disconnect", [reason, details]);
    this.failAcks_();
  }

  /** @internal */
  receive_({ type, data, id }: Packet): void {
    if (type === CONNECT) this.accepted_(data);
    else if (type === CONNECT_ERROR) {
      if (!this.isJoining_()) return;
      const { message, data: more } = typeof data === "object" ? data : { message: data };
      this.refused_(Object.assign(new Error(message), { data: more }));
    } else if (!this.active) return;
    else if (type === DISCONNECT) {
      this.joining_ = undefined;
      this.leave_();
      this.closed_("io server disconnect");
    } else if (type === ACK) {
      this.answered_(id!, data);
    } else if (this.connected) {
      this.deliver_(data, id);
    } else if (this.receiveBuffer.push({ type, nsp: this.nsp, data, id }) > MAX_EARLY_PACKETS) {
      this.io.closed_("parse error", new Error("too many packets before the connection was accepted"));
    }
  }

  /** Whether an answer to our CONNECT is due. */
  private isJoining_(): boolean {
    return this.joining_ === this.io.engine;
  }

  private accepted_(reply: any): void {
    if (!this.isJoining_()) return;
    this.joining_ = undefined;
    if (!this.active) {
      // The user has left before the server answered.
      this.io.send_({ type: DISCONNECT, nsp: this.nsp });
      return;
    }
    if (typeof reply?.sid !== "string") {
      this.refused_(new Error("the server did not send a session id: is it older than Socket.IO 3?"));
      return;
    }
    this.io.backoff.reset();
    this.id = reply.sid;
    this.recovered = !!reply.pid && reply.pid === this._pid;
    this._pid = reply.pid;
    if (!this.recovered) this._lastOffset = undefined;
    this.connected = true;
    this.flushBuffers_();
    if (this.connected) this.dispatch_("connect");
  }

  /** Received events first, then what waits to be sent. A listener may disconnect in between. */
  private flushBuffers_(): void {
    const received = this.receiveBuffer;
    this.receiveBuffer = [];
    for (const { data, id } of received) if (this.connected) this.deliver_(data, id);
    while (this.connected && this.sendBuffer.length) {
      const packet = this.sendBuffer.shift()!;
      callUser(() => this.transmit_(packet), this, []);
    }
    this.retries_?.drain_();
  }

  private refused_(err: Error): void {
    this.joining_ = undefined;
    if (!this.active) return;
    this.leave_();
    this.dispatch_("connect_error", [err]);
  }

  private leave_(): void {
    this.active = false;
    this.io.release_();
  }

  private deliver_(args: any[], id: number | undefined): void {
    if (id !== undefined) args.push(this.answerer_(id));
    for (const listener of this.incoming_) callUser(listener, this, args);
    this.dispatch_(args[0], args.slice(1));
    const last = args[args.length - 1];
    if (this._pid && typeof last === "string" && args.length > 1) this._lastOffset = last;
  }

  /** Answers once, and only on the connection that asked. */
  private answerer_(id: number): (...args: any[]) => void {
    const session = this.session_;
    let answered = false;
    return (...data) => {
      if (answered || !this.connected || this.session_ !== session) return;
      answered = true;
      this.io.send_({ type: ACK, nsp: this.nsp, id, data });
    };
  }

  private emit_(args: unknown[], ack?: Ack): void {
    const flags = this.flags_;
    this.flags_ = {};
    if (isReserved(args[0])) {
      throw new Error(`"${String(args[0])}" is a reserved event name`);
    }
    const last = args[args.length - 1];
    const timeout = flags.timeout ?? this._opts.ackTimeout;
    if (this.retries_ && !flags.volatile) {
      if (ack) args.push(ack.callback);
      this.retries_.add_(args, { ...flags, timeout: timeout ?? DEFAULT_RETRY_TIMEOUT });
      return;
    }
    if (!ack && typeof last === "function") {
      ack = { callback: last, withError: timeout !== undefined };
      args.pop();
    }
    this.sendEvent_(args, { ...flags, timeout }, ack);
  }

  private sendEvent_(data: unknown[], flags: Flags, ack?: Ack): void {
    const { engine } = this.io;
    const ready = this.connected && !engine.hasExpired_();
    const dropped = flags.volatile && !(ready && engine.transport.writable);
    const packet: Packet = {
      type: EVENT,
      nsp: this.nsp,
      data,
      options: { compress: flags.compress !== false },
    };
    if (ack && !(dropped && flags.timeout === undefined)) {
      packet.id = this.nextId_++;
      this.awaitAck_(packet.id, ack, flags.timeout);
    }
    if (dropped) return;
    if (ready) this.transmit_(packet);
    else this.sendBuffer.push(packet);
  }

  /** Sends an event now; if it cannot be encoded, tells whoever waits for the answer and throws. */
  private transmit_(packet: Packet): void {
    for (const listener of this.outgoing_) callUser(listener, this, packet.data);
    try {
      this.io.send_(packet);
    } catch (err) {
      const ack = this.takeAck_(packet.id);
      if (!ack?.withError) throw err;
      callUser(ack.callback, this, [err]);
    }
  }

  private awaitAck_(id: number, ack: Ack, timeout: number | undefined): void {
    const pending: PendingAck = ack;
    this.acks_.set(id, pending);
    if (timeout === undefined) return;
    pending.timer_ = setTimeout(
      () => {
        this.acks_.delete(id);
        this.sendBuffer = this.sendBuffer.filter((packet) => packet.id !== id);
        callUser(ack.callback, this, [new Error("operation has timed out")]);
      },
      Math.min(timeout, MAX_DELAY),
    );
  }

  private takeAck_(id: number | undefined): PendingAck | undefined {
    const ack = this.acks_.get(id!);
    this.acks_.delete(id!);
    clearTimeout(ack?.timer_);
    return ack;
  }

  private answered_(id: number, args: unknown[]): void {
    const ack = this.takeAck_(id);
    if (ack) callUser(ack.callback, this, ack.withError ? [null, ...args] : args);
  }

  /** Forgets the acknowledgements that cannot come any more; packets still kept may get theirs. */
  private failAcks_(): void {
    const kept = new Set(this.sendBuffer.map((packet) => packet.id));
    for (const id of [...this.acks_.keys()]) {
      if (kept.has(id)) continue;
      const ack = this.takeAck_(id)!;
      if (ack.withError) callUser(ack.callback, this, [new Error("socket has been disconnected")]);
    }
  }
}

function without(list: CatchAll[], listener?: CatchAll): CatchAll[] {
  const index = listener ? list.indexOf(listener) : -1;
  return listener ? list.filter((_, i) => i !== index) : [];
}

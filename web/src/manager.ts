import { Backoff } from "./backoff.js";
import { defaults } from "./defaults.js";
import { Emitter } from "./emitter.js";
import { Engine } from "./engine.js";
import type { DefaultEventsMap, EventsMap } from "./events.js";
import type { ManagerOptions, SocketOptions } from "./options.js";
import type { Packet, PacketDecoder, Parser, RawData } from "./parser.js";
import { MAX_DELAY } from "./platform.js";
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
export class Manager<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
> extends Emitter<{}, {}, ManagerEvents> {
  uri?: string;
  opts: ManagerOptions;
  /** The engine of the current or the last connection. */
  engine!: Engine;
  backoff: Backoff;
  /** By namespace. */
  nsps: Record<string, Socket<any, any>> = Object.create(null);
  encoder: InstanceType<Parser["Encoder"]>;
  decoder!: PacketDecoder;
  _readyState: "opening" | "open" | "closed" = "closed";
  _autoConnect: boolean;

  private reconnection_: boolean;
  private maxAttempts_: number;
  private timeout_: number | false;
  /** Tries since the connection was lost. */
  private attempts_ = 0;
  private reconnecting_ = false;
  /** The user has closed: no reconnection until the next `open`. */
  private closedByUser_ = false;
  private timer_?: ReturnType<typeof setTimeout>;
  private onOpen_?: OnOpen;

  constructor(opts?: ManagerOptions);
  constructor(uri?: string, opts?: ManagerOptions);
  constructor(uri?: string | ManagerOptions, opts?: ManagerOptions) {
    super();
    if (typeof uri === "object") {
      opts = uri;
      uri = undefined;
    }
    this.uri = uri;
    this.opts = opts = { path: "/socket.io", ...opts };
    this.reconnection_ = opts.reconnection !== false;
    this.maxAttempts_ = opts.reconnectionAttempts || Infinity;
    this.timeout_ = opts.timeout ?? 20000;
    this.backoff = new Backoff(
      opts.reconnectionDelay ?? 1000,
      opts.reconnectionDelayMax ?? 5000,
      opts.randomizationFactor ?? 0.5,
    );
    this.encoder = new ((opts.parser ?? defaults.parser).Encoder)();
    this._autoConnect = opts.autoConnect !== false;
    if (this._autoConnect) this.open();
  }

  reconnection(): boolean;
  reconnection(value: boolean): this;
  reconnection(value?: boolean): this | boolean {
    if (value === undefined) return this.reconnection_;
    this.reconnection_ = value;
    if (!value) this.closedByUser_ = true;
    return this;
  }

  reconnectionAttempts(): number;
  reconnectionAttempts(value: number): this;
  reconnectionAttempts(value?: number): this | number {
    if (value === undefined) return this.maxAttempts_;
    this.maxAttempts_ = value;
    return this;
  }

  reconnectionDelay(): number;
  reconnectionDelay(value: number): this;
  reconnectionDelay(value?: number): this | number {
    if (value === undefined) return this.backoff.ms;
    this.backoff.ms = value;
    return this;
  }

  reconnectionDelayMax(): number;
  reconnectionDelayMax(value: number): this;
  reconnectionDelayMax(value?: number): this | number {
    if (value === undefined) return this.backoff.max;
    this.backoff.max = value;
    return this;
  }

  randomizationFactor(): number;
  randomizationFactor(value: number): this;
  randomizationFactor(value?: number): this | number {
    if (value === undefined) return this.backoff.jitter;
    this.backoff.jitter = value;
    return this;
  }

  timeout(): number | false;
  timeout(value: number | false): this;
  timeout(value?: number | false): this | number | false {
    if (value === undefined) return this.timeout_;
    this.timeout_ = value;
    return this;
  }

  /**
   * Connects, unless connected or about to be. With a callback, a failure is told to the callback
   * and not followed by a reconnection.
   */
  open(callback?: OnOpen): this {
    if (this._readyState !== "closed") return this;
    this._readyState = "opening";
    this.closedByUser_ = false;
    this.onOpen_ = callback;
    this.engine = new Engine(this.uri, this.opts, {
      onOpen_: () => this.opened_(),
      onPing_: () => {
        this.backoff.reset();
        this.dispatch_("ping");
      },
      onData_: (data) => this.receive_(data),
      onError_: (err) => {
        if (this._readyState === "opening") this.openFailed_(err);
        else this.report_(err);
      },
      onClose_: (reason, details) => {
        if (this._readyState === "opening") this.openFailed_(new Error(reason));
        else this.closed_(reason, details);
      },
    });
    if (this.timeout_ !== false) {
      this.timer_ = setTimeout(
        () => this.openFailed_(new Error("timeout")),
        Math.min(this.timeout_, MAX_DELAY),
      );
    }
    return this;
  }

  connect(callback?: OnOpen): this {
    return this.open(callback);
  }

  /** The socket of a namespace; always the same one for the same name. */
  socket(nsp: string, opts?: Partial<SocketOptions>): Socket<ListenEvents, EmitEvents> {
    const known = this.nsps[nsp];
    if (!known) return (this.nsps[nsp] = new Socket(this, nsp, opts));
    if (this._autoConnect && !known.active) known.connect();
    return known;
  }

  /** @internal Whether a try is planned or running. */
  isReconnecting_(): boolean {
    return this.reconnecting_;
  }

  /** @internal Throws if the packet cannot be encoded. */
  send_(packet: Packet): void {
    for (const part of this.encoder.encode(packet)) this.engine.write(part, packet.options);
  }

  /** @internal Closes when no namespace needs the connection any more. */
  release_(): void {
    if (Object.values(this.nsps).some((socket) => socket.active)) return;
    this.closedByUser_ = true;
    this.reconnecting_ = false;
    clearTimeout(this.timer_);
    if (this._readyState !== "closed") this.closed_("forced close");
  }

  private activeSockets_(): Socket<any, any>[] {
    return Object.values(this.nsps).filter((socket) => socket.active);
  }

  private opened_(): void {
    clearTimeout(this.timer_);
    this._readyState = "open";
    this.decoder = new ((this.opts.parser ?? defaults.parser).Decoder)();
    this.decoder.on("decoded", (packet) => {
      this.dispatch_("packet", [packet]);
      this.nsps[packet.nsp]?.receive_(packet);
    });
    const onOpen = this.onOpen_;
    for (const socket of this.activeSockets_()) socket.join_();
    this.dispatch_("open");
    onOpen?.();
  }

  private receive_(data: RawData): void {
    try {
      this.decoder.add(data);
    } catch (err) {
      this.closed_("parse error", err as Error);
    }
  }

  private report_(err: Error): void {
    for (const socket of this.activeSockets_()) socket.connectFailed_(err);
    this.dispatch_("error", [err]);
  }

  /** Leaves the engine; what it still has to send is sent, but nothing more is heard from it. */
  private abandonEngine_(): void {
    clearTimeout(this.timer_);
    this._readyState = "closed";
    this.engine.owner_ = undefined;
    this.engine.close();
    this.decoder?.destroy();
  }

  private openFailed_(err: Error): void {
    const onOpen = this.onOpen_;
    this.abandonEngine_();
    this.report_(err);
    if (onOpen) onOpen(err);
    else this.reconnect_();
  }

  /** @internal The connection is over, or has to be. */
  closed_(reason: string, details?: CloseDetails | Error): void {
    this.abandonEngine_();
    this.attempts_ = 0;
    for (const socket of this.activeSockets_()) socket.closed_(reason, details);
    this.dispatch_("close", [reason, details]);
    this.reconnect_();
  }

  private reconnect_(): void {
    if (
      !this.reconnection_ ||
      this.reconnecting_ ||
      this.closedByUser_ ||
      this._readyState !== "closed"
    ) {
      return;
    }
    if (this.attempts_ >= this.maxAttempts_) {
      this.attempts_ = 0;
      this.backoff.reset();
      this.dispatch_("reconnect_failed");
      return;
    }
    this.reconnecting_ = true;
    this.timer_ = setTimeout(() => this.tryAgain_(), Math.min(this.backoff.duration(), MAX_DELAY));
  }

  private tryAgain_(): void {
    this.dispatch_("reconnect_attempt", [++this.attempts_]);
    // A listener may have closed or connected in the meantime.
    if (!this.reconnecting_) return;
    this.open((err) => {
      this.reconnecting_ = false;
      if (err) {
        this.reconnect_();
        this.dispatch_("reconnect_error", [err]);
      } else {
        const attempt = this.attempts_;
        this.attempts_ = 0;
        this.dispatch_("reconnect", [attempt]);
      }
    });
  }
}

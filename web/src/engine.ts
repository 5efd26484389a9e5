import { Emitter } from "./emitter.js";
import { frameSize, type Frame } from "./frame.js";
import type { EngineOptions } from "./options.js";
import type { PacketOptions, RawData } from "./parser.js";
import { isNode, MAX_DELAY, toBuffer } from "./platform.js";
import { Polling } from "./polling.js";
import { TransportError, type CloseDetails, type Target, type Transport } from "./transport.js";
import { upgrade } from "./upgrade.js";
import { parseAddress, parseQuery, type Query } from "./url.js";
import { WebSocketTransport } from "./websocket.js";

export interface Handshake {
  sid: string;
  upgrades: string[];
  pingInterval: number;
  pingTimeout: number;
  maxPayload?: number;
}

export interface EngineEvents {
  open: () => void;
  handshake: (handshake: Handshake) => void;
  packet: (packet: Frame) => void;
  packetCreate: (packet: Frame) => void;
  data: (data: RawData) => void;
  message: (data: RawData) => void;
  drain: () => void;
  flush: () => void;
  heartbeat: () => void;
  ping: () => void;
  pong: () => void;
  upgrading: (transport: Transport) => void;
  upgrade: (transport: Transport) => void;
  upgradeError: (err: Error) => void;
  error: (err: Error) => void;
  close: (reason: string, description?: CloseDetails | Error) => void;
}

/** Whom the engine works for. Separate from its listeners, which the program can remove. */
export interface EngineOwner {
  onOpen_(): void;
  onPing_(): void;
  onData_(data: RawData): void;
  onError_(err: Error): void;
  onClose_(reason: string, details?: CloseDetails | Error): void;
}

const TRANSPORTS: Record<string, new (target: Target, query: Query) => Transport> = {
  polling: Polling,
  websocket: WebSocketTransport,
};

/** Whether the last WebSocket of this page worked; see the option `rememberUpgrade`. */
let websocketWorked = false;

/** One Engine.IO session: handshake, heartbeat, upgrade, and the queue of what is not sent yet. */
export class Engine extends Emitter<{}, {}, EngineEvents> {
  id?: string;
  readyState: "opening" | "open" | "closing" | "closed" = "opening";
  transport!: Transport;
  writeBuffer: Frame[] = [];
  upgrading = false;
  opts: EngineOptions;
  hostname: string;
  port: string;
  secure: boolean;
  /** The transports that may be used, by preference. */
  transports: string[];
  /** What binary messages are handed over as: "nodebuffer" (in Node only) or "arraybuffer". */
  binaryType = isNode ? "nodebuffer" : "arraybuffer";

  /** @internal */
  owner_?: EngineOwner;
  private target_: Target;
  private query_: Query;
  /** How many frames of the queue the transport has taken and not sent yet. */
  private taken_ = 0;
  private maxPayload_ = Infinity;
  private heartbeat_ = 0;
  private deadline_ = Infinity;
  private pingTimer_?: ReturnType<typeof setTimeout>;
  private cancelUpgrade_?: () => void;
  private stopWatchingPage_?: () => void;

  constructor(uri: string | undefined, opts: EngineOptions, owner: EngineOwner) {
    super();
    const address = parseAddress(uri ?? hostFrom(opts));
    this.owner_ = owner;
    this.hostname = address.hostname;
    this.port = address.port;
    this.secure = address.secure;
    const path = (opts.path ?? "/engine.io").replace(/\/$/, "");
    this.opts = { ...opts, path: path + (opts.addTrailingSlash === false ? "" : "/") };
    const query = opts.query ?? address.query;
    this.query_ = { ...(typeof query === "string" ? parseQuery(query) : query), EIO: 4 };
    const known = Object.keys(TRANSPORTS);
    this.transports = (opts.transports ?? known).filter((name) => known.includes(name));
    this.target_ = {
      secure_: this.secure,
      hostname_: this.hostname,
      port_: this.port,
      opts_: this.opts,
      cookies_: new Map(),
    };
    this.watchPage_();
    this.start_();
  }

  /** Queues a message. The callback runs when it is handed to the transport. */
  write(data: RawData, options?: PacketOptions, callback?: () => void): this {
    if (this.readyState === "opening" || this.readyState === "open") {
      this.queue_({ type: "message", data, options: { compress: true, ...options } });
      if (callback) this.once("flush", callback);
      this.flush_();
    }
    return this;
  }

  send(data: RawData, options?: PacketOptions, callback?: () => void): this {
    return this.write(data, options, callback);
  }

  /** Closes once everything queued is sent and a running upgrade has ended. */
  close(): this {
    if (this.readyState === "opening") this.end_("forced close");
    else if (this.readyState === "open") {
      this.readyState = "closing";
      this.closeIfDrained_();
    }
    return this;
  }

  /**
   * @internal Whether the server has been silent for too long although no timer has fired, as in
   * a throttled tab or after a suspend. Ends the session then.
   */
  hasExpired_(): boolean {
    const expired = Date.now() > this.deadline_;
    if (expired) {
      this.deadline_ = Infinity;
      queueMicrotask(() => this.end_("ping timeout"));
    }
    return expired;
  }

  private start_(): void {
    const remembered = this.opts.rememberUpgrade && websocketWorked;
    const name =
      remembered && this.transports.includes("websocket") ? "websocket" : this.transports[0];
    if (!name) {
      queueMicrotask(() => this.fail_(new TransportError("No transports available")));
      return;
    }
    this.use_(this.create_(name));
    this.transport.open_();
  }

  private create_(name: string): Transport {
    const { transportOptions } = this.opts;
    const query: Query = { ...this.query_, transport: name };
    if (this.id) query.sid = this.id;
    const opts_ = { ...this.opts, ...transportOptions?.[name] };
    return new TRANSPORTS[name]!({ ...this.target_, opts_ }, query);
  }

  private use_(transport: Transport): void {
    this.transport = transport;
    transport.listener_ = {
      onOpen_() {},
      onFrame_: (frame) => this.receive_(frame),
      onDrain_: () => this.drained_(),
      onFailure_: (err) => this.fail_(err),
      onClose_: (details) => {
        if (this.readyState === "opening") this.fail_(new TransportError("transport close", details));
        else this.end_("transport close", details);
      },
    };
  }

  private receive_(frame: Frame): void {
    if (this.readyState === "closed") return;
    this.dispatch_("packet", [frame]);
    this.dispatch_("heartbeat");
    const { type } = frame;
    const data =
      frame.data instanceof ArrayBuffer && this.binaryType === "nodebuffer"
        ? toBuffer(frame.data)
        : frame.data;
    if (type === "error" || (this.readyState === "opening" && type !== "open")) {
      this.fail_(new TransportError("server error", data));
    } else if (type === "open") {
      if (this.readyState === "opening") this.shakeHands_(data as string);
    } else if (type === "ping") {
      this.awaitPing_();
      this.queue_({ type: "pong" });
      this.flush_();
      this.dispatch_("ping");
      this.dispatch_("pong");
      this.owner_?.onPing_();
    } else if (type === "message") {
      this.dispatch_("data", [data]);
      this.dispatch_("message", [data]);
      this.owner_?.onData_(data!);
    } else if (type === "close") {
      this.end_("transport close", { description: "transport closed by the server" });
    }
  }

  private shakeHands_(text: string): void {
    const handshake = parseHandshake(text);
    if (!handshake) {
      this.fail_(new TransportError("server error", "invalid handshake", text));
      return;
    }
    this.id = this.transport.query.sid = handshake.sid;
    this.heartbeat_ = Math.min(handshake.pingInterval + handshake.pingTimeout, MAX_DELAY);
    this.maxPayload_ = handshake.maxPayload ?? Infinity;
    this.readyState = "open";
    websocketWorked = this.transport.name === "websocket";
    this.awaitPing_();
    this.dispatch_("handshake", [handshake]);
    this.dispatch_("open");
    this.owner_?.onOpen_();
    this.flush_();
    if (handshake.upgrades.includes("websocket")) this.upgrade_();
  }

  private awaitPing_(): void {
    clearTimeout(this.pingTimer_);
    this.deadline_ = Date.now() + this.heartbeat_;
    this.pingTimer_ = setTimeout(() => this.end_("ping timeout"), this.heartbeat_);
  }

  private upgrade_(): void {
    const polling = this.transport;
    if (
      this.readyState !== "open" ||
      this.opts.upgrade === false ||
      !(polling instanceof Polling) ||
      !this.transports.includes("websocket")
    ) {
      return;
    }
    websocketWorked = false;
    const next = this.create_("websocket");
    this.cancelUpgrade_ = upgrade(
      polling,
      next,
      () => {
        this.upgrading = true;
        this.dispatch_("upgrading", [next]);
      },
      (err) => {
        this.cancelUpgrade_ = undefined;
        if (err) this.dispatch_("upgradeError", [err]);
        else this.switchTo_(next);
        this.upgrading = false;
        this.flush_();
        this.closeIfDrained_();
      },
    );
  }

  private switchTo_(next: Transport): void {
    // Nothing is on its way on the old transport; the server ends it, so no farewell.
    this.transport.listener_ = undefined;
    this.transport.close_(false);
    this.use_(next);
    next.send_([{ type: "upgrade" }]);
    websocketWorked = true;
    this.dispatch_("upgrade", [next]);
  }

  private queue_(frame: Frame): void {
    this.dispatch_("packetCreate", [frame]);
    this.writeBuffer.push(frame);
  }

  private flush_(): void {
    if (
      this.readyState === "closed" ||
      !this.transport.writable ||
      this.upgrading ||
      !this.writeBuffer.length
    ) {
      return;
    }
    const frames = this.nextFrames_();
    this.taken_ = frames.length;
    this.transport.send_(frames);
    this.dispatch_("flush");
  }

  /** As much of the queue as one request may carry; over WebSocket all of it. */
  private nextFrames_(): Frame[] {
    if (this.transport.name !== "polling") return this.writeBuffer.slice();
    let size = 1;
    let count = 0;
    for (const frame of this.writeBuffer) {
      size += frameSize(frame);
      if (count && size > this.maxPayload_) break;
      count++;
      size += 2;
    }
    return this.writeBuffer.slice(0, count);
  }

  private drained_(): void {
    this.writeBuffer.splice(0, this.taken_);
    this.taken_ = 0;
    if (this.writeBuffer.length) this.flush_();
    else this.dispatch_("drain");
    this.closeIfDrained_();
  }

  private closeIfDrained_(): void {
    if (this.readyState === "closing" && !this.writeBuffer.length && !this.upgrading) {
      this.end_("forced close");
    }
  }

  private fail_(err: TransportError): void {
    websocketWorked = false;
    const others = this.transports.filter((name) => name !== this.transport?.name);
    if (this.opts.tryAllTransports && this.readyState === "opening" && others.length) {
      this.transports = others;
      this.transport.listener_ = undefined;
      this.transport.close_(false);
      this.start_();
      return;
    }
    if (this.readyState === "closed") return;
    this.dispatch_("error", [err]);
    this.owner_?.onError_(err);
    this.end_("transport error", err);
  }

  private end_(reason: string, details?: CloseDetails | Error): void {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    this.deadline_ = Infinity;
    clearTimeout(this.pingTimer_);
    this.stopWatchingPage_?.();
    this.cancelUpgrade_?.();
    if (this.transport) {
      this.transport.listener_ = undefined;
      this.transport.close_(reason === "forced close" || reason === "ping timeout");
    }
    this.id = undefined;
    this.dispatch_("close", [reason, details]);
    this.owner_?.onClose_(reason, details);
    this.writeBuffer = [];
    this.taken_ = 0;
  }

  private watchPage_(): void {
    if (typeof addEventListener !== "function") return;
    const offline = () =>
      this.end_("transport close", { description: "network connection lost" });
    const leave = () => {
      this.owner_ = undefined;
      this.off();
      this.end_("forced close");
    };
    if (this.hostname !== "localhost") addEventListener("offline", offline);
    if (this.opts.closeOnBeforeunload) addEventListener("beforeunload", leave);
    this.stopWatchingPage_ = () => {
      removeEventListener("offline", offline);
      removeEventListener("beforeunload", leave);
    };
  }
}

function hostFrom({ host, hostname = host, port, secure }: EngineOptions): string | undefined {
  return hostname && `http${secure ? "s" : ""}://${hostname}${port ? ":" + port : ""}`;
}

/** Returns nothing for a handshake that no session can be based on. */
function parseHandshake(text: string): Handshake | undefined {
  let data: any;
  try {
    data = JSON.parse(text);
  } catch {
    return;
  }
  if (
    typeof data?.sid !== "string" ||
    !data.sid ||
    typeof data.pingInterval !== "number" ||
    typeof data.pingTimeout !== "number" ||
    !(data.pingInterval + data.pingTimeout > 0)
  ) {
    return;
  }
  return {
    ...data,
    upgrades: Array.isArray(data.upgrades) ? data.upgrades : [],
    maxPayload: data.maxPayload > 0 ? data.maxPayload : undefined,
  };
}

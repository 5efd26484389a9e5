import type { EngineOptions } from "./options.js";
import type { Frame } from "./frame.js";
import { formatQuery, type Query } from "./url.js";

/** Says why a connection failed; reaches the user in `connect_error`. */
export class TransportError extends Error {
  readonly type = "TransportError";

  constructor(
    message: string,
    /** The HTTP status, or what the platform reported. */
    readonly description?: any,
    readonly context?: any,
  ) {
    super(message);
  }
}

export interface CloseDetails {
  description: string;
  context?: unknown;
}

/** Whoever uses the transport: the engine, or the upgrade that tries it. */
export interface TransportListener {
  onOpen_(): void;
  onFrame_(frame: Frame): void;
  /** What was given to `send_` has left. */
  onDrain_(): void;
  /** Nothing more follows after a failure or a close. */
  onFailure_(err: TransportError): void;
  onClose_(details: CloseDetails): void;
}

/** Where and how to connect; fixed for the life of an engine. */
export interface Target {
  secure_: boolean;
  hostname_: string;
  port_: string;
  opts_: EngineOptions;
  /** Cookies for Node, where nothing else keeps them. */
  cookies_: Map<string, string>;
}

/** One way to carry frames. Silent once its listener is taken away. */
export abstract class Transport {
  abstract readonly name: string;
  /** Whether frames can be given to `send_` now. */
  writable = false;
  /** @internal */
  listener_?: TransportListener;

  constructor(
    protected target_: Target,
    public query: Query,
  ) {}

  /** @internal */
  abstract open_(): void;

  /** @internal Only while writable. */
  abstract send_(frames: Frame[]): void;

  /** @internal Ends the transport; `polite` tells the server if it would not notice by itself. */
  abstract close_(polite: boolean): void;

  protected uri_(scheme: string, timestamp: boolean): string {
    const { secure_, hostname_, port_, opts_ } = this.target_;
    const query: Query = { ...this.query };
    if (timestamp) {
      query[opts_.timestampParam ?? "t"] =
        Date.now().toString(36) + Math.random().toString(36).slice(2, 6);
    }
    if (opts_.forceBase64) query.b64 = 1;
    const port = port_ && port_ !== (secure_ ? "443" : "80") ? ":" + port_ : "";
    return `${scheme}${secure_ ? "s" : ""}://${hostname_}${port}${opts_.path}?${formatQuery(query)}`;
  }

  /** The user's headers, and in Node the cookies. */
  protected headers_(): Record<string, string> {
    const { opts_, cookies_ } = this.target_;
    const headers = { ...opts_.extraHeaders };
    if (cookies_.size) headers.cookie = [...cookies_].map((pair) => pair.join("=")).join("; ");
    return headers;
  }
}

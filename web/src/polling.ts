import { Transport, TransportError } from "./transport.js";
import { decodeFrame, encodeFrames, SEPARATOR, type Frame } from "./frame.js";
import { isNode } from "./platform.js";

/** A server that answers polls faster than this with nothing is not polled again at once. */
const IDLE_POLL_DELAY = 100;

/** How long the farewell may take before it is given up. */
const FAREWELL_TIMEOUT = 5000;

/** HTTP long-polling: one GET waits for frames, one POST at a time carries ours. */
export class Polling extends Transport {
  readonly name = "polling";
  private state_: "opening" | "open" | "closed" = "opening";
  private requests_ = new Set<AbortController>();
  private polling_ = false;
  private posting_ = false;
  private pollTimer_?: ReturnType<typeof setTimeout>;
  /** Set while paused; called once nothing is on its way any more. */
  private onPaused_?: () => void;

  override open_(): void {
    this.poll_();
  }

  override send_(frames: Frame[]): void {
    this.writable = false;
    encodeFrames(frames, false, (encoded) => {
      if (encoded) this.post_(encoded.join(SEPARATOR));
      else this.fail_("xhr post error", "a Blob could not be read");
    });
  }

  override close_(polite: boolean): void {
    if (this.state_ === "closed") return;
    const wasOpen = this.state_ === "open";
    this.state_ = "closed";
    this.writable = false;
    clearTimeout(this.pollTimer_);
    if (polite && wasOpen) {
      // The server answers the waiting GET when it reads this, so the GET is aborted only after.
      this.request_("POST", "1", FAREWELL_TIMEOUT).then(
        () => this.abort_(),
        () => this.abort_(),
      );
    } else {
      this.abort_();
    }
  }

  /** @internal Calls `done` when no request is on its way; until then messages still arrive. */
  pause_(done: () => void): void {
    this.onPaused_ = done;
    clearTimeout(this.pollTimer_);
    this.checkPaused_();
  }

  /** @internal Undoes `pause_`. */
  resume_(): void {
    this.onPaused_ = undefined;
    if (!this.polling_) this.poll_();
  }

  private checkPaused_(): void {
    if (this.onPaused_ && !this.polling_ && !this.posting_) this.onPaused_();
  }

  private abort_(): void {
    for (const request of this.requests_) request.abort();
  }

  private poll_(): void {
    if (this.state_ === "closed") return;
    this.polling_ = true;
    const started = Date.now();
    this.request_("GET").then(
      (payload) => {
        this.polling_ = false;
        const idle = this.receive_(payload) && Date.now() - started < IDLE_POLL_DELAY;
        if (this.state_ === "closed") return;
        if (this.onPaused_) this.checkPaused_();
        else if (idle) this.pollTimer_ = setTimeout(() => this.poll_(), IDLE_POLL_DELAY);
        else this.poll_();
      },
      (err) => this.fail_("xhr poll error", err),
    );
  }

  /** Returns whether there was nothing in it but heartbeats. */
  private receive_(payload: string): boolean {
    let idle = true;
    for (const text of payload.split(SEPARATOR)) {
      if (this.state_ === "closed") break;
      const frame = decodeFrame(text);
      if (frame.type === "open" && this.state_ === "opening") {
        this.state_ = "open";
        this.writable = true;
      }
      if (frame.type !== "ping" && frame.type !== "noop") idle = false;
      this.listener_?.onFrame_(frame);
    }
    return idle;
  }

  private post_(body: string): void {
    if (this.state_ === "closed") return;
    this.posting_ = true;
    this.request_("POST", body).then(
      () => {
        this.posting_ = false;
        if (this.state_ === "closed") return;
        this.writable = true;
        this.listener_?.onDrain_();
        this.checkPaused_();
      },
      (err) => this.fail_("xhr post error", err),
    );
  }

  private fail_(message: string, cause: any): void {
    if (this.state_ === "closed") return;
    // The session is of no use any more: nothing to be polite about.
    this.state_ = "closed";
    this.abort_();
    const failed = cause instanceof HttpError;
    this.listener_?.onFailure_(
      new TransportError(message, failed ? cause.context.status : 0, failed ? cause.context : cause),
    );
  }

  /** Resolves with the body of a 200 response; rejects for anything else. */
  private async request_(
    method: string,
    body?: string,
    timeout = this.target_.opts_.requestTimeout,
  ): Promise<string> {
    const { opts_, cookies_ } = this.target_;
    const request = new AbortController();
    const timer = timeout ? setTimeout(() => request.abort(), timeout) : undefined;
    this.requests_.add(request);
    try {
      const response = await fetch(this.uri_("http", opts_.timestampRequests !== false), {
        method,
        body,
        headers: {
          ...(body === undefined ? {} : { "Content-Type": "text/plain;charset=UTF-8" }),
          ...this.headers_(),
        },
        credentials: opts_.withCredentials ? "include" : "same-origin",
        // The farewell has to survive the page that sends it.
        keepalive: this.state_ === "closed",
        signal: request.signal,
      });
      if (isNode && opts_.withCredentials) keepCookies(cookies_, response.headers);
      const text = await response.text();
      if (response.status !== 200) throw new HttpError(response.status, text);
      return text;
    } finally {
      clearTimeout(timer);
      this.requests_.delete(request);
    }
  }
}

class HttpError extends Error {
  context: { status: number; responseText: string };

  constructor(status: number, responseText: string) {
    super("HTTP status " + status);
    this.context = { status, responseText };
  }
}

/** Enough of a cookie jar for sticky sessions: name and value, and removal by expiry. */
function keepCookies(cookies: Map<string, string>, headers: Headers): void {
  for (const line of headers.getSetCookie()) {
    const [pair = "", ...attributes] = line.split(";");
    const [name, ...value] = pair.split("=");
    const expired = attributes.some((attribute) => {
      const [key = "", when = ""] = attribute.trim().split("=");
      return /^max-age$/i.test(key)
        ? +when <= 0
        : /^expires$/i.test(key) && Date.parse(when) <= Date.now();
    });
    if (expired) cookies.delete(name!.trim());
    else cookies.set(name!.trim(), value.join("=").trim());
  }
}

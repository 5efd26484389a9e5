/*! Socket.IO client for Go servers, MIT licence */
"use strict";
(() => {
  // src/backoff.ts
  var Backoff = class {
    constructor(ms, max, jitter) {
      this.ms = ms;
      this.max = max;
      this.jitter = jitter;
      /** Tries since the connection last proved good. */
      this.attempts = 0;
    }
    /** The next delay in milliseconds. */
    duration() {
      let ms = this.ms * 2 ** Math.min(this.attempts++, 30);
      if (this.jitter > 0 && this.jitter <= 1) {
        const spread = Math.floor(Math.random() * this.jitter * ms);
        ms += Math.random() < 0.5 ? spread : -spread;
      }
      return Math.floor(Math.min(ms, this.max));
    }
    reset() {
      this.attempts = 0;
    }
  };

  // src/platform.ts
  var globals = globalThis;
  var isNode = typeof document === "undefined" && !!globals.process?.versions?.node;
  function toBuffer(data) {
    return globals.Buffer?.from(data) ?? data;
  }
  function isBlob(value) {
    return typeof Blob !== "undefined" && value instanceof Blob;
  }
  function isBinary(value) {
    return value instanceof ArrayBuffer || ArrayBuffer.isView(value) || isBlob(value);
  }
  var MAX_DELAY = 2147483647;
  function callUser(fn, self, args) {
    try {
      fn.apply(self, args);
    } catch (err) {
      queueMicrotask(() => {
        throw err;
      });
    }
  }

  // src/emitter.ts
  var Emitter = class {
    constructor() {
      this.callbacks_ = /* @__PURE__ */ Object.create(null);
    }
    on(event, listener) {
      this.callbacks_[event] = [...this.callbacks_[event] ?? [], listener];
      return this;
    }
    once(event, listener) {
      const wrapper = (...args) => {
        if (this.remove_(event, wrapper)) listener.apply(this, args);
      };
      wrapper.origin_ = listener;
      return this.on(event, wrapper);
    }
    /** Without a listener: all of that event. Without an event: all. */
    off(event, listener) {
      if (event === void 0) this.callbacks_ = /* @__PURE__ */ Object.create(null);
      else if (listener) this.remove_(event, listener);
      else delete this.callbacks_[event];
      return this;
    }
    emit(event, ...args) {
      this.dispatch_(event, args);
      return this;
    }
    listeners(event) {
      return (this.callbacks_[event] ?? []).map((listener) => listener.origin_ ?? listener);
    }
    hasListeners(event) {
      return this.listeners(event).length > 0;
    }
    /** @internal Runs the listeners of an event. */
    dispatch_(event, args = []) {
      for (const listener of this.callbacks_[event] ?? []) callUser(listener, this, args);
    }
    remove_(event, listener) {
      const list = this.callbacks_[event] ?? [];
      const index = list.findIndex((entry) => entry === listener || entry.origin_ === listener);
      if (index >= 0) this.callbacks_[event] = list.filter((_, i) => i !== index);
      return index >= 0;
    }
  };
  var names = Emitter.prototype;
  names.addEventListener = names.on;
  names.removeListener = names.removeAllListeners = names.removeEventListener = names.off;

  // src/parser.ts
  var protocol = 5;
  var CONNECT = 0;
  var DISCONNECT = 1;
  var EVENT = 2;
  var ACK = 3;
  var CONNECT_ERROR = 4;
  var WITH_ATTACHMENTS = 3;
  var MAX_ATTACHMENTS = 1e3;
  var RESERVED = [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener"
  ];
  function isReserved(event) {
    return RESERVED.includes(event);
  }
  var Encoder = class {
    encode({ type, nsp, data, id }) {
      const attachments = [];
      const json = data == null ? "" : JSON.stringify(data, type === EVENT || type === ACK ? extractInto(attachments) : void 0);
      const count = attachments.length;
      const header = (count ? type + WITH_ATTACHMENTS + "" + count + "-" : "" + type) + (nsp === "/" ? "" : nsp + ",") + (id ?? "");
      return [header + json, ...attachments];
    }
  };
  function extractInto(attachments) {
    return function(key, value) {
      const original = this[key];
      const binary = isBinary(original) ? original : isBinary(value) ? value : void 0;
      return binary ? { _placeholder: true, num: attachments.push(binary) - 1 } : value;
    };
  }
  var Decoder = class extends Emitter {
    add(data) {
      const pending = this.pending_;
      if (typeof data === "string") {
        if (pending) throw new Error("text where an attachment was expected");
        const { packet, count } = decodeText(data);
        if (count) this.pending_ = { packet, count, attachments: [] };
        else this.emit("decoded", packet);
        return;
      }
      if (!pending) throw new Error("attachment without a packet");
      if (pending.attachments.push(data) === pending.count) {
        this.pending_ = void 0;
        pending.packet.data = insertAttachments(pending.packet.data, pending.attachments);
        this.emit("decoded", pending.packet);
      }
    }
    destroy() {
      this.pending_ = void 0;
    }
  };
  var SHAPE = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*)(?:,|$))?(\d+)?([^]*)$/;
  function decodeText(text) {
    const match = SHAPE.exec(text);
    if (!match) throw new Error("unknown packet type");
    let type = +match[1];
    const count = +(match[2] ?? 0);
    const binary = type > CONNECT_ERROR;
    if (binary) type -= WITH_ATTACHMENTS;
    if (binary ? !(count > 0 && count <= MAX_ATTACHMENTS) : match[2]) {
      throw new Error("illegal attachments");
    }
    const id = match[4] === void 0 ? void 0 : +match[4];
    const data = match[5] ? JSON.parse(match[5]) : void 0;
    if (!isValidPayload(type, data) || id !== void 0 && !Number.isSafeInteger(id)) {
      throw new Error("invalid payload");
    }
    return { packet: { type, nsp: match[3] ?? "/", id, data }, count };
  }
  function isObject(data) {
    return typeof data === "object" && data !== null && !Array.isArray(data);
  }
  function isValidPayload(type, data) {
    switch (type) {
      case CONNECT:
        return data === void 0 || isObject(data);
      case DISCONNECT:
        return data === void 0;
      case CONNECT_ERROR:
        return typeof data === "string" || isObject(data);
      case ACK:
        return Array.isArray(data);
      default:
        return Array.isArray(data) && (typeof data[0] === "number" || typeof data[0] === "string" && !isReserved(data[0]));
    }
  }
  function insertAttachments(value, attachments) {
    if (typeof value !== "object" || value === null) return value;
    if (value._placeholder === true) {
      const attachment = typeof value.num === "number" ? attachments[value.num] : void 0;
      if (!attachment) throw new Error("illegal attachments");
      return attachment;
    }
    for (const key of Object.keys(value)) value[key] = insertAttachments(value[key], attachments);
    return value;
  }

  // src/defaults.ts
  var defaults = { parser: { Encoder, Decoder } };

  // src/frame.ts
  var TYPES = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];
  var SEPARATOR = "";
  function decodeFrame(text) {
    const data = text.slice(1);
    if (text[0] === "b") {
      try {
        return { type: "message", data: fromBase64(data) };
      } catch {
        return { type: "error", data: text };
      }
    }
    const type = TYPES[text.charCodeAt(0) - 48];
    return type ? { type, data } : { type: "error", data: text };
  }
  function encodeFrames(frames, binary, done) {
    const parts = frames.map(({ type, data }) => {
      if (typeof data === "string" || data === void 0) {
        return TYPES.indexOf(type) + (data ?? "");
      }
      if (binary) return data;
      return isBlob(data) ? data.arrayBuffer().then(toBase64) : toBase64(data);
    });
    if (parts.some((part) => part instanceof Promise)) {
      Promise.all(parts).then(done, () => done(void 0));
    } else {
      done(parts);
    }
  }
  function frameSize({ data }) {
    if (data === void 0) return 0;
    if (typeof data === "string") return utf8Length(data);
    return Math.ceil((isBlob(data) ? data.size : data.byteLength) * 1.33);
  }
  function utf8Length(text) {
    let length = text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 128) continue;
      length += code < 2048 || code >= 55296 && code < 57344 ? 1 : 2;
    }
    return length;
  }
  function toBase64(data) {
    const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) {
      text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    }
    return "b" + btoa(text);
  }
  function fromBase64(text) {
    const decoded = atob(text);
    const bytes = new Uint8Array(decoded.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = decoded.charCodeAt(i);
    return bytes.buffer;
  }

  // src/url.ts
  var MAX_LENGTH = 8e3;
  var SHAPE2 = /^(https?|wss?):\/\/(?:[^/?#]*@)?(\[[^\]/?#]+\]|[^:/?#]+)(?::(\d+))?([^?#]*)\??([^#]*)/i;
  function parseAddress(url) {
    const page = typeof location === "undefined" ? void 0 : location;
    if (!url || url[0] === "/" && url[1] !== "/") {
      if (!page?.host) throw new Error("outside a browser the URL must name the server");
      url = page.protocol + "//" + page.host + (url || "/");
    }
    if (url.length > MAX_LENGTH) throw new Error("URI too long");
    if (!/^\w+:\/\//.test(url)) {
      const scheme = page && /^http/.test(page.protocol) ? page.protocol : "https:";
      url = scheme + (url.slice(0, 2) === "//" ? "" : "//") + url;
    }
    const match = SHAPE2.exec(url);
    if (!match) throw new Error("invalid URL: " + url);
    const secure = /^(https|wss)$/i.test(match[1]);
    const hostname = match[2].toLowerCase();
    const port = match[3] ?? (secure ? "443" : "80");
    return {
      secure,
      hostname,
      port,
      path: match[4] || "/",
      query: match[5],
      origin: `http${secure ? "s" : ""}://${hostname}:${port}`
    };
  }
  function parseQuery(text) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  function formatQuery(query) {
    return Object.keys(query).map((key) => encodeURIComponent(key) + "=" + encodeURIComponent(query[key])).join("&");
  }

  // src/transport.ts
  var TransportError = class extends Error {
    constructor(message, description, context) {
      super(message);
      this.description = description;
      this.context = context;
      this.type = "TransportError";
    }
  };
  var Transport = class {
    constructor(target_, query) {
      this.target_ = target_;
      this.query = query;
      /** Whether frames can be given to `send_` now. */
      this.writable = false;
    }
    uri_(scheme, timestamp) {
      const { secure_, hostname_, port_, opts_ } = this.target_;
      const query = { ...this.query };
      if (timestamp) {
        query[opts_.timestampParam ?? "t"] = Date.now().toString(36) + Math.random().toString(36).slice(2, 6);
      }
      if (opts_.forceBase64) query.b64 = 1;
      const port = port_ && port_ !== (secure_ ? "443" : "80") ? ":" + port_ : "";
      return `${scheme}${secure_ ? "s" : ""}://${hostname_}${port}${opts_.path}?${formatQuery(query)}`;
    }
    /** The user's headers, and in Node the cookies. */
    headers_() {
      const { opts_, cookies_ } = this.target_;
      const headers = { ...opts_.extraHeaders };
      if (cookies_.size) headers.cookie = [...cookies_].map((pair) => pair.join("=")).join("; ");
      return headers;
    }
  };

  // src/polling.ts
  var IDLE_POLL_DELAY = 100;
  var FAREWELL_TIMEOUT = 5e3;
  var Polling = class extends Transport {
    constructor() {
      super(...arguments);
      this.name = "polling";
      this.state_ = "opening";
      this.requests_ = /* @__PURE__ */ new Set();
      this.polling_ = false;
      this.posting_ = false;
    }
    open_() {
      this.poll_();
    }
    send_(frames) {
      this.writable = false;
      encodeFrames(frames, false, (encoded) => {
        if (encoded) this.post_(encoded.join(SEPARATOR));
        else this.fail_("xhr post error", "a Blob could not be read");
      });
    }
    close_(polite) {
      if (this.state_ === "closed") return;
      const wasOpen = this.state_ === "open";
      this.state_ = "closed";
      this.writable = false;
      clearTimeout(this.pollTimer_);
      if (polite && wasOpen) {
        this.request_("POST", "1", FAREWELL_TIMEOUT).then(
          () => this.abort_(),
          () => this.abort_()
        );
      } else {
        this.abort_();
      }
    }
    /** @internal Calls `done` when no request is on its way; until then messages still arrive. */
    pause_(done) {
      this.onPaused_ = done;
      clearTimeout(this.pollTimer_);
      this.checkPaused_();
    }
    /** @internal Undoes `pause_`. */
    resume_() {
      this.onPaused_ = void 0;
      if (!this.polling_) this.poll_();
    }
    checkPaused_() {
      if (this.onPaused_ && !this.polling_ && !this.posting_) this.onPaused_();
    }
    abort_() {
      for (const request of this.requests_) request.abort();
    }
    poll_() {
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
        (err) => this.fail_("xhr poll error", err)
      );
    }
    /** Returns whether there was nothing in it but heartbeats. */
    receive_(payload) {
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
    post_(body) {
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
        (err) => this.fail_("xhr post error", err)
      );
    }
    fail_(message, cause) {
      if (this.state_ === "closed") return;
      this.state_ = "closed";
      this.abort_();
      const failed = cause instanceof HttpError;
      this.listener_?.onFailure_(
        new TransportError(message, failed ? cause.context.status : 0, failed ? cause.context : cause)
      );
    }
    /** Resolves with the body of a 200 response; rejects for anything else. */
    async request_(method, body, timeout = this.target_.opts_.requestTimeout) {
      const { opts_, cookies_ } = this.target_;
      const request = new AbortController();
      const timer = timeout ? setTimeout(() => request.abort(), timeout) : void 0;
      this.requests_.add(request);
      try {
        const response = await fetch(this.uri_("http", opts_.timestampRequests !== false), {
          method,
          body,
          headers: {
            ...body === void 0 ? {} : { "Content-Type": "text/plain;charset=UTF-8" },
            ...this.headers_()
          },
          credentials: opts_.withCredentials ? "include" : "same-origin",
          // The farewell has to survive the page that sends it.
          keepalive: this.state_ === "closed",
          signal: request.signal
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
  };
  var HttpError = class extends Error {
    constructor(status, responseText) {
      super("HTTP status " + status);
      this.context = { status, responseText };
    }
  };
  function keepCookies(cookies, headers) {
    for (const line of headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(";");
      const [name, ...value] = pair.split("=");
      const expired = attributes.some((attribute) => {
        const [key = "", when = ""] = attribute.trim().split("=");
        return /^max-age$/i.test(key) ? +when <= 0 : /^expires$/i.test(key) && Date.parse(when) <= Date.now();
      });
      if (expired) cookies.delete(name.trim());
      else cookies.set(name.trim(), value.join("=").trim());
    }
  }

  // src/upgrade.ts
  function upgrade(from, to, pausing, done) {
    let paused = false;
    function stop() {
      to.listener_ = void 0;
      to.close_(false);
    }
    function fail(reason) {
      stop();
      if (paused) from.resume_();
      done(new TransportError("probe error", reason));
    }
    to.listener_ = {
      onOpen_: () => to.send_([{ type: "ping", data: "probe" }]),
      onFrame_(frame) {
        if (paused || frame.type !== "pong" || frame.data !== "probe") {
          fail("unexpected packet");
          return;
        }
        paused = true;
        pausing();
        from.pause_(() => {
          to.listener_ = void 0;
          done();
        });
      },
      onDrain_() {
      },
      onFailure_: fail,
      onClose_: fail
    };
    to.open_();
    return stop;
  }

  // src/websocket.ts
  var WebSocketTransport = class extends Transport {
    constructor() {
      super(...arguments);
      this.name = "websocket";
    }
    open_() {
      const { opts_ } = this.target_;
      let ws;
      try {
        const uri = this.uri_("ws", !!opts_.timestampRequests);
        const headers = this.headers_();
        const second = isNode && Object.keys(headers).length ? { headers, protocols: opts_.protocols ?? [] } : opts_.protocols;
        ws = new WebSocket(uri, second);
      } catch (err) {
        queueMicrotask(() => this.fail_(err));
        return;
      }
      this.ws_ = ws;
      ws.binaryType = "arraybuffer";
      ws.onopen = () => {
        this.writable = true;
        this.listener_?.onOpen_();
      };
      ws.onmessage = ({ data }) => this.listener_?.onFrame_(
        typeof data === "string" ? decodeFrame(data) : { type: "message", data }
      );
      ws.onerror = (event) => this.fail_(event);
      ws.onclose = (event) => this.listener_?.onClose_({ description: "websocket connection closed", context: event });
    }
    send_(frames) {
      this.writable = false;
      encodeFrames(frames, !this.target_.opts_.forceBase64, (encoded) => {
        if (!encoded) return this.fail_("a Blob could not be read");
        try {
          for (const part of encoded) this.ws_.send(part);
        } catch (err) {
          return this.fail_(err);
        }
        queueMicrotask(() => {
          this.writable = true;
          this.listener_?.onDrain_();
        });
      });
    }
    close_() {
      this.writable = false;
      this.ws_?.close();
    }
    fail_(cause) {
      this.listener_?.onFailure_(new TransportError("websocket error", cause));
    }
  };

  // src/engine.ts
  var TRANSPORTS = {
    polling: Polling,
    websocket: WebSocketTransport
  };
  var websocketWorked = false;
  var Engine = class extends Emitter {
    constructor(uri, opts, owner) {
      super();
      this.readyState = "opening";
      this.writeBuffer = [];
      this.upgrading = false;
      /** What binary messages are handed over as: "nodebuffer" (in Node only) or "arraybuffer". */
      this.binaryType = isNode ? "nodebuffer" : "arraybuffer";
      /** How many frames of the queue the transport has taken and not sent yet. */
      this.taken_ = 0;
      this.maxPayload_ = Infinity;
      this.heartbeat_ = 0;
      this.deadline_ = Infinity;
      const address = parseAddress(uri ?? hostFrom(opts));
      this.owner_ = owner;
      this.hostname = address.hostname;
      this.port = address.port;
      this.secure = address.secure;
      const path = (opts.path ?? "/engine.io").replace(/\/$/, "");
      this.opts = { ...opts, path: path + (opts.addTrailingSlash === false ? "" : "/") };
      const query = opts.query ?? address.query;
      this.query_ = { ...typeof query === "string" ? parseQuery(query) : query, EIO: 4 };
      const known = Object.keys(TRANSPORTS);
      this.transports = (opts.transports ?? known).filter((name) => known.includes(name));
      this.target_ = {
        secure_: this.secure,
        hostname_: this.hostname,
        port_: this.port,
        opts_: this.opts,
        cookies_: /* @__PURE__ */ new Map()
      };
      this.watchPage_();
      this.start_();
    }
    /** Queues a message. The callback runs when it is handed to the transport. */
    write(data, options, callback) {
      if (this.readyState === "opening" || this.readyState === "open") {
        this.queue_({ type: "message", data, options: { compress: true, ...options } });
        if (callback) this.once("flush", callback);
        this.flush_();
      }
      return this;
    }
    send(data, options, callback) {
      return this.write(data, options, callback);
    }
    /** Closes once everything queued is sent and a running upgrade has ended. */
    close() {
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
    hasExpired_() {
      const expired = Date.now() > this.deadline_;
      if (expired) {
        this.deadline_ = Infinity;
        queueMicrotask(() => this.end_("ping timeout"));
      }
      return expired;
    }
    start_() {
      const remembered = this.opts.rememberUpgrade && websocketWorked;
      const name = remembered && this.transports.includes("websocket") ? "websocket" : this.transports[0];
      if (!name) {
        queueMicrotask(() => this.fail_(new TransportError("No transports available")));
        return;
      }
      this.use_(this.create_(name));
      this.transport.open_();
    }
    create_(name) {
      const { transportOptions } = this.opts;
      const query = { ...this.query_, transport: name };
      if (this.id) query.sid = this.id;
      const opts_ = { ...this.opts, ...transportOptions?.[name] };
      return new TRANSPORTS[name]({ ...this.target_, opts_ }, query);
    }
    use_(transport) {
      this.transport = transport;
      transport.listener_ = {
        onOpen_() {
        },
        onFrame_: (frame) => this.receive_(frame),
        onDrain_: () => this.drained_(),
        onFailure_: (err) => this.fail_(err),
        onClose_: (details) => {
          if (this.readyState === "opening") this.fail_(new TransportError("transport close", details));
          else this.end_("transport close", details);
        }
      };
    }
    receive_(frame) {
      if (this.readyState === "closed") return;
      this.dispatch_("packet", [frame]);
      this.dispatch_("heartbeat");
      const { type } = frame;
      const data = frame.data instanceof ArrayBuffer && this.binaryType === "nodebuffer" ? toBuffer(frame.data) : frame.data;
      if (type === "error" || this.readyState === "opening" && type !== "open") {
        this.fail_(new TransportError("server error", data));
      } else if (type === "open") {
        if (this.readyState === "opening") this.shakeHands_(data);
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
        this.owner_?.onData_(data);
      } else if (type === "close") {
        this.end_("transport close", { description: "transport closed by the server" });
      }
    }
    shakeHands_(text) {
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
    awaitPing_() {
      clearTimeout(this.pingTimer_);
      this.deadline_ = Date.now() + this.heartbeat_;
      this.pingTimer_ = setTimeout(() => this.end_("ping timeout"), this.heartbeat_);
    }
    upgrade_() {
      const polling = this.transport;
      if (this.readyState !== "open" || this.opts.upgrade === false || !(polling instanceof Polling) || !this.transports.includes("websocket")) {
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
          this.cancelUpgrade_ = void 0;
          if (err) this.dispatch_("upgradeError", [err]);
          else this.switchTo_(next);
          this.upgrading = false;
          this.flush_();
          this.closeIfDrained_();
        }
      );
    }
    switchTo_(next) {
      this.transport.listener_ = void 0;
      this.transport.close_(false);
      this.use_(next);
      next.send_([{ type: "upgrade" }]);
      websocketWorked = true;
      this.dispatch_("upgrade", [next]);
    }
    queue_(frame) {
      this.dispatch_("packetCreate", [frame]);
      this.writeBuffer.push(frame);
    }
    flush_() {
      if (this.readyState === "closed" || !this.transport.writable || this.upgrading || !this.writeBuffer.length) {
        return;
      }
      const frames = this.nextFrames_();
      this.taken_ = frames.length;
      this.transport.send_(frames);
      this.dispatch_("flush");
    }
    /** As much of the queue as one request may carry; over WebSocket all of it. */
    nextFrames_() {
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
    drained_() {
      this.writeBuffer.splice(0, this.taken_);
      this.taken_ = 0;
      if (this.writeBuffer.length) this.flush_();
      else this.dispatch_("drain");
      this.closeIfDrained_();
    }
    closeIfDrained_() {
      if (this.readyState === "closing" && !this.writeBuffer.length && !this.upgrading) {
        this.end_("forced close");
      }
    }
    fail_(err) {
      websocketWorked = false;
      const others = this.transports.filter((name) => name !== this.transport?.name);
      if (this.opts.tryAllTransports && this.readyState === "opening" && others.length) {
        this.transports = others;
        this.transport.listener_ = void 0;
        this.transport.close_(false);
        this.start_();
        return;
      }
      if (this.readyState === "closed") return;
      this.dispatch_("error", [err]);
      this.owner_?.onError_(err);
      this.end_("transport error", err);
    }
    end_(reason, details) {
      if (this.readyState === "closed") return;
      this.readyState = "closed";
      this.deadline_ = Infinity;
      clearTimeout(this.pingTimer_);
      this.stopWatchingPage_?.();
      this.cancelUpgrade_?.();
      if (this.transport) {
        this.transport.listener_ = void 0;
        this.transport.close_(reason === "forced close" || reason === "ping timeout");
      }
      this.id = void 0;
      this.dispatch_("close", [reason, details]);
      this.owner_?.onClose_(reason, details);
      this.writeBuffer = [];
      this.taken_ = 0;
    }
    watchPage_() {
      if (typeof addEventListener !== "function") return;
      const offline = () => this.end_("transport close", { description: "network connection lost" });
      const leave = () => {
        this.owner_ = void 0;
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
  };
  function hostFrom({ host, hostname = host, port, secure }) {
    return hostname && `http${secure ? "s" : ""}://${hostname}${port ? ":" + port : ""}`;
  }
  function parseHandshake(text) {
    let data;
    try {
      data = JSON.parse(text);
    } catch {
      return;
    }
    if (typeof data?.sid !== "string" || !data.sid || typeof data.pingInterval !== "number" || typeof data.pingTimeout !== "number" || !(data.pingInterval + data.pingTimeout > 0)) {
      return;
    }
    return {
      ...data,
      upgrades: Array.isArray(data.upgrades) ? data.upgrades : [],
      maxPayload: data.maxPayload > 0 ? data.maxPayload : void 0
    };
  }

  // src/retry.ts
  var RetryQueue = class {
    constructor(retries_, canSend_, send_) {
      this.retries_ = retries_;
      this.canSend_ = canSend_;
      this.send_ = send_;
      this.entries_ = [];
    }
    add_(args, flags) {
      const last = args[args.length - 1];
      const ack_ = typeof last === "function" ? args.pop() : void 0;
      this.entries_.push({ args, flags, ack_, tries_: 0, pending_: false });
      this.drain_();
    }
    /** Sends the first entry unless it is on its way. */
    drain_() {
      const entry = this.entries_[0];
      if (!entry || entry.pending_ || !this.canSend_()) return;
      entry.pending_ = true;
      entry.tries_++;
      this.send_(entry.args, entry.flags, {
        withError: true,
        callback: (err, ...answer) => {
          entry.pending_ = false;
          if (!err || entry.tries_ > this.retries_) {
            this.entries_.shift();
            try {
              entry.ack_?.(err, ...answer);
            } finally {
              this.drain_();
            }
          } else {
            this.drain_();
          }
        }
      });
    }
  };

  // src/socket.ts
  var MAX_EARLY_PACKETS = 1e5;
  var DEFAULT_RETRY_TIMEOUT = 1e4;
  var Socket = class extends Emitter {
    constructor(io2, nsp, opts = {}) {
      super();
      this.io = io2;
      this.nsp = nsp;
      this.connected = false;
      /** Whether the last connection continued the one before it, without loss. */
      this.recovered = false;
      /** Whether this socket is connected or will try to be. */
      this.active = false;
      /** Events that arrived before the server has accepted us. */
      this.receiveBuffer = [];
      /** Packets to be sent on connect. */
      this.sendBuffer = [];
      this.flags_ = {};
      this.nextId_ = 0;
      this.acks_ = /* @__PURE__ */ new Map();
      this.incoming_ = [];
      this.outgoing_ = [];
      /** Counts connections, so that an acknowledgement cannot answer on a later one. */
      this.session_ = 0;
      this.auth = opts.auth;
      this._opts = { ...opts };
      if (opts.retries) {
        this.retries_ = new RetryQueue(
          opts.retries,
          () => this.connected,
          (args, flags, ack) => this.sendEvent_(args, flags, ack)
        );
      }
      if (io2._autoConnect) this.connect();
    }
    get disconnected() {
      return !this.connected;
    }
    connect() {
      if (this.connected) return this;
      this.active = true;
      if (!this.io.isReconnecting_()) this.io.open();
      if (this.io._readyState === "open") this.join_();
      return this;
    }
    open() {
      return this.connect();
    }
    disconnect() {
      const wasConnected = this.connected;
      if (wasConnected) this.io.send_({ type: DISCONNECT, nsp: this.nsp });
      this.leave_();
      if (wasConnected) this.closed_("io client disconnect");
      return this;
    }
    close() {
      return this.disconnect();
    }
    /** Sends the event "message". */
    send(...args) {
      return this.emit("message", ...args);
    }
    /**
     * Sends an event; while not connected it is kept and sent on connect. A function as the last
     * argument receives the acknowledgement. Throws for the names of the library's own events, and
     * for data that JSON cannot express.
     */
    emit(event, ...args) {
      this.emit_([event, ...args]);
      return this;
    }
    /** Like `emit`; resolves with the acknowledgement, rejects on time-out and disconnection. */
    emitWithAck(event, ...args) {
      return new Promise((resolve, reject) => {
        this.emit_([event, ...args], {
          withError: true,
          callback: (err, answer) => err ? reject(err) : resolve(answer)
        });
      });
    }
    /** For the next event: whether it may be compressed, where the platform leaves the choice. */
    compress(compress) {
      this.flags_.compress = compress;
      return this;
    }
    /** For the next event: dropped instead of kept if it cannot be sent now. */
    get volatile() {
      this.flags_.volatile = true;
      return this;
    }
    /** For the next event: how many milliseconds to wait for the acknowledgement. */
    timeout(ms) {
      this.flags_.timeout = ms;
      return this;
    }
    /** Called with the name and arguments of every event received, before its own listeners. */
    onAny(listener) {
      this.incoming_ = [...this.incoming_, listener];
      return this;
    }
    prependAny(listener) {
      this.incoming_ = [listener, ...this.incoming_];
      return this;
    }
    offAny(listener) {
      this.incoming_ = without(this.incoming_, listener);
      return this;
    }
    listenersAny() {
      return this.incoming_;
    }
    /** Called with the name and arguments of every event when it is really sent. */
    onAnyOutgoing(listener) {
      this.outgoing_ = [...this.outgoing_, listener];
      return this;
    }
    prependAnyOutgoing(listener) {
      this.outgoing_ = [listener, ...this.outgoing_];
      return this;
    }
    offAnyOutgoing(listener) {
      this.outgoing_ = without(this.outgoing_, listener);
      return this;
    }
    listenersAnyOutgoing() {
      return this.outgoing_;
    }
    /** @internal The connection is open: ask for this namespace, once per connection. */
    join_() {
      if (this.isJoining_()) return;
      const engine = this.joining_ = this.io.engine;
      let answered = false;
      const join = (auth) => {
        if (answered || this.joining_ !== engine) return;
        answered = true;
        if (!this.active) {
          this.joining_ = void 0;
          return;
        }
        const data = this._pid ? { pid: this._pid, offset: this._lastOffset, ...auth } : auth;
        try {
          this.io.send_({ type: CONNECT, nsp: this.nsp, data });
        } catch (err) {
          this.refused_(err);
        }
      };
      if (typeof this.auth !== "function") {
        join(this.auth);
        return;
      }
      try {
        this.auth(join);
      } catch (err) {
        this.refused_(err);
      }
    }
    /** @internal */
    connectFailed_(err) {
      if (!this.connected) this.dispatch_("connect_error", [err]);
    }
    /** @internal The connection, or our part in it, is over. */
    closed_(reason, details) {
      this.connected = false;
      this.id = void 0;
      this.session_++;
      if (this.io._readyState !== "open") this.joining_ = void 0;
      this.receiveBuffer = [];
      this.dispatch_("disconnect", [reason, details]);
      this.failAcks_();
    }
    /** @internal */
    receive_({ type, data, id }) {
      if (type === CONNECT) this.accepted_(data);
      else if (type === CONNECT_ERROR) {
        if (!this.isJoining_()) return;
        const { message, data: more } = typeof data === "object" ? data : { message: data };
        this.refused_(Object.assign(new Error(message), { data: more }));
      } else if (!this.active) return;
      else if (type === DISCONNECT) {
        this.joining_ = void 0;
        this.leave_();
        this.closed_("io server disconnect");
      } else if (type === ACK) {
        this.answered_(id, data);
      } else if (this.connected) {
        this.deliver_(data, id);
      } else if (this.receiveBuffer.push({ type, nsp: this.nsp, data, id }) > MAX_EARLY_PACKETS) {
        this.io.closed_("parse error", new Error("too many packets before the connection was accepted"));
      }
    }
    /** Whether an answer to our CONNECT is due. */
    isJoining_() {
      return this.joining_ === this.io.engine;
    }
    accepted_(reply) {
      if (!this.isJoining_()) return;
      this.joining_ = void 0;
      if (!this.active) {
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
      if (!this.recovered) this._lastOffset = void 0;
      this.connected = true;
      this.flushBuffers_();
      if (this.connected) this.dispatch_("connect");
    }
    /** Received events first, then what waits to be sent. A listener may disconnect in between. */
    flushBuffers_() {
      const received = this.receiveBuffer;
      this.receiveBuffer = [];
      for (const { data, id } of received) if (this.connected) this.deliver_(data, id);
      while (this.connected && this.sendBuffer.length) {
        const packet = this.sendBuffer.shift();
        callUser(() => this.transmit_(packet), this, []);
      }
      this.retries_?.drain_();
    }
    refused_(err) {
      this.joining_ = void 0;
      if (!this.active) return;
      this.leave_();
      this.dispatch_("connect_error", [err]);
    }
    leave_() {
      this.active = false;
      this.io.release_();
    }
    deliver_(args, id) {
      if (id !== void 0) args.push(this.answerer_(id));
      for (const listener of this.incoming_) callUser(listener, this, args);
      this.dispatch_(args[0], args.slice(1));
      const last = args[args.length - 1];
      if (this._pid && typeof last === "string" && args.length > 1) this._lastOffset = last;
    }
    /** Answers once, and only on the connection that asked. */
    answerer_(id) {
      const session = this.session_;
      let answered = false;
      return (...data) => {
        if (answered || !this.connected || this.session_ !== session) return;
        answered = true;
        this.io.send_({ type: ACK, nsp: this.nsp, id, data });
      };
    }
    emit_(args, ack) {
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
        ack = { callback: last, withError: timeout !== void 0 };
        args.pop();
      }
      this.sendEvent_(args, { ...flags, timeout }, ack);
    }
    sendEvent_(data, flags, ack) {
      const { engine } = this.io;
      const ready = this.connected && !engine.hasExpired_();
      const dropped = flags.volatile && !(ready && engine.transport.writable);
      const packet = {
        type: EVENT,
        nsp: this.nsp,
        data,
        options: { compress: flags.compress !== false }
      };
      if (ack && !(dropped && flags.timeout === void 0)) {
        packet.id = this.nextId_++;
        this.awaitAck_(packet.id, ack, flags.timeout);
      }
      if (dropped) return;
      if (ready) this.transmit_(packet);
      else this.sendBuffer.push(packet);
    }
    /** Sends an event now; if it cannot be encoded, tells whoever waits for the answer and throws. */
    transmit_(packet) {
      for (const listener of this.outgoing_) callUser(listener, this, packet.data);
      try {
        this.io.send_(packet);
      } catch (err) {
        const ack = this.takeAck_(packet.id);
        if (!ack?.withError) throw err;
        callUser(ack.callback, this, [err]);
      }
    }
    awaitAck_(id, ack, timeout) {
      const pending = ack;
      this.acks_.set(id, pending);
      if (timeout === void 0) return;
      pending.timer_ = setTimeout(
        () => {
          this.acks_.delete(id);
          this.sendBuffer = this.sendBuffer.filter((packet) => packet.id !== id);
          callUser(ack.callback, this, [new Error("operation has timed out")]);
        },
        Math.min(timeout, MAX_DELAY)
      );
    }
    takeAck_(id) {
      const ack = this.acks_.get(id);
      this.acks_.delete(id);
      clearTimeout(ack?.timer_);
      return ack;
    }
    answered_(id, args) {
      const ack = this.takeAck_(id);
      if (ack) callUser(ack.callback, this, ack.withError ? [null, ...args] : args);
    }
    /** Forgets the acknowledgements that cannot come any more; packets still kept may get theirs. */
    failAcks_() {
      const kept = new Set(this.sendBuffer.map((packet) => packet.id));
      for (const id of [...this.acks_.keys()]) {
        if (kept.has(id)) continue;
        const ack = this.takeAck_(id);
        if (ack.withError) callUser(ack.callback, this, [new Error("socket has been disconnected")]);
      }
    }
  };
  function without(list, listener) {
    const index = listener ? list.indexOf(listener) : -1;
    return listener ? list.filter((_, i) => i !== index) : [];
  }

  // src/manager.ts
  var Manager = class extends Emitter {
    constructor(uri, opts) {
      super();
      /** By namespace. */
      this.nsps = /* @__PURE__ */ Object.create(null);
      this._readyState = "closed";
      /** Tries since the connection was lost. */
      this.attempts_ = 0;
      this.reconnecting_ = false;
      /** The user has closed: no reconnection until the next `open`. */
      this.closedByUser_ = false;
      if (typeof uri === "object") {
        opts = uri;
        uri = void 0;
      }
      this.uri = uri;
      this.opts = opts = { path: "/socket.io", ...opts };
      this.reconnection_ = opts.reconnection !== false;
      this.maxAttempts_ = opts.reconnectionAttempts || Infinity;
      this.timeout_ = opts.timeout ?? 2e4;
      this.backoff = new Backoff(
        opts.reconnectionDelay ?? 1e3,
        opts.reconnectionDelayMax ?? 5e3,
        opts.randomizationFactor ?? 0.5
      );
      this.encoder = new (opts.parser ?? defaults.parser).Encoder();
      this._autoConnect = opts.autoConnect !== false;
      if (this._autoConnect) this.open();
    }
    reconnection(value) {
      if (value === void 0) return this.reconnection_;
      this.reconnection_ = value;
      if (!value) this.closedByUser_ = true;
      return this;
    }
    reconnectionAttempts(value) {
      if (value === void 0) return this.maxAttempts_;
      this.maxAttempts_ = value;
      return this;
    }
    reconnectionDelay(value) {
      if (value === void 0) return this.backoff.ms;
      this.backoff.ms = value;
      return this;
    }
    reconnectionDelayMax(value) {
      if (value === void 0) return this.backoff.max;
      this.backoff.max = value;
      return this;
    }
    randomizationFactor(value) {
      if (value === void 0) return this.backoff.jitter;
      this.backoff.jitter = value;
      return this;
    }
    timeout(value) {
      if (value === void 0) return this.timeout_;
      this.timeout_ = value;
      return this;
    }
    /**
     * Connects, unless connected or about to be. With a callback, a failure is told to the callback
     * and not followed by a reconnection.
     */
    open(callback) {
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
        }
      });
      if (this.timeout_ !== false) {
        this.timer_ = setTimeout(
          () => this.openFailed_(new Error("timeout")),
          Math.min(this.timeout_, MAX_DELAY)
        );
      }
      return this;
    }
    connect(callback) {
      return this.open(callback);
    }
    /** The socket of a namespace; always the same one for the same name. */
    socket(nsp, opts) {
      const known = this.nsps[nsp];
      if (!known) return this.nsps[nsp] = new Socket(this, nsp, opts);
      if (this._autoConnect && !known.active) known.connect();
      return known;
    }
    /** @internal Whether a try is planned or running. */
    isReconnecting_() {
      return this.reconnecting_;
    }
    /** @internal Throws if the packet cannot be encoded. */
    send_(packet) {
      for (const part of this.encoder.encode(packet)) this.engine.write(part, packet.options);
    }
    /** @internal Closes when no namespace needs the connection any more. */
    release_() {
      if (Object.values(this.nsps).some((socket) => socket.active)) return;
      this.closedByUser_ = true;
      this.reconnecting_ = false;
      clearTimeout(this.timer_);
      if (this._readyState !== "closed") this.closed_("forced close");
    }
    activeSockets_() {
      return Object.values(this.nsps).filter((socket) => socket.active);
    }
    opened_() {
      clearTimeout(this.timer_);
      this._readyState = "open";
      this.decoder = new (this.opts.parser ?? defaults.parser).Decoder();
      this.decoder.on("decoded", (packet) => {
        this.dispatch_("packet", [packet]);
        this.nsps[packet.nsp]?.receive_(packet);
      });
      const onOpen = this.onOpen_;
      for (const socket of this.activeSockets_()) socket.join_();
      this.dispatch_("open");
      onOpen?.();
    }
    receive_(data) {
      try {
        this.decoder.add(data);
      } catch (err) {
        this.closed_("parse error", err);
      }
    }
    report_(err) {
      for (const socket of this.activeSockets_()) socket.connectFailed_(err);
      this.dispatch_("error", [err]);
    }
    /** Leaves the engine; what it still has to send is sent, but nothing more is heard from it. */
    abandonEngine_() {
      clearTimeout(this.timer_);
      this._readyState = "closed";
      this.engine.owner_ = void 0;
      this.engine.close();
      this.decoder?.destroy();
    }
    openFailed_(err) {
      const onOpen = this.onOpen_;
      this.abandonEngine_();
      this.report_(err);
      if (onOpen) onOpen(err);
      else this.reconnect_();
    }
    /** @internal The connection is over, or has to be. */
    closed_(reason, details) {
      this.abandonEngine_();
      this.attempts_ = 0;
      for (const socket of this.activeSockets_()) socket.closed_(reason, details);
      this.dispatch_("close", [reason, details]);
      this.reconnect_();
    }
    reconnect_() {
      if (!this.reconnection_ || this.reconnecting_ || this.closedByUser_ || this._readyState !== "closed") {
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
    tryAgain_() {
      this.dispatch_("reconnect_attempt", [++this.attempts_]);
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
  };

  // src/index.ts
  var managers = /* @__PURE__ */ new Map();
  function lookup(uri, opts) {
    if (typeof uri === "object") {
      opts = uri;
      uri = void 0;
    }
    opts = { path: "/socket.io", ...opts };
    const { origin, path, query } = parseAddress(uri);
    if (query && !opts.query) opts.query = parseQuery(query);
    const key = origin + opts.path;
    const known = managers.get(key);
    let manager;
    if (opts.forceNew || opts.multiplex === false || known?.nsps[path]) {
      manager = new Manager(origin, opts);
    } else {
      manager = known ?? new Manager(origin, opts);
      managers.set(key, manager);
    }
    return manager.socket(path, opts);
  }
  var io = Object.assign(lookup, { io: lookup, connect: lookup, Manager, Socket, protocol });

  // src/global.ts
  globalThis.io = io;
})();
//# sourceMappingURL=socket.io.js.map

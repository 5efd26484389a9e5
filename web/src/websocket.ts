import { Transport, TransportError } from "./transport.js";
import { decodeFrame, encodeFrames, type Frame } from "./frame.js";
import { isNode } from "./platform.js";

/** One WebSocket: a text message for each frame, and binary messages as they are. */
export class WebSocketTransport extends Transport {
  readonly name = "websocket";
  private ws_?: WebSocket;

  override open_(): void {
    const { opts_ } = this.target_;
    let ws: WebSocket;
    try {
      const uri = this.uri_("ws", !!opts_.timestampRequests);
      const headers = this.headers_();
      // Only Node's WebSocket can send headers; it takes them in the place of the sub-protocols.
      const second: any =
        isNode && Object.keys(headers).length
          ? { headers, protocols: opts_.protocols ?? [] }
          : opts_.protocols;
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
    ws.onmessage = ({ data }) =>
      this.listener_?.onFrame_(
        typeof data === "string" ? decodeFrame(data) : { type: "message", data },
      );
    ws.onerror = (event) => this.fail_(event);
    ws.onclose = (event) =>
      this.listener_?.onClose_({ description: "websocket connection closed", context: event });
  }

  override send_(frames: Frame[]): void {
    this.writable = false;
    encodeFrames(frames, !this.target_.opts_.forceBase64, (encoded) => {
      if (!encoded) return this.fail_("a Blob could not be read");
      try {
        for (const part of encoded) this.ws_!.send(part as string);
      } catch (err) {
        return this.fail_(err);
      }
      // Later, so that a frame given by the drain listener is not sent inside this call.
      queueMicrotask(() => {
        this.writable = true;
        this.listener_?.onDrain_();
      });
    });
  }

  override close_(): void {
    this.writable = false;
    this.ws_?.close();
  }

  private fail_(cause: unknown): void {
    this.listener_?.onFailure_(new TransportError("websocket error", cause));
  }
}

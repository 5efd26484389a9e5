import { Transport } from "./transport.js";
import { type Frame } from "./frame.js";
/** One WebSocket: a text message for each frame, and binary messages as they are. */
export declare class WebSocketTransport extends Transport {
    readonly name = "websocket";
    private ws_?;
    open_(): void;
    send_(frames: Frame[]): void;
    close_(): void;
    private fail_;
}

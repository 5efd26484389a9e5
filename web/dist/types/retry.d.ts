import type { Ack, Flags } from "./socket.js";
/**
 * The option `retries`: events leave one at a time, in order, each again and again until it is
 * acknowledged or all its tries are used. The server may therefore see an event more than once.
 */
export declare class RetryQueue {
    private retries_;
    private canSend_;
    private send_;
    private entries_;
    constructor(retries_: number, canSend_: () => boolean, send_: (args: unknown[], flags: Flags, ack: Ack) => void);
    add_(args: unknown[], flags: Flags): void;
    /** Sends the first entry unless it is on its way. */
    drain_(): void;
}

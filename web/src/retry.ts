import type { Ack, Flags } from "./socket.js";

interface Entry {
  args: unknown[];
  flags: Flags;
  ack_?: Function;
  tries_: number;
  pending_: boolean;
}

/**
 * The option `retries`: events leave one at a time, in order, each again and again until it is
 * acknowledged or all its tries are used. The server may therefore see an event more than once.
 */
export class RetryQueue {
  private entries_: Entry[] = [];

  constructor(
    private retries_: number,
    private canSend_: () => boolean,
    private send_: (args: unknown[], flags: Flags, ack: Ack) => void,
  ) {}

  add_(args: unknown[], flags: Flags): void {
    const last = args[args.length - 1];
    const ack_ = typeof last === "function" ? (args.pop() as Function) : undefined;
    this.entries_.push({ args, flags, ack_, tries_: 0, pending_: false });
    this.drain_();
  }

  /** Sends the first entry unless it is on its way. */
  drain_(): void {
    const entry = this.entries_[0];
    if (!entry || entry.pending_ || !this.canSend_()) return;
    entry.pending_ = true;
    entry.tries_++;
    this.send_(entry.args, entry.flags, {
      withError: true,
      callback: (err: Error | null, ...answer: unknown[]) => {
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
      },
    });
  }
}

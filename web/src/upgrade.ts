import type { Polling } from "./polling.js";
import { TransportError, type Transport } from "./transport.js";

/**
 * Moves a session from polling to another transport: tries it with a probe, stops polling, waits
 * until nothing is on its way there. Until `done` the session stays whole on polling. Returns a
 * function which gives up.
 */
export function upgrade(
  from: Polling,
  to: Transport,
  /** The probe was answered; from here on nothing may be sent until `done`. */
  pausing: () => void,
  done: (err?: TransportError) => void,
): () => void {
  let paused = false;

  function stop(): void {
    to.listener_ = undefined;
    to.close_(false);
  }

  function fail(reason: unknown): void {
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
        to.listener_ = undefined;
        done();
      });
    },
    onDrain_() {},
    onFailure_: fail,
    onClose_: fail,
  };
  to.open_();
  return stop;
}

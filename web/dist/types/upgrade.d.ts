import type { Polling } from "./polling.js";
import { TransportError, type Transport } from "./transport.js";
/**
 * Moves a session from polling to another transport: tries it with a probe, stops polling, waits
 * until nothing is on its way there. Until `done` the session stays whole on polling. Returns a
 * function which gives up.
 */
export declare function upgrade(from: Polling, to: Transport, 
/** The probe was answered; from here on nothing may be sent until `done`. */
pausing: () => void, done: (err?: TransportError) => void): () => void;

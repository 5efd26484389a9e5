/** The few things that differ between a browser page, a worker and Node. */
/** A page made by jsdom counts as a browser: it has a document. */
export declare const isNode: boolean;
/** A Buffer on the same memory, where there are Buffers. */
export declare function toBuffer(data: ArrayBuffer): ArrayBuffer | Uint8Array;
export type Binary = ArrayBuffer | ArrayBufferView | Blob;
export declare function isBlob(value: unknown): value is Blob;
export declare function isBinary(value: unknown): value is Binary;
/** Timers wait at most this long; a longer delay would fire at once. */
export declare const MAX_DELAY = 2147483647;
/**
 * Runs code of the user. What it throws is reported as an uncaught error on its own, so that it
 * neither stops the other listeners nor leaves the protocol half-way.
 */
export declare function callUser(fn: Function, self: unknown, args: unknown[]): void;

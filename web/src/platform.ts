/** The few things that differ between a browser page, a worker and Node. */

interface NodeGlobals {
  process?: { versions?: { node?: string } };
  Buffer?: { from(data: ArrayBuffer): Uint8Array };
}

const globals = globalThis as unknown as NodeGlobals;

/** A page made by jsdom counts as a browser: it has a document. */
export const isNode =
  typeof document === "undefined" && !!globals.process?.versions?.node;

/** A Buffer on the same memory, where there are Buffers. */
export function toBuffer(data: ArrayBuffer): ArrayBuffer | Uint8Array {
  return globals.Buffer?.from(data) ?? data;
}

export type Binary = ArrayBuffer | ArrayBufferView | Blob;

export function isBlob(value: unknown): value is Blob {
  return typeof Blob !== "undefined" && value instanceof Blob;
}

export function isBinary(value: unknown): value is Binary {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value) || isBlob(value);
}

/** Timers wait at most this long; a longer delay would fire at once. */
export const MAX_DELAY = 0x7fffffff;

/**
 * Runs code of the user. What it throws is reported as an uncaught error on its own, so that it
 * neither stops the other listeners nor leaves the protocol half-way.
 */
export function callUser(fn: Function, self: unknown, args: unknown[]): void {
  try {
    fn.apply(self, args);
  } catch (err) {
    queueMicrotask(() => {
      throw err;
    });
  }
}

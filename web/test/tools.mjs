// What the cases need, in Node and in a browser alike.

export class AssertionError extends Error {}

function fail(actual, expected) {
  const show = (value) => JSON.stringify(plain(value)) ?? String(value);
  throw new AssertionError(`got ${show(actual)}, want ${show(expected)}`);
}

/** Binary values become {bytes: [...]}, whatever their class; the rest is copied. */
export function plain(value) {
  if (value instanceof ArrayBuffer) return { bytes: [...new Uint8Array(value)] };
  if (ArrayBuffer.isView(value)) {
    return { bytes: [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)] };
  }
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.keys(value).sort().map((key) => [key, plain(value[key])]));
  }
  return value;
}

export function equal(actual, expected) {
  const [a, b] = [plain(actual), plain(expected)];
  const same =
    a && b && typeof a === "object" ? JSON.stringify(a) === JSON.stringify(b) : Object.is(a, b);
  if (!same) fail(actual, expected);
}

export function ok(value) {
  if (!value) fail(value, true);
}

export function throws(fn, pattern) {
  try {
    fn();
  } catch (err) {
    if (!pattern.test(err.message)) fail(err.message, String(pattern));
    return;
  }
  fail("no error", String(pattern));
}

export async function rejects(promise, pattern) {
  await promise.then(
    () => fail("no error", String(pattern)),
    (err) => pattern.test(err.message) || fail(err.message, String(pattern)),
  );
}

/** The arguments of the next such event. */
export function next(emitter, event) {
  return new Promise((resolve) => emitter.once(event, (...args) => resolve(args)));
}

/** The first arguments of the next `count` such events. */
export function take(emitter, event, count) {
  return new Promise((resolve) => {
    const all = [];
    const listener = (arg) => {
      if (all.push(arg) < count) return;
      emitter.off(event, listener);
      resolve(all);
    };
    emitter.on(event, listener);
  });
}

/** The copies made here: nobody else holds one to write to. */
const owned = new WeakSet<object>();
/** The copy of what somebody else may write to, as it was when it was last looked at. */
const copies = new WeakMap<object, object>();

/**
 * Rows that cannot change: a copy that nobody else can write to, and the same copy while the rows are what they were.
 *
 * Whatever is kept of rows from one call to the next (tiles, sums, a gradient) is kept by the identity of this copy. An
 * array of numbers cannot be frozen, and its owner may have written to it since: the values are compared, every time.
 *
 * @param data arrays, plain objects and arrays of numbers; functions and other values are taken as they are
 * @remarks cost: nothing for a copy made here; else a comparison of all bytes, and a copy where one differs.
 */
export function own<Data extends object>(data: Data): Data {
  if (owned.has(data)) return data;
  const known = copies.get(data);
  if (known !== undefined && isSame(data, known, new Map())) return known as Data;
  const copy = copyOf(data, new Map()) as Data;
  owned.add(copy);
  copies.set(data, copy);
  return copy;
}

/** Notes that an object which was made here cannot change, and is its own copy. */
export function declareOwned<Data extends object>(data: Data): Data {
  owned.add(data);
  return data;
}

/** Whether an object was made here and cannot change. */
export function isOwned(data: object): boolean {
  return owned.has(data);
}

/** Whether two arrays of numbers hold the same bits. */
function sameBits(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return a.byteLength === b.byteLength && Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

/** The bytes of an array of numbers: a view. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** @param seen what each object was copied to: what is one object is one again */
function copyOf(value: unknown, seen: Map<unknown, unknown>): unknown {
  if (typeof value !== "object" || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const copy = ArrayBuffer.isView(value)
    ? // A Buffer's own slice is no copy.
      (Uint8Array.prototype.slice.call(value) as ArrayBufferView)
    : Array.isArray(value)
      ? value.map((entry) => copyOf(entry, seen))
      : Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, copyOf(entry, seen)]));
  seen.set(value, copy);
  return ArrayBuffer.isView(copy) ? copy : Object.freeze(copy);
}

/** @param seen what each object was found to be the same as: columns that gate and experts share are read once */
function isSame(value: unknown, copy: unknown, seen: Map<unknown, unknown>): boolean {
  if (typeof value !== "object" || value === null || typeof copy !== "object" || copy === null) {
    return Object.is(value, copy);
  }
  if (seen.get(value) === copy) return true;
  seen.set(value, copy);
  if (ArrayBuffer.isView(value)) {
    return ArrayBuffer.isView(copy) && value.constructor === copy.constructor && sameBits(value, copy);
  }
  const names = Object.keys(value);
  return (
    names.length === Object.keys(copy).length &&
    names.every(
      (name) => Object.hasOwn(copy, name) && isSame(value[name as never], (copy as object)[name as never], seen),
    )
  );
}

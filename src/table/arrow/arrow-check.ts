import type * as Arrow from "apache-arrow";

/** Rows of which no column has a value, at the most. */
const MOST_EMPTY = 1e6;

/**
 * Whether a record batch has the values of all its rows: lengths, ends of texts and places in dictionaries are what its file
 * says they are, and the library believes it.
 *
 * @param known dictionaries that were found whole, to which this adds
 * @remarks cost: a pass over ends of texts and codes
 */
export function isWhole(arrow: typeof Arrow, batch: Arrow.RecordBatch, known: WeakSet<object>): boolean {
  const { children } = batch.data;
  const rows = batch.numRows;
  // Values that are all missing take no room: there are as many as a file likes to say.
  const isBounded = rows <= MOST_EMPTY || children.some(({ type }) => !arrow.DataType.isNull(type));
  return isBounded && children.every((data) => data.length === rows && hasValues(arrow, data, known));
}

function hasValues(arrow: typeof Arrow, data: Arrow.Data, known: WeakSet<object>): boolean {
  const { DataType } = arrow;
  const { type, length, nullCount, nullBitmap, values, valueOffsets, dictionary } = data;
  if (DataType.isNull(type)) return true;
  if (nullCount > 0 && nullBitmap.length * 8 < length) return false;
  if (DataType.isBool(type)) return values.length * 8 >= length;
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return length === 0 || areEnds(valueOffsets, length, values);
  if (values.length < length * data.stride) return false;
  if (!DataType.isDictionary(type)) return true;
  return isDictionary(arrow, dictionary, known) && areCodes(data, dictionary?.length ?? 0);
}

function isDictionary(arrow: typeof Arrow, dictionary: Arrow.Vector | undefined, known: WeakSet<object>): boolean {
  if (dictionary === undefined || known.has(dictionary)) return true;
  known.add(dictionary);
  return dictionary.data.every((data) => hasValues(arrow, data, known));
}

/** Whether texts end one behind the other, within what is written. */
function areEnds(ends: ArrayLike<number | bigint>, rows: number, { length }: { readonly length: number }): boolean {
  if (ends.length <= rows || ends[0] < 0 || ends[rows] > length) return false;
  for (let i = 0; i < rows; i++) if (ends[i] > ends[i + 1]) return false;
  return true;
}

/** Whether each row's code is that of one of so many values. */
function areCodes(data: Arrow.Data, levels: number): boolean {
  const codes: ArrayLike<number | bigint> = data.values;
  for (let i = 0; i < data.length; i++) if (!(codes[i] >= 0 && codes[i] < levels) && data.getValid(i)) return false;
  return true;
}

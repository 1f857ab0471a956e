const MISSING: ReadonlySet<string> = new Set([
  "",
  "NA",
  "N/A",
  "n/a",
  "#N/A",
  "<NA>",
  "NaN",
  "nan",
  "NaT",
  "null",
  "NULL",
  "None",
  ".",
  "?",
]);

/**
 * Whether a text cell stands for a missing value in any column: blank, or one of `NA`, `N/A`, `n/a`, `#N/A`, `<NA>`, `NaN`,
 * `nan`, `NaT`, `null`, `NULL`, `None`, `.` and `?`.
 *
 * @param isQuoted whether it stands in quotes: R writes the text "NA" in them, and what is missing without
 */
export function isMissing(cell: string, isQuoted: boolean = false): boolean {
  const word = cell.trim();
  return MISSING.has(word) && !(isQuoted && word !== "");
}

// The second line has what R, pandas and databases write, the third spreadsheets and Visual C, the fourth people.
const MISSING_NUMBERS: ReadonlySet<string> = new Set(
  `
  na|n/a|#n/a|#n/a n/a|#na|<na>|nan|+nan|-nan|nat|null|nil|none|.|?|*|\\n
  #div/0!|#value!|#num!|#null!|#ref!|#name?|1.#ind|-1.#ind|1.#qnan|-1.#qnan
  n.a|n.a.|missing|not available|not applicable`
    .split(/[|\n]/)
    .map((word) => word.trim()),
);
const DASH = /^[-\u2013\u2014]{1,3}$/;

/**
 * Whether a text cell stands for a missing value among numbers: as `isMissing`, in any case and in quotes, or an error of a
 * spreadsheet, or a word such as `missing`, or a dash, which is a label among others as + is.
 */
export function isMissingNumber(cell: string): boolean {
  const word = cell.trim().toLowerCase();
  return MISSING_NUMBERS.has(word) || DASH.test(word);
}

/** The decimal number that a text cell holds, which may be infinite; NaN where it holds none. */
export function toNumber(cell: string): number {
  const value = Number(cell);
  // Number() also reads blanks as 0, and 0x1F, 0b1 and 0o7.
  if (value === 0 && !/\d/.test(cell)) return Number.NaN;
  if (value > 0 && cell.charCodeAt(1) > LAST_DIGIT && /0[xbo]/i.test(cell)) return Number.NaN;
  return Number.isNaN(value) ? infinity(cell) : value;
}

const LAST_DIGIT = "9".charCodeAt(0);

// R and numpy write Inf and inf.
function infinity(cell: string): number {
  const found = /^\s*([+-]?)inf(inity)?\s*$/i.exec(cell);
  if (found === null) return Number.NaN;
  return found[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

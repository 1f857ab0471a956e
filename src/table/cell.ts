const MISSING: ReadonlySet<string> = new Set(["", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL"]);

/** Whether a text cell stands for a missing value: blank, `NA`, `N/A`, `#N/A`, `NaN`, `nan`, `null` or `NULL`. */
export function isMissing(cell: string): boolean {
  return MISSING.has(cell.trim());
}

/** The decimal number that a text cell holds, which may be infinite; NaN where it holds none. */
export function toNumber(cell: string): number {
  const value = Number(cell);
  // Number() also reads blanks as 0, and 0x1F, 0b1 and 0o7.
  if (value === 0 && !cell.includes("0")) return Number.NaN;
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

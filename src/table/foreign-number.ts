import { toNumber } from "./cell.ts";

/** A number in a notation that is not read, and as it would be read. */
export interface ForeignNumber {
  readonly notation: "percentage" | "currency" | "typeset minus" | "decimal comma" | "thousands separators";
  readonly plain: string;
}

/**
 * What to do about a number in another notation.
 *
 * @param isFile whether it was read from a file, whose notation may be said
 */
export function adviceOn({ notation, plain }: ForeignNumber, isFile: boolean): string {
  switch (notation) {
    case "decimal comma":
      return isFile
        ? 'write decimals with a point, or set decimal to "," (--decimal ,)'
        : "write decimals with a point";
    case "thousands separators":
      return `write numbers without thousands separators: ${plain}`;
    case "percentage":
      return `write percentages as fractions: ${plain}`;
    case "currency":
      return `write amounts without a currency sign: ${plain}`;
    case "typeset minus":
      return `write a minus sign as a hyphen: ${plain}`;
  }
}

// Zero before the first separator, as in 0,125, makes it a decimal comma. Groups of two come in India: 12,34,567.
const COMMAS = /^(?<sign>[+-]?)(?<whole>[1-9]\d{0,2}(,\d{2,3})*,\d{3})(\.(?<part>\d+))?$/;
const POINTS = /^(?<sign>[+-]?)(?<whole>[1-9]\d{0,2}(\.\d{3})+)(,(?<part>\d+))?$/;
const BLANKS = /^(?<sign>[+-]?)(?<whole>[1-9]\d{0,2}([\s\u202f'\u2019_]\d{3})+)([.,](?<part>\d+))?$/;
const DECIMAL_COMMA = /^(?<sign>[+-]?)(?<whole>\d*),(?<part>\d+(?:e[+-]?\d+)?)$/i;
const TYPESET_MINUS = /^[\u2212\u2013]/;
const CURRENCY = /^(?<sign>[+-]?)\p{Sc}\s?(?<before>[+-]?[\d.,].*)$|^(?<after>.*\d)\s?\p{Sc}$/u;

/** Whether a cell is a number with a decimal comma, perhaps one that could be of thousands, such as 1,204. */
export function isDecimalComma(cell: string): boolean {
  return DECIMAL_COMMA.test(cell.trim());
}

/** Whether a column of text has a comma that can only be decimal, as those of 3,14 and 0,125. */
export function hasDecimalCommas(cells: readonly (string | null)[]): boolean {
  return cells.some((cell) => cell !== null && isDecimalComma(cell) && !COMMAS.test(cell.trim()));
}

/** Whether the point of a number may be one of thousands where decimals have commas: that of 1.204, not of 0.125. */
export function isGroupedByPoints(cell: string): boolean {
  return POINTS.test(cell.trim());
}

/**
 * The number that a text cell holds in another notation than the one that is read; nothing for plain numbers and words.
 *
 * @param isDecimal what the comma of 1,204 is taken for: that of decimals, where its column has such, or of thousands
 */
export function foreignNumber(cell: string, isDecimal: boolean): ForeignNumber | undefined {
  const text = cell.trim();
  if (!/\d/.test(text) || isPlain(text)) return undefined;
  if (text.endsWith("%")) {
    const plain = plainly(text.slice(0, -1).trim(), isDecimal);
    if (plain === undefined) return undefined;
    return { notation: "percentage", plain: String(Number((toNumber(plain) / 100).toPrecision(15))) };
  }
  const { sign = "", before, after } = CURRENCY.exec(text)?.groups ?? {};
  if (before !== undefined || after !== undefined) {
    const plain = plainly(`${sign}${before ?? after}`, isDecimal);
    return plain === undefined ? undefined : { notation: "currency", plain };
  }
  if (TYPESET_MINUS.test(text)) {
    const plain = plainly(text.replace(TYPESET_MINUS, "-"), isDecimal);
    return plain === undefined ? undefined : { notation: "typeset minus", plain };
  }
  const decimal = DECIMAL_COMMA.exec(text);
  if (decimal !== null && (isDecimal || !COMMAS.test(text)))
    return { notation: "decimal comma", plain: joined(decimal) };
  const grouped = COMMAS.exec(text) ?? POINTS.exec(text) ?? BLANKS.exec(text);
  return grouped === null ? undefined : { notation: "thousands separators", plain: joined(grouped) };
}

function plainly(text: string, isDecimal: boolean): string | undefined {
  return isPlain(text) ? text : foreignNumber(text, isDecimal)?.plain;
}

function isPlain(text: string): boolean {
  return !Number.isNaN(toNumber(text));
}

function joined({ groups: { sign, whole, part } = {} }: RegExpExecArray): string {
  return `${sign}${whole.replace(/\D/g, "") || "0"}${part === undefined ? "" : `.${part}`}`;
}

import { checkArgument } from "../errors/arguments.ts";
import { number } from "../errors/kinds.ts";

/**
 * A number as people read it: whole numbers plain, others to 4 significant digits and at least one decimal, a true
 * minus sign.
 *
 * @example
 * ```ts
 * import { formatNumber } from "mixlens";
 * const shown = [3, -0.123456, -9962.2335, 1e-7].map((x) => formatNumber(x)).join(" ");
 * if (shown !== "3 −0.1235 −9962.2 1e−7") throw new Error(shown);
 * ```
 */
export function formatNumber(x: number): string {
  checkArgument("write a number", "it", x, number);
  if (Number.isNaN(x)) return "NaN";
  return digits(Math.abs(x))
    .replace("-", "−")
    .replace(/^/, x < 0 ? "−" : "");
}

/** A log-likelihood, or what is made of one: to a hundredth. */
export function formatHundredths(x: number): string {
  return x.toFixed(2).replace("-", "−");
}

/** A number as people read it, of which nothing is known but that it is less than a floor, where it is. */
export function formatAbove(floor: number, x: number): string {
  return Math.abs(x) < floor ? `< ${formatNumber(floor)}` : formatNumber(x);
}

/** An eigenvalue of a fraction that is missing, below which it is rounding, whatever its sign. */
export const LEAST_EIGENVALUE = 1e-12;

/** Such an eigenvalue as people read it, as a rate; what is rounding reads as less than that. */
export function formatEigenvalue(value: number): string {
  return Math.abs(value) < LEAST_EIGENVALUE ? formatAbove(LEAST_EIGENVALUE, value) : formatRate(value);
}

function digits(x: number): string {
  if (x === Number.POSITIVE_INFINITY) return "∞";
  if (Number.isInteger(x) && x < 1e15) return String(x);
  if (x >= 1e9 || x < 1e-4) return trimmed(x.toExponential(3));
  return x >= 1000 ? trimmed(x.toFixed(1)) : trimmed(x.toPrecision(4));
}

/** Without the zeros that end a fraction. */
function trimmed(text: string): string {
  return text
    .replace(/(\.\d*?)0+(?=e|$)/, "$1")
    .replace(/\.(?=e|$)/, "")
    .replace("e+", "e");
}

/**
 * A rate of convergence as people read it: close to 0 and 1 by the distance, so that 0.99999 never reads as 1.
 *
 * @example
 * ```ts
 * import { formatRate } from "mixlens";
 * if (formatRate(0.5564) !== "0.5564" || formatRate(0.99998) !== "1 − 2e−5") throw new Error("misread");
 * ```
 */
export function formatRate(rate: number): string {
  checkArgument("write a rate", "it", rate, number);
  const below = 1 - rate;
  if (below === 0 || Math.abs(below) >= 1e-3) return formatNumber(rate);
  return `1 ${below > 0 ? "−" : "+"} ${formatNumber(Number(Math.abs(below).toPrecision(2)))}`;
}

/** Log rate, or log-odds, of an expert that is always 0: its exponential is 0, with any offset that a rate can have. */
const NEVER = -1e4;

/** What of a mixture says whether it has an expert that is always 0. */
interface Inflated {
  readonly zeroInflated?: boolean;
  readonly k: number;
}

/** Number of the expert that is always 0, from 0, where there is one: the last. */
export function zeroExpert({ zeroInflated, k }: Inflated): number | undefined {
  return zeroInflated ? k - 1 : undefined;
}

/** Number of the experts that are fitted. */
export function fittedExperts(spec: Inflated): number {
  return zeroExpert(spec) ?? spec.k;
}

/** The predictor of what is always 0, beside the coefficient that stands for it: that is 0, and held there. */
export const ALWAYS_ZERO: { readonly name: string; readonly known: number } = Object.freeze({
  name: "zero",
  known: NEVER,
});

import { entropyOf } from "../models/shares.ts";

/** A part of its even share 1/k below which an expert is dead. */
const DEAD = 0.01;

/** How the rows are spread over the experts. */
export interface Load {
  /** Entropy of the shares, −Σ s log s, in nats: log k where all experts have as many rows. */
  readonly loadEntropy: number;
  /** Number of experts that have less than a hundredth of an even share of the rows, 0.01/k. */
  readonly deadExperts: number;
}

/** @param shares of the rows (k) */
export function loadOf(shares: readonly number[]): Load {
  const loadEntropy = entropyOf(Float64Array.from(shares), shares.length);
  return { loadEntropy, deadExperts: shares.filter((share) => !(share * shares.length >= DEAD)).length };
}

/** Says that experts are dead, where some are. */
export function deadInWords({
  deadExperts,
  shares,
}: Pick<Load, "deadExperts"> & { readonly shares: readonly number[] }): readonly string[] {
  if (deadExperts === 0) return [];
  const are = deadExperts === 1 ? "expert has" : "experts have";
  return [
    `${deadExperts} of ${shares.length} ${are} less than a hundredth of an even share of the rows: set balance, or a smaller k`,
  ];
}

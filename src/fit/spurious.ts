import { BLOCK_ROWS } from "../compute/blocks.ts";
import { blockPosterior } from "../models/e-step.ts";
import type { Mixture } from "../models/mixture.ts";
import { fewRows } from "../models/shares.ts";
import { type Observations, sumOver } from "../rows/observations.ts";

/** An expert with fewer rows for each of its parameters, and a standard deviation so many times smaller, is spurious. */
const ROWS_PER_PARAMETER = 3;
const SMALLER = 10;

/** An expert that a few rows near a plane make: a maximum of the likelihood, but none that says anything. */
export interface Spurious {
  /** The expert, from 0. */
  readonly expert: number;
  /** Rows that it answers for, Σ r. */
  readonly rows: number;
  readonly parameters: number;
  /** How widely its responses are spread: its standard deviation or, where that goes with the mean, their ratio. */
  readonly spread: number;
  /** Name of the spread. */
  readonly words: string;
  /** The largest spread of the others. */
  readonly other: number;
  /** Its rows in words, where they are few. */
  readonly named: string;
}

/**
 * The first spurious expert of a mixture: one with fewer than three rows for each of its parameters and a standard
 * deviation, or coefficient of variation, less than a tenth of another's. Any few rows that lie near a plane have such a maximum, as high as
 * they are near; the interior maxima, where no expert is spurious, are those to go by.
 *
 * @param theta parameters (p)
 * @remarks cost an E-step where a standard deviation is so small, and another where an expert is spurious. Day 1969; on spurious and interior maxima, McLachlan and Peel, Finite Mixture Models, 2000, section 3.10.
 */
export function spuriousExpert(model: Mixture, theta: Float64Array, data: Observations): Spurious | undefined {
  const { spec, experts, law } = model;
  const spread = law.scale?.spread;
  if (spread === undefined || spec.sharedVariance || spec.k === 1) return undefined;
  const { k } = spec;
  const spreads = experts.map((predictors) => spread.of(theta[predictors[predictors.length - 1].at[0]]));
  const widest = Math.max(...spreads);
  if (!spreads.some((own) => own * SMALLER < widest)) return undefined;
  const parameters = experts[0].reduce((sum, { at }) => sum + at.length, 0);
  const evaluate = blockPosterior(model, theta, data);
  const rows = sumOver(data, k, (block, sums) => {
    const { responsibilities } = evaluate(block);
    for (let z = 0; z < k; z++) {
      for (let i = 0; i < block.rows; i++) if (block.weights[i] > 0) sums[z] += responsibilities[z * BLOCK_ROWS + i];
    }
  });
  // A spread that has run away, and that of an expert of no rows, is none to compare with.
  const other = Math.max(0, ...spreads.filter((own, z) => Number.isFinite(own) && rows[z] >= 1));
  const expert = spreads.findIndex((own, z) => rows[z] < ROWS_PER_PARAMETER * parameters && own * SMALLER < other);
  if (expert < 0) return undefined;
  const isNamed = data.stretches === undefined;
  const named = isNamed ? fewRows(model.posterior(theta, data).responsibilities, expert, k, data) : "";
  return { expert, rows: rows[expert], parameters, spread: spreads[expert], words: spread.words, other, named };
}

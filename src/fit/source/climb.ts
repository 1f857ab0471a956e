import { iterate } from "../../algorithms/iterate.ts";
import type { FitAlgorithm } from "../../algorithms/named.ts";
import type { Centring } from "../../models/centring.ts";
import type { Mixture } from "../../models/mixture.ts";
import type { Observations } from "../../rows/observations.ts";
import type { Ascent } from "../ascent.ts";
import { type FitStep, TOLERANCE } from "../fit-options.ts";

/** A run on all rows of a source: where it came to, and how. */
export type Climbed = Pick<Ascent, "theta" | "start" | "trace" | "report">;

/** What steps are taken, and until when. */
interface Steps {
  readonly algorithm: FitAlgorithm;
  readonly tolerance?: number | undefined;
  readonly maxIterations: number;
}

/** Runs an algorithm on all rows, from one start to its end, in columns of its own where these are given. */
export function* climbed(
  { model, data }: { readonly model: Mixture; readonly data: Observations },
  start: Float64Array,
  { algorithm, tolerance, maxIterations }: Steps,
  about: Centring<Mixture> | undefined,
): Generator<FitStep, Climbed, void> {
  const outside = (theta: Float64Array): Float64Array => about?.outside(theta) ?? theta;
  const fraction = Math.min(1, model.totalWeight(data) / data.rows);
  const stop = { tolerance: tolerance ?? TOLERANCE * Math.sqrt(fraction), maxIterations };
  const steps = iterate(algorithm, model, about?.inside(start) ?? start, data, stop);
  const trace: Climbed["trace"][number][] = [];
  let next = steps.next();
  for (; !next.done; next = steps.next()) {
    const { theta, ...info } = next.value;
    trace.push(info);
    yield { ...info, theta: outside(theta), start: 0 };
  }
  const { theta, state, gains: _, ...ended } = next.value;
  const { logLikelihood, objective } = state;
  const report = { logLikelihood, objective, ...ended, settled: ended.result === "converged" };
  return { theta: outside(theta), start, trace, report };
}

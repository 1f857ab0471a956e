import type { Random } from "../../math/random.ts";
import { type Mixture, mixture } from "../../models/mixture.ts";
import type { Observations } from "../../rows/observations.ts";
import { firstRows } from "../../rows/units.ts";
import { fromResponsibilities } from "../maximum.ts";
import { someUnits } from "./some-units.ts";
import { areAlike, startingResponsibilities } from "./starts.ts";

/** Steps of EM of the two experts that one is split into. */
const SPLIT_STEPS = 15;
/** Pairs of experts that are merged, those that answer for the same rows most, and experts that are split instead of each. */
const PAIRS = 3;
const SPLITS = 2;
/** Ways of drawing where a split begins, of which the better one is taken. */
const SCHEMES = ["moments", "residuals"] as const;

/** An expert's rows parted between two. */
interface Split {
  readonly expert: number;
  /** What the log-likelihood of its rows gains by it, in nats. */
  readonly gain: number;
  /** The shares of the first of the two in each row (n). */
  readonly first: Float64Array;
}

/**
 * Responsibilities for starts beside a fit that may lead higher: two experts that answer for the same rows become one, and
 * another one, whose rows gain most by it, becomes two.
 *
 * A local maximum often has two experts where one is enough, and one where two are needed; EM does not come from there to
 * where it should be, and a start drawn at random gets all experts right seldom.
 *
 * @param responsibilities of the fit, n × k
 * @returns those of each start, n × k, the most likely first; none of fewer than three experts, whose starts are drawn, and of
 *   a tree of gates or an expert that is always 0, where experts are not alike
 * @remarks cost about that of 30 steps for each expert, of up to 2000 of its own units. Ueda, Nakano, Ghahramani and Hinton, Neural Computation 12, 2000.
 */
export function splitAndMerge(
  rng: Random,
  model: Mixture,
  responsibilities: Float64Array,
  data: Observations,
): Float64Array[] {
  const { k } = model.spec;
  if (k < 3 || !areAlike(model)) return [];
  const splits = Array.from({ length: k }, (_, expert) => splitOf(rng, model, expert, responsibilities, data))
    .filter((split) => split !== undefined)
    .sort((a, b) => b.gain - a.gain);
  const moves = likest(responsibilities, k)
    .slice(0, PAIRS)
    .flatMap(([kept, freed], pair) =>
      splits
        .filter(({ expert }) => expert !== kept && expert !== freed)
        .slice(0, SPLITS)
        .map((split, rank) => ({ kept, freed, split, order: pair + rank })),
    );
  return moves.sort((a, b) => a.order - b.order).map((move) => moved(responsibilities, k, move));
}

/** Responsibilities after a move. */
function moved(
  before: Float64Array,
  k: number,
  { kept, freed, split }: { readonly kept: number; readonly freed: number; readonly split: Split },
): Float64Array {
  const out = before.slice();
  for (let i = 0; i < split.first.length; i++) {
    const own = before[i * k + split.expert];
    out[i * k + kept] += out[i * k + freed];
    out[i * k + split.expert] = own * split.first[i];
    out[i * k + freed] = own - out[i * k + split.expert];
  }
  return out;
}

/** Pairs of experts, those that share most of their rows first: by the cosine of the angle between their responsibilities. */
function likest(responsibilities: Float64Array, k: number): (readonly [number, number])[] {
  const products = new Float64Array(k * k);
  for (let at = 0; at < responsibilities.length; at += k) {
    for (let a = 0; a < k; a++)
      for (let b = 0; b <= a; b++) products[a * k + b] += responsibilities[at + a] * responsibilities[at + b];
  }
  const cosine = ([b, a]: readonly [number, number]): number =>
    products[a * k + b] / Math.sqrt(products[a * k + a] * products[b * k + b]);
  return Array.from({ length: k }, (_, a) => Array.from({ length: a }, (__, b) => [b, a] as const))
    .flat()
    .sort((one, other) => cosine(other) - cosine(one));
}

/** An expert's rows, parted by a mixture of two that some steps of EM fit to them; nothing where none can be fitted. */
function splitOf(
  rng: Random,
  { spec, unitCount }: Mixture,
  expert: number,
  responsibilities: Float64Array,
  data: Observations,
): Split | undefined {
  const { fixed: _, priors: __, ...others } = spec;
  // Of one node, as it is here, a tree is flat.
  const gate = spec.gate === "constant" ? spec.gate : "softmax";
  const shares = Float64Array.from({ length: data.rows }, (_, i) => responsibilities[i * spec.k + expert]);
  const weighted = { ...data, weights: shares.map((share, i) => share * (data.weights?.[i] ?? 1)) };
  const first = data.units === undefined ? shares : Float64Array.from(firstRows(data.units), (row) => shares[row]);
  const own = Array.from({ length: unitCount?.(data) ?? data.rows }, (_, unit) => unit).filter(
    (unit) => first[unit] > 1 / spec.k,
  );
  if (own.length < 2) return undefined;
  const [one, two] = [1, 2].map((k) => mixture({ ...others, gate, k }));
  const few = someUnits(rng, two, weighted, own);
  const single = fromResponsibilities(one, new Float64Array(few.rows).fill(1), few);
  if (!(single instanceof Float64Array)) return undefined;
  const before = one.posterior(single, few).logLikelihood;
  let best: { readonly gain: number; readonly theta: Float64Array } | undefined;
  SCHEMES.forEach((scheme, start) => {
    const drawn = startingResponsibilities(scheme, start, rng, two, few);
    let { theta, failure } = two.maximise(new Float64Array(two.names.length), { responsibilities: drawn }, few);
    for (let step = 0; step < SPLIT_STEPS && failure === undefined; step++)
      ({ theta, failure } = two.maximise(theta, two.posterior(theta, few), few));
    if (failure !== undefined) return;
    const gain = two.posterior(theta, few).logLikelihood - before;
    if (gain > (best?.gain ?? 0)) best = { gain, theta };
  });
  if (best === undefined) return undefined;
  const part = (unitCount?.(few) ?? few.rows) / own.length;
  const both = two.posterior(best.theta, data).responsibilities;
  return { expert, gain: best.gain / part, first: Float64Array.from({ length: data.rows }, (_, i) => both[2 * i]) };
}

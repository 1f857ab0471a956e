import type { Random } from "../../math/random.ts";
import { type Mixture, mixture } from "../../models/mixture.ts";
import type { Design, Observations } from "../../rows/observations.ts";
import { beginning } from "./beginning.ts";
import { someUnits } from "./some-units.ts";
import { areAlike, onOneLevel, startingResponsibilities } from "./starts.ts";

/** Partitions that are begun with, and rounds of each at the most. */
const PARTITIONS = 10;
const ROUNDS = 25;
/** Partitions that are starts. */
const TAKEN = 2;
/** Responsibility of a row's own expert. */
const OWN = 0.99;

/** Experts of a partition that stays as it is, and the log-likelihood of a flat mixture of them, in nats. */
interface Partition {
  readonly theta: Float64Array;
  readonly height: number;
}

/**
 * Responsibilities by partitions that stay as they are where an expert is fitted to each part, and each row goes to the expert
 * by which it is most probable: the highest two of those that ten random ones come to.
 *
 * Where parts cross, clusters of near rows find them seldom, and such partitions often do. Of many rows some are parted, drawn
 * at random, and all the others then go where they are most probable.
 *
 * @returns those of each start, n × k; none of a tree of gates or an expert that is always 0
 * @remarks cost up to 250 M-steps of the experts alone, ten or less for most partitions, on up to 1000 units for each expert. Celeux and Govaert, CSDA 14, 1992 (classification EM);
 *   Murphy and Murphy, ADAC 14, 2020 (from a clustering, for mixtures of experts).
 */
export function reallocated(rng: Random, model: Mixture, data: Observations): Float64Array[] {
  if (!areAlike(model)) return [];
  const { k } = model.spec;
  const { fixed: _, priors: __, ...others } = model.spec;
  const intercept: Design = { columns: ["(intercept)"], values: [new Float64Array(data.rows).fill(1)] };
  const flat = mixture({ ...others, gate: "constant", gateColumns: intercept.columns });
  const rows = { ...data, gate: intercept };
  const some = someUnits(rng, flat, rows);
  const found: Partition[] = [];
  for (let number = 0; number < PARTITIONS; number++) {
    const partition = settled(flat, startingResponsibilities("cells", number, rng, flat, some), some);
    if (partition !== undefined && found.every((other) => !isSame(other, partition))) found.push(partition);
  }
  return found
    .sort((a, b) => b.height - a.height)
    .slice(0, TAKEN)
    .map(({ theta }) => inPlaces(mostProbable(flat.posterior(theta, rows).responsibilities, k), k));
}

/** The partition that reallocation comes to; nothing where an expert loses its rows. */
function settled(model: Mixture, drawn: Float64Array, data: Observations): Partition | undefined {
  const { k } = model.spec;
  let experts = mostProbable(drawn, k);
  let theta: Float64Array = beginning(model, inPlaces(experts, k), data);
  for (let round = 0; ; round++) {
    const next = model.maximise(theta, { responsibilities: inPlaces(experts, k) }, data);
    if (next.failure !== undefined) return undefined;
    theta = onOneLevel(model, next.theta);
    const { responsibilities, logLikelihood } = model.posterior(theta, data);
    const before = experts;
    experts = mostProbable(responsibilities, k);
    if (round === ROUNDS || experts.every((z, i) => z === before[i])) return { theta, height: logLikelihood };
  }
}

/** The expert of each row that it belongs to most (n). */
function mostProbable(responsibilities: Float64Array, k: number): Int32Array {
  const experts = new Int32Array(responsibilities.length / k);
  for (let i = 0, at = 0; i < experts.length; i++, at += k) {
    for (let z = 1; z < k; z++) if (responsibilities[at + z] > responsibilities[at + experts[i]]) experts[i] = z;
  }
  return experts;
}

/** Responsibilities, n × k, in which each row is mostly its own expert's, so that none begins with too few rows. */
function inPlaces(experts: Int32Array, k: number): Float64Array {
  const out = new Float64Array(experts.length * k).fill((1 - OWN) / (k - 1));
  experts.forEach((z, i) => {
    out[i * k + z] = OWN;
  });
  return out;
}

/** Whether two partitions are the same, however their parts are numbered. */
function isSame(one: Partition, other: Partition): boolean {
  return Math.abs(one.height - other.height) < 1e-9 * Math.abs(one.height);
}

import { joined } from "../errors.ts";
import type { Observations } from "../rows/observations.ts";
import { unitWeights } from "../rows/units.ts";

/**
 * Share of the units' weight that each expert answers for (k).
 *
 * @param responsibilities n × k row-major
 */
export function expertShares(
  responsibilities: Float64Array,
  k: number,
  data: Pick<Observations, "rows" | "weights" | "units">,
): number[] {
  const { rows } = data;
  const weights = unitWeights(data);
  const shares = new Array<number>(k).fill(0);
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const weight = weights?.[i] ?? 1;
    total += weight;
    for (let z = 0; z < k; z++) shares[z] += weight * responsibilities[i * k + z];
  }
  return shares.map((share) => share / total);
}

/** An expert's rows are named up to so many. */
const FEW = 5;

/**
 * The rows that are an expert's for the most part, in words, such as `rows 3 and 17`; nothing where they are none or many.
 *
 * @param responsibilities n × k row-major
 */
export function fewRows(
  responsibilities: Float64Array,
  expert: number,
  k: number,
  { rows, weights, numbers }: Pick<Observations, "rows" | "weights" | "numbers">,
): string {
  const own: number[] = [];
  for (let i = 0; i < rows && own.length <= FEW; i++) {
    if (responsibilities[i * k + expert] > 0.5 && (weights?.[i] ?? 1) > 0) own.push(numbers?.[i] ?? i + 1);
  }
  return rowsInWords(own);
}

/** Some rows, by their numbers from 1, in words, such as `rows 3 and 17`; nothing where they are none or many. */
export function rowsInWords(numbers: readonly number[]): string {
  if (numbers.length === 0 || numbers.length > FEW) return "";
  return `${numbers.length === 1 ? "row" : "rows"} ${joined(numbers.map(String), "and")}`;
}

/**
 * Entropy of the responsibilities, −Σ w r log r, in nats: what is not known of whose the rows are.
 *
 * @param responsibilities n × k row-major
 * @param weights of the rows (n); absent: 1
 */
export function entropyOf(responsibilities: Float64Array | Float32Array, k: number, weights?: Float64Array): number {
  let entropy = 0;
  for (let at = 0; at < responsibilities.length; at++) {
    const r = responsibilities[at];
    if (r > 0) entropy -= (weights?.[Math.floor(at / k)] ?? 1) * r * Math.log(r);
  }
  return entropy;
}

/**
 * −Σ w log max_z r_z of the responsibilities, in nats: what taking each row for its most probable expert's costs.
 *
 * @param responsibilities n × k row-major
 * @param weights of the rows (n); absent: 1
 */
export function doubtOf(responsibilities: Float64Array, k: number, weights?: Float64Array): number {
  let doubt = 0;
  for (let at = 0, row = 0; at < responsibilities.length; row++) {
    let most = 0;
    for (const end = at + k; at < end; at++) most = Math.max(most, responsibilities[at]);
    doubt -= (weights?.[row] ?? 1) * Math.log(most);
  }
  return doubt;
}

import { simulate } from "../../src/fit/simulate.ts";
import { random } from "../../src/math/random.ts";
import { type Mixture, mixture } from "../../src/models/mixture.ts";
import type { Observations } from "../../src/rows/observations.ts";

/** Many linear experts, with rows to fit and others that were held out. */
export interface ManyExperts {
  readonly model: Mixture;
  readonly truth: Float64Array;
  readonly data: Observations;
  readonly heldOut: Observations;
}

/** Draws rows of k linear experts in d columns beside the intercept, with coefficients of size 2 and σ = 0.4. */
export function manyExperts(k: number, d: number, rows: number, seed: number): ManyExperts {
  const rng = random(seed);
  const columns = ["(intercept)", ...Array.from({ length: d }, (_, j) => `x${j + 1}`)];
  const model = mixture({ experts: "linear", k, gateColumns: columns, expertColumns: columns });
  // The gate of Gaussian clusters about centres: no expert is without rows.
  const centres = Array.from({ length: k }, () => [0, ...columns.slice(1).map(() => 1.2 * rng.normal())]);
  const bias = (z: number): number => -0.5 * centres[z].reduce((sum, c) => sum + c * c, 0);
  const truth = Float64Array.from(model.names, (name) => {
    if (name.endsWith("log(sigma)")) return Math.log(0.4);
    const gate = /^gate(\d+)\.(.*)$/.exec(name);
    if (gate === null) return 2 * rng.normal();
    const [z, j] = [Number(gate[1]) - 1, columns.indexOf(gate[2])];
    return 1.5 * (j === 0 ? bias(z) - bias(0) : centres[z][j] - centres[0][j]);
  });
  const drawn = (n: number): Observations => {
    const values = columns.map((_, j) => Float64Array.from({ length: n }, () => (j === 0 ? 1 : rng.normal())));
    const design = { columns, values };
    const given = { rows: n, gate: design, expert: design };
    return { ...given, response: simulate(model, truth, given, rng).response };
  };
  return { model, truth, data: drawn(rows), heldOut: drawn(rows) };
}

/** A start near the truth, whose experts from number `first` on lie far off: no row is theirs. */
export function farOff({ model, truth }: ManyExperts, first: number, seed: number, distance: number): Float64Array {
  const rng = random(seed);
  return truth.map((value, j) => {
    const name = model.names[j];
    const near = value + 0.5 * rng.normal() * (name.includes("log(") ? 0.5 : 1);
    const expert = Number(/^expert(\d+)\.\(intercept\)$/.exec(name)?.[1] ?? 0);
    return expert > first ? distance : near;
  });
}

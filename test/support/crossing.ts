import { random } from "../../src/math/random.ts";
import { type Mixture, mixture } from "../../src/models/mixture.ts";
import type { Observations } from "../../src/rows/observations.ts";

// Three lines that cross, of which rows come in turn: y = 4x, −4x and 3, with a noise of 0.1.
export const ROWS = 150;
const rng = random(5);
export const x: Float64Array = Float64Array.from({ length: ROWS }, () => 2 * rng.uniform() - 1);
const lines = [(at: number) => 4 * at, (at: number) => -4 * at, () => 3];
export const y: Float64Array = x.map((at, i) => lines[i % 3](at) + 0.1 * rng.normal());
const design = { columns: ["(intercept)", "x"], values: [new Float64Array(ROWS).fill(1), x] };
export const data: Observations = { rows: ROWS, gate: design, expert: design, response: y };
export const model: Mixture = mixture({
  experts: "linear",
  k: 3,
  gateColumns: design.columns,
  expertColumns: design.columns,
});

/** The share of the rows that the expert which most rows of their line have answers for. */
export function purity(responsibilities: Float64Array): number {
  const shares = lines.map((_, line) => {
    const own = [0, 0, 0];
    for (let i = line; i < ROWS; i += 3) for (let z = 0; z < 3; z++) own[z] += responsibilities[i * 3 + z];
    return own;
  });
  return shares.reduce((sum, own) => sum + Math.max(...own), 0) / ROWS;
}

// One expert has the first two lines, the others half of the third each.
export const stuck: Float64Array = new Float64Array(ROWS * 3);
for (let i = 0; i < ROWS; i++) {
  if (i % 3 < 2) stuck[i * 3] = 1;
  else stuck.fill(0.5, i * 3 + 1, i * 3 + 3);
}

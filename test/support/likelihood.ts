import { blockPosterior } from "../../src/models/e-step.ts";
import type { Mixture } from "../../src/models/mixture.ts";
import { type Observations, sumOver } from "../../src/rows/observations.ts";

type Coefficients = (name: string) => number;

/** Log-likelihood of each row of a mixture of linear experts, written out from its definition and the parameters' names. */
export function linearRows({ names, spec }: Mixture, theta: Float64Array, data: Observations): Float64Array {
  const of: Coefficients = (name) => (names.includes(name) ? theta[names.indexOf(name)] : 0);
  const at = (owner: string, part: "gate" | "expert", row: number): number =>
    data[part].columns.reduce((sum, column, j) => sum + of(`${owner}.${column}`) * data[part].values[j][row], 0);
  return Float64Array.from({ length: data.rows }, (_, i) => {
    const logits = Array.from({ length: spec.k }, (__, z) => at(`gate${z + 1}`, "gate", i));
    const norm = logits.reduce((sum, value) => sum + Math.exp(value), 0);
    const density = logits.map((logit, z) => {
      const sigma = Math.exp(
        of(names.includes("experts.log(sigma)") ? "experts.log(sigma)" : `expert${z + 1}.log(sigma)`),
      );
      const residual = (data.response[i] - at(`expert${z + 1}`, "expert", i)) / sigma;
      return (Math.exp(logit) / norm / sigma / Math.sqrt(2 * Math.PI)) * Math.exp(-(residual ** 2) / 2);
    });
    return Math.log(density.reduce((sum, value) => sum + value, 0));
  });
}

/** Log-likelihood of the unit of each row, as the E-step has it. */
export function eStepRows(model: Mixture, theta: Float64Array, data: Observations): Float64Array {
  const out = new Float64Array(data.rows);
  const evaluate = blockPosterior(model, theta, data);
  sumOver(data, 0, (block) => void out.set(evaluate(block).logLikelihood.subarray(0, block.rows), block.start));
  return out;
}

/** Inverse of a square matrix by Gauss and Jordan, with pivots. */
export function inverse(matrix: readonly (readonly number[])[]): number[][] {
  const q = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => Number(i === j))]);
  for (let j = 0; j < q; j++) {
    const pivot = rows.reduce((best, _, i) => (i >= j && Math.abs(rows[i][j]) > Math.abs(rows[best][j]) ? i : best), j);
    [rows[j], rows[pivot]] = [rows[pivot], rows[j]];
    const by = rows[j][j];
    rows[j] = rows[j].map((value) => value / by);
    rows.forEach((row, i) => {
      if (i !== j) rows[i] = row.map((value, c) => value - row[j] * rows[j][c]);
    });
  }
  return rows.map((row) => row.slice(q));
}

/** Central differences of second order with Richardson's extrapolation (q × q). */
export function hessian(f: (theta: Float64Array) => number, theta: Float64Array, step: number = 4e-3): number[][] {
  const moved = (i: number, a: number, j: number, b: number): number => {
    const at = theta.slice();
    at[i] += a;
    at[j] += b;
    return f(at);
  };
  const entry = (i: number, j: number, h: number): number =>
    (moved(i, h, j, h) - moved(i, h, j, -h) - moved(i, -h, j, h) + moved(i, -h, j, -h)) / (4 * h * h);
  return Array.from(theta, (_, i) =>
    Array.from(theta, (__, j) => {
      const [coarse, middle, fine] = [entry(i, j, step), entry(i, j, step / 2), entry(i, j, step / 4)];
      const [one, two] = [(4 * middle - coarse) / 3, (4 * fine - middle) / 3];
      return (16 * two - one) / 15;
    }),
  );
}

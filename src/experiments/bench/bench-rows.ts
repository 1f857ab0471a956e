import { em } from "../../algorithms/em.ts";
import { iterate } from "../../algorithms/iterate.ts";
import { computing, setThreads } from "../../compute/engine.ts";
import { own } from "../../compute/own.ts";
import { simulate } from "../../fit/simulate.ts";
import { givenResponsibilities } from "../../fit/starts/starts.ts";
import { gateSums, momentSums } from "../../laws/gaussian-kernel.ts";
import { cholesky, solveCholesky } from "../../math/cholesky.ts";
import { random } from "../../math/random.ts";
import { eStep } from "../../models/expectation.ts";
import { type Mixture, mixture } from "../../models/mixture.ts";
import { mixturePosterior } from "../../models/posterior.ts";
import type { Assignment } from "../../rows/assignment.ts";
import type { Observations } from "../../rows/observations.ts";
import { coefficientsOf } from "../../rows/predictor.ts";
import { isWide } from "../../solve/newton.ts";
import { firstTerms } from "../../solve/newton-dense.ts";
import { numericColumn } from "../../table/numeric.ts";
import type { DataTable } from "../../table/table.ts";

/** Rows that steps go through before they are timed, if it takes more than one step. */
const ROWS_BEFORE = 200_000;

/** Problem that is timed: a mixture of k experts with a gate on the same d columns, on n rows; or a matrix, n × d. */
export interface BenchSize {
  readonly n: number;
  readonly d: number;
  readonly k: number;
  readonly threads: number;
  /** Absent: linear. */
  readonly experts?: "poisson" | "logistic";
  /** Labels of logistic experts; absent: three. */
  readonly classes?: number;
}

/** A row of the table: our side. */
export interface BenchRow extends BenchSize {
  readonly name:
    | "step"
    | "fit"
    | "images"
    | "eigenvalues"
    | "eigenvectors"
    | "spectrum"
    | "read"
    | "code"
    | "sparse"
    | "command"
    | "figure";
  readonly engine: string;
  readonly runs: number;
  readonly medianMs: number;
  readonly minMs: number;
  /** What images were read or drawn. */
  readonly source?: "Fashion-MNIST" | "random bytes";
  /** EM steps of a fit. */
  readonly iterations?: number;
  readonly logLikelihood?: number;
  /** Experts that a row may belong to, and what a dense step takes in turn with those. */
  readonly active?: number;
  readonly denseMs?: number;
  /** The largest eigenvalue of a matrix, or of a spectrum. */
  readonly largest?: number;
  /** Whose rows a command read, where they were not drawn. */
  readonly dataset?: string;
  /** Which figure of a process was drawn, and its bytes. */
  readonly figure?: string;
  readonly bytes?: number;
}

/** A mixture, rows drawn from it, the parameters they were drawn at, and a noisy start. */
export interface BenchProblem {
  readonly model: Mixture;
  readonly data: Observations;
  /** Where steps are timed. */
  readonly truth: Float64Array;
  readonly start: Float64Array;
}

/**
 * Draws rows as the numpy baseline does: normal columns, coefficients of size 1 and ½, σ = ½; those of other experts so
 * that log means and log-odds are of size 1 whatever d.
 */
export function benchProblem({ n, d, k, experts, classes = 3 }: Omit<BenchSize, "threads">): BenchProblem {
  const rng = random(1);
  const columns = ["(intercept)", ...Array.from({ length: d - 1 }, (_, j) => `x${j + 1}`)];
  const values = columns.map((_, j) => Float64Array.from({ length: n }, () => (j === 0 ? 1 : rng.normal())));
  const design = { columns, values };
  const law =
    experts === "logistic"
      ? { experts, labels: Array.from({ length: classes }, (_, c) => `${c + 1}`) }
      : { experts: experts ?? ("linear" as const) };
  const model = mixture({ ...law, k, gateColumns: columns, expertColumns: columns });
  const slope = experts === undefined ? 1 : 0.6 / Math.sqrt(d);
  const sizeOf = (name: string): number => (name.endsWith("(intercept)") ? 1 : slope);
  const truth = Float64Array.from(model.names, (name) =>
    name.endsWith("log(sigma)") ? Math.log(0.5) : (name.startsWith("gate") ? 0.5 * slope : sizeOf(name)) * rng.normal(),
  );
  const rows = { rows: n, gate: design, expert: design };
  const { response, experts: drawn } = simulate(model, truth, rows, rng);
  const start = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    const noise = Array.from({ length: k }, () => rng.uniform());
    const sum = noise.reduce((total, u) => total + u, 0);
    noise.forEach((u, z) => {
      start[i * k + z] = (0.5 * u) / sum + (drawn[i] === z ? 0.5 : 0);
    });
  }
  return { model, data: { ...rows, response }, truth, start };
}

/** The rows of a table with the columns x1, x2, …, y and, for a start, r1 … rk; parameters are 0. */
export function benchTable(table: DataTable, { d, k }: Pick<BenchSize, "d" | "k">): BenchProblem {
  const names = Array.from({ length: d - 1 }, (_, j) => `x${j + 1}`);
  const columns = ["(intercept)", ...names];
  const values = [new Float64Array(table.rows).fill(1), ...names.map((name) => numericColumn(table, name))];
  const design = { columns, values };
  const model = mixture({ experts: "linear", k, gateColumns: columns, expertColumns: columns });
  const parts = Array.from({ length: k }, (_, z) => `r${z + 1}`);
  return {
    model,
    data: { rows: table.rows, gate: design, expert: design, response: numericColumn(table, "y") },
    truth: new Float64Array(model.names.length),
    start: givenResponsibilities(table, parts, k, undefined),
  };
}

/**
 * Times one EM iteration with one Newton step of the gate: the E-step with all sums, and the solutions of the normal and
 * the Newton equations. The rows are in tiles already, as in every step of a fit but the first.
 *
 * @param now a clock, in milliseconds
 */
export function benchStep(problem: BenchProblem, size: BenchSize, runs: number, now: () => number): BenchRow {
  const { model, truth } = problem;
  const data = own(problem.data);
  setThreads(size.threads);
  let logLikelihood = 0;
  const whole = (): void => {
    const expectation = eStep(model, truth, data);
    expectation.maximise({ steps: 1 });
    ({ logLikelihood } = expectation);
  };
  const linear = (): void => {
    const expectation = mixturePosterior(model, truth, data);
    solve(model, truth, expectation.assignment, data);
    ({ logLikelihood } = expectation);
  };
  // A wide gate is climbed without its Hessian.
  const once = model.spec.experts !== "linear" || isWide(model.gate) ? whole : linear;
  const before = Math.ceil(ROWS_BEFORE / size.n);
  return { name: "step", ...size, ...timed(once, runs, now, before), logLikelihood };
}

/** The solutions that lead to the next θ: as many equations as {@link Mixture} has parts, of sums that are there. */
function solve(model: Mixture, theta: Float64Array, assignment: Assignment, data: Observations): void {
  const { experts, gate } = model;
  const k = experts.length;
  const d = experts[0][0].at.length;
  const p = (k - 1) * d;
  const moments = momentSums(experts, theta, assignment, data);
  const expansion = gateSums(k, coefficientsOf(gate, theta), assignment, data, firstTerms(gate));
  if (moments === undefined || expansion === undefined) {
    model.maximise(theta, assignment, data, { steps: 1 });
    return;
  }
  const systems = experts.map((_, z) => {
    const each = moments.subarray((z * moments.length) / k, ((z + 1) * moments.length) / k);
    return { matrix: each.slice(2 + d), right: each.subarray(2, 2 + d), size: d };
  });
  const hessian = new Float64Array(p * p);
  for (let h = 0, at = 1 + p; h < k - 1; h++) {
    for (let j = 0; j <= h; j++) {
      for (let a = 0; a < d; a++) {
        for (let b = 0; b < d; b++, at++) {
          hessian[(h * d + a) * p + j * d + b] = hessian[(j * d + b) * p + h * d + a] = expansion[at];
        }
      }
    }
  }
  systems.push({ matrix: hessian, right: expansion.subarray(1, 1 + p), size: p });
  for (const { matrix, right, size } of systems) {
    const factor = cholesky(matrix, size);
    if (typeof factor !== "number") solveCholesky(factor, size, right);
  }
}

/** Times a fit by EM from a noisy start until a step changes the log-likelihood by less than 1e-8 of itself. */
export function benchFit(problem: BenchProblem, size: BenchSize, runs: number, now: () => number): BenchRow {
  const { model, data, start } = problem;
  setThreads(size.threads);
  let logLikelihood = 0;
  let iterations = 0;
  const once = (): void => {
    const { theta } = model.maximise(new Float64Array(model.names.length), { responsibilities: start }, data);
    let before = Number.NEGATIVE_INFINITY;
    for (const step of iterate(em(), model, theta, data, { tolerance: 0, maxIterations: 1000 })) {
      ({ logLikelihood } = step);
      iterations = step.iteration + 1;
      if (Math.abs(logLikelihood - before) < 1e-8 * (Math.abs(logLikelihood) + 0.1)) break;
      before = logLikelihood;
    }
  };
  return { name: "fit", ...size, ...timed(once, runs, now), iterations, logLikelihood };
}

/** Runs something until it is compiled, then times it. What takes no time is not compiled by one run. */
export function timed(
  once: () => void,
  runs: number,
  now: () => number,
  before = 1,
): Pick<BenchRow, "runs" | "medianMs" | "minMs" | "engine"> {
  for (let run = 0; runs > 1 && run < before; run++) once();
  const times = Array.from({ length: runs }, () => {
    const from = now();
    once();
    return now() - from;
  }).sort((a, b) => a - b);
  return { runs, medianMs: times[runs >> 1], minMs: times[0], engine: computing().engine };
}

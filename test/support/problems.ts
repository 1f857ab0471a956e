import fc from "fast-check";
import { simulate } from "../../src/fit/simulate.ts";
import type { GateKind } from "../../src/laws/gates/registry.ts";
import { EXPERT_KINDS, type ExpertKind } from "../../src/laws/registry.ts";
import { random } from "../../src/math/random.ts";
import { type Mixture, mixture } from "../../src/models/mixture.ts";
import type { MixtureSpec } from "../../src/models/spec.ts";
import type { Observations } from "../../src/rows/observations.ts";

/** A model with rows drawn from it, and the parameters they were drawn at. */
export interface Problem {
  readonly model: Mixture;
  readonly data: Observations;
  readonly truth: Float64Array;
}

/** What to draw: rows, columns beside the intercept, experts. */
export interface Draw {
  readonly experts: ExpertKind;
  readonly k: number;
  readonly rows: number;
  readonly features: number;
  readonly seed: number;
  /** Whether logistic experts have two labels; else three, or as many as `classes` says. */
  readonly binary?: boolean;
  readonly classes?: number;
  readonly ridge?: number;
  readonly weighted?: boolean;
  /** Whether the first predictor of each expert has an offset; not with three labels. */
  readonly shifted?: boolean;
  readonly sharedVariance?: boolean;
  /** Whether the experts share the coefficient of the first feature. */
  readonly shared?: boolean;
  /** Default: a softmax. */
  readonly gate?: GateKind;
  /** Whether the gate reads only the intercept and the first feature. */
  readonly narrowGate?: boolean;
  /** Parameters that are held, at these values; the rows are drawn at them. */
  readonly fixed?: Readonly<Record<string, number>>;
}

export const labels: readonly string[] = ["a", "b", "c"];

const named = (classes: number): string[] => Array.from({ length: classes }, (_, c) => labels[c] ?? `label${c}`);

/** Logarithms of the scales that rows are drawn with. */
const SCALES: Readonly<Record<string, number>> = { "log(sigma)": -0.7, "log(shape)": 1.5, "log(dispersion)": -1 };

/** Draws a problem: standard normal features, coefficients of size about one, σ about a half. */
export function draw(options: Draw): Problem {
  const {
    experts,
    k,
    rows,
    features,
    seed,
    binary = false,
    classes = labels.length,
    ridge = 0,
    weighted,
    shifted,
    sharedVariance = false,
    shared = false,
    narrowGate,
    gate: kind,
    fixed = {},
  } = options;
  const rng = random(seed);
  const columns = ["(intercept)", ...Array.from({ length: features }, (_, j) => `x${j + 1}`)];
  const values = columns.map((_, j) => Float64Array.from({ length: rows }, () => (j === 0 ? 1 : rng.normal())));
  const expert = { columns, values };
  const gate = narrowGate ? { columns: columns.slice(0, 2), values: values.slice(0, 2) } : expert;
  const spec: MixtureSpec = {
    experts,
    k,
    gateColumns: gate.columns,
    expertColumns: columns,
    ...(kind && { gate: kind }),
    ...(experts === "logistic" && { labels: binary ? labels.slice(1) : named(classes) }),
    sharedVariance,
    ...(shared && { shared: columns.slice(1, 2) }),
    ridge,
    fixed,
  };
  const model = mixture(spec);
  // Log means of a smaller size: counts of e⁵ would leave no doubt whose they are.
  const isLogMean = experts !== "linear" && experts !== "logistic" && experts !== "student-t";
  const size = (name: string): number => (isLogMean && name.startsWith("expert") ? 0.7 : 1.5);
  const truth = Float64Array.from(model.names, (name) => {
    const scale = Object.keys(SCALES).find((end) => name.endsWith(end));
    return fixed[name] ?? (scale === undefined ? size(name) * rng.normal() : SCALES[scale]);
  });
  const offset = shifted ? Float64Array.from({ length: rows }, () => 0.3 * rng.normal()) : undefined;
  const weights = weighted ? Float64Array.from({ length: rows }, () => 0.5 + rng.uniform()) : undefined;
  const trials =
    experts === "binomial" ? Float64Array.from({ length: rows }, () => 1 + Math.floor(6 * rng.uniform())) : undefined;
  const design = {
    ...{ rows, gate, expert },
    ...(weights && { weights }),
    ...(offset && { offset }),
    ...(trials && { trials }),
  };
  const { response } = simulate(model, truth, design, rng);
  return { model, data: { ...design, response }, truth };
}

/** Small problems of every law, with and without ridge, weights, a shared variance, a shared coefficient and a gate of its own. */
export const problems: fc.Arbitrary<Problem> = fc
  .record({
    experts: fc.constantFrom(...EXPERT_KINDS),
    k: fc.integer({ min: 1, max: 3 }),
    rows: fc.integer({ min: 250, max: 400 }),
    features: fc.integer({ min: 1, max: 2 }),
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    binary: fc.boolean(),
    ridge: fc.constantFrom(0, 0.5),
    weighted: fc.boolean(),
    shifted: fc.boolean(),
    sharedVariance: fc.boolean(),
    shared: fc.boolean(),
    narrowGate: fc.boolean(),
  })
  .map((options) =>
    draw({
      ...options,
      shifted: options.shifted && (options.experts !== "logistic" || options.binary),
      sharedVariance: options.sharedVariance && options.experts === "linear",
    }),
  );

/** A point near the truth, or far from it: not a maximum of anything. The logarithm of a scale stays within sight of its truth. */
export function nearby({ model, truth }: Problem, seed: number, size: number = 0.2): Float64Array {
  const rng = random(seed);
  return truth.map((value, j) => value + rng.normal() * (model.names[j].includes(".log(") ? Math.min(size, 1) : size));
}

/** Two linear experts that are nearly tied: what they differ in is half of the noise. The second column's unit may vary. */
export function nearlyTied(seed: number, unit: number = 1): Problem {
  const rng = random(seed);
  const columns = ["(intercept)", "x1", "x2"];
  const [ones, x1, x2] = columns.map((_, j) => Float64Array.from({ length: 2000 }, () => (j === 0 ? 1 : rng.normal())));
  const model = mixture({ experts: "linear", k: 2, gateColumns: columns, expertColumns: columns });
  const response = x1.map((x, i) => {
    const sign = rng.uniform() * (1 + Math.exp(-x - 0.5 * x2[i])) < 1 ? 1 : -1;
    return 1 - sign * 0.5 * (x + x2[i]) + rng.normal();
  });
  const design = { columns, values: [ones, x1.map((value) => value * unit), x2] };
  const truth = Float64Array.of(0, 1 / unit, 0.5, 1, 0.5 / unit, 0.5, 0, 1, -0.5 / unit, -0.5, 0);
  return { model, data: { rows: 2000, gate: design, expert: design, response }, truth };
}

/** L: the objective, as a loss in nats per row. */
export function lossAt({ model, data }: Pick<Problem, "model" | "data">, theta: Float64Array): number {
  return -model.posterior(theta, data).objective / model.totalWeight(data);
}

/** Where a step of EM leads. */
export function emStep({ model, data }: Pick<Problem, "model" | "data">, theta: Float64Array): Float64Array {
  return model.maximise(theta, model.posterior(theta, data), data).theta;
}

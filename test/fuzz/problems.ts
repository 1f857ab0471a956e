import type { FitOptions } from "../../src/fit/fit-options.ts";
import { type Random, random } from "../../src/math/random.ts";

/** Data and options as nobody would choose them, the same for the same number. */
export interface Oddity {
  readonly columns: Record<string, (number | string)[]>;
  readonly options: FitOptions;
  /** Whether the algorithm promises never to lower the objective. */
  readonly isMonotone: boolean;
}

const pick = <T>(rng: Random, from: readonly T[]): T => from[rng.integer(from.length)];
const chance = (rng: Random, p: number): boolean => rng.uniform() < p;

/** Kinds of a column: what is drawn beside its fellows, by rows drawn so far. */
const KINDS = [
  "normal",
  "whole",
  "constant",
  "zero",
  "duplicate",
  "sum",
  "huge",
  "tiny",
  "outlier",
  "shifted",
] as const;
/** The share of columns that are as columns should be, without which hardly any problem would get past the first check. */
const SOUND = 0.7;

function column(rng: Random, n: number, others: readonly number[][]): number[] {
  const kind = chance(rng, SOUND) ? "normal" : pick(rng, KINDS);
  const normal = Array.from({ length: n }, () => rng.normal());
  const other = others.length > 0 ? pick(rng, others) : normal;
  switch (kind) {
    case "normal":
      return normal;
    case "whole":
      return normal.map((value) => Math.round(2 * value));
    case "constant":
      return normal.map(() => 7.5);
    case "zero":
      return normal.map(() => 0);
    case "duplicate":
      return other.slice();
    case "sum":
      return other.map((value) => 3 - 2 * value);
    case "huge":
      return scaledBy(normal, 10 ** magnitude(rng));
    case "tiny":
      return scaledBy(normal, 10 ** -magnitude(rng));
    case "outlier":
      return normal.map((value, i) => (i === 0 ? 1e6 : value));
    case "shifted":
      return normal.map((value) => 1e8 + value);
  }
}

/** Powers of ten: mostly those that are read, now and then any. */
const magnitude = (rng: Random): number => 1 + rng.integer(chance(rng, 0.9) ? 40 : 150);
const scaledBy = (values: readonly number[], factor: number): number[] => values.map((value) => value * factor);

const LAWS = ["linear", "logistic", "poisson", "gamma", "student-t", "binomial", "negative-binomial"] as const;

function response(rng: Random, experts: (typeof LAWS)[number], n: number): (number | string)[] {
  const each = <T>(make: () => T): T[] => Array.from({ length: n }, make);
  switch (experts) {
    case "logistic": {
      const labels = chance(rng, 0.05)
        ? ["a"]
        : pick(rng, [
            ["a", "b"],
            ["a", "b", "c"],
          ]);
      return each(() => pick(rng, labels));
    }
    case "poisson":
    case "negative-binomial":
      return chance(rng, 0.1) ? each(() => 0) : each(() => rng.integer(pick(rng, [2, 10, 1000])));
    case "binomial":
      return each(() => rng.integer(4));
    case "gamma":
      return each(() => Math.exp(rng.normal() * pick(rng, [0.1, 1, 10])));
    default:
      return column(rng, n, []);
  }
}

/** What promises never to lower the objective; nothing is the default. */
const RISING = [undefined, "em", "generalised-em", "anderson", "warm-restarts", "one-pass-em", "line-search"] as const;
const OTHERS = ["adam", "gradient-descent", "gradient-em", "mini-batch-em"] as const;

/** The problem of a number. */
export function oddity(number: number): Oddity {
  const rng = random(number);
  const n = 1 + rng.integer(30);
  const d = rng.integer(Math.min(7, n));
  const features: number[][] = [];
  for (let j = 0; j < d; j++) features.push(column(rng, n, features));
  const experts = pick(rng, LAWS);
  const columns: Record<string, (number | string)[]> = { y: response(rng, experts, n) };
  features.forEach((values, j) => {
    columns[`x${j + 1}`] = values;
  });
  const names = features.map((_, j) => `x${j + 1}`);
  const isMonotone = chance(rng, 0.7);
  const options: Record<string, unknown> = {
    response: "y",
    features: names,
    experts,
    k: 1 + rng.integer(chance(rng, 0.9) ? Math.min(5, n) : 5),
    starts: 1 + rng.integer(3),
    maxIterations: pick(rng, [1, 5, 60, 300]),
    seed: rng.integer(1000),
    algorithm: isMonotone ? pick(rng, RISING) : pick(rng, OTHERS),
  };
  const add = (name: string, make: () => (number | string)[]): void => {
    columns[name] = make();
  };
  if (chance(rng, 0.2)) {
    const sizes = pick(rng, [[1], [0, 1], [1e-8, 1e10], [1e10], [0], [0.5, 2, 3]]);
    add("w", () => Array.from({ length: n }, () => pick(rng, sizes)));
    options.weights = "w";
  }
  if (chance(rng, 0.15) && experts !== "binomial") {
    const size = pick(rng, [0.1, 5, 700]);
    // About 0, or far from it in every row.
    const middle = number % 2 === 0 ? 0 : pick(random(number, 1), [-700, -60, -20, 60]);
    add("o", () => Array.from({ length: n }, () => middle + size * (2 * rng.uniform() - 1)));
    options.offset = "o";
  }
  if (experts === "binomial") {
    add("t", () => columns.y.map((y) => Number(y) + rng.integer(3)));
    if (chance(rng, 0.7)) options.trials = "t";
  }
  if (chance(rng, 0.3)) options.ridge = pick(rng, [1e-10, 0.1, 10, 1e6]);
  const gate = rng.uniform();
  if (gate < 0.15) options.gate = "constant";
  else if (gate < 0.3) options.gateFeatures = names.slice(0, rng.integer(names.length + 1));
  if (chance(rng, 0.1)) options.intercept = false;
  if (chance(rng, 0.1)) options.scale = true;
  if (chance(rng, 0.15)) {
    add("g", () => Array.from({ length: n }, () => `g${rng.integer(1 + Math.ceil(n / 3))}`));
    options.group = "g";
  }
  if (chance(rng, 0.15)) {
    add("f", () => Array.from({ length: n }, () => pick(rng, ["p", "q", "r"])));
    options.features = [...names, "f"];
  }
  if (chance(rng, 0.2) && experts === "linear") options.sharedVariance = true;
  if (chance(rng, 0.1) && d > 0) options.fixed = { "expert1.x1": pick(rng, [0, 1, -1e3]) };
  if (chance(rng, 0.1)) options.tolerance = pick(rng, [1e-3, 1e-12]);
  return { columns, options: options as unknown as FitOptions, isMonotone };
}

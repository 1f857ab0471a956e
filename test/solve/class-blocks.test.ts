import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK_ROWS } from "../../src/compute/blocks.ts";
import { expertSums } from "../../src/laws/multinomial-kernel.ts";
import { softmaxLikelihood } from "../../src/laws/softmax.ts";
import { random } from "../../src/math/random.ts";
import { dot } from "../../src/math/vector.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { type Predictor, places } from "../../src/rows/predictor.ts";
import { classBlocks, classPreconditioner } from "../../src/solve/class-blocks.ts";
import { linearPredictors } from "../../src/solve/likelihood.ts";
import { denseExpansion } from "../../src/solve/newton-dense.ts";
import { deviation } from "../support/differences.ts";

interface Drawn {
  readonly classes: number;
  readonly features: number;
  readonly rows: number;
  readonly ridge: number;
  readonly size: number;
  readonly isFixed: boolean;
  readonly seed: number;
}

const drawn = fc.record({
  classes: fc.integer({ min: 2, max: 9 }),
  features: fc.integer({ min: 1, max: 4 }),
  rows: fc.integer({ min: 40, max: 400 }),
  ridge: fc.constantFrom(0, 0.5),
  size: fc.constantFrom(0.1, 1, 6),
  isFixed: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

/** A softmax regression on labels at coefficients of a size, with the blocks of its classes. */
function regression({ classes, features, rows, ridge, size, isFixed, seed }: Drawn) {
  const rng = random(seed);
  const values = Array.from({ length: features }, (_, j) =>
    Float64Array.from({ length: rows }, () => (j === 0 ? 1 : rng.normal())),
  );
  const x = { columns: values.map((_, j) => `x${j}`), values };
  const response = Float64Array.from({ length: rows }, () => rng.integer(classes));
  const weights = Float64Array.from({ length: rows }, () => 0.5 + rng.uniform());
  const data: Observations = { rows, gate: x, expert: x, response, weights };
  const predictors = Array.from({ length: classes - 1 }, (_, h): Predictor => {
    const own = isFixed && h === 0 && features > 1 ? { fixed: [features - 1] } : {};
    return { design: "expert", at: places(h * features, features), ridge, ...own };
  });
  const likelihood = softmaxLikelihood(classes, (block, targets) => {
    targets.fill(0);
    for (let i = 0; i < block.rows; i++) targets[block.response[i] * BLOCK_ROWS + i] = block.weights[i];
  });
  const theta = Float64Array.from({ length: (classes - 1) * features }, () => size * rng.normal());
  const kept: Float64Array[] = [];
  const eta = (block: Parameters<typeof linearPredictors>[2]): void => {
    const own = new Float64Array((classes - 1) * BLOCK_ROWS);
    linearPredictors(predictors, theta, block, own);
    kept.push(own);
  };
  // Blocks are visited in order: the predictors of each are kept as it comes.
  const masses: NonNullable<NonNullable<typeof likelihood.short>["masses"]> = (block, _, out) => {
    eta(block);
    likelihood.short!.masses!(block, kept[kept.length - 1], out);
  };
  return { likelihood, predictors, data, theta, blocks: classBlocks(predictors, data, masses, kept) };
}

test("the blocks of all classes bound the Hessian: what they promise is no more than Newton's step does, and more than nothing", () => {
  let nearest = 0;
  fc.assert(
    fc.property(drawn, (problem) => {
      const { likelihood, predictors, data, theta, blocks } = regression(problem);
      const { gradient, direction } = denseExpansion(likelihood, predictors, data)(theta);
      const bound = dot(gradient, classPreconditioner(predictors, blocks)(gradient));
      const newton = dot(gradient, direction());
      expect(bound).toBeGreaterThan(0);
      // A class that has a coefficient of its own fixed shares what it may not move with the others.
      if (!problem.isFixed) expect(bound).toBeLessThan(newton * (1 + 1e-9));
      for (const j of predictors[0].fixed ?? []) expect(classPreconditioner(predictors, blocks)(gradient)[j]).toBe(0);
      nearest = Math.max(nearest, bound / newton);
    }),
    { numRuns: 100 },
  );
  // A bound that is never near would precondition nothing.
  expect(nearest).toBeGreaterThan(0.9);
});

test("where the columns are the intercept alone and all rows alike, they leave one eigenvalue: conjugate gradients take one step", () => {
  const problem = { classes: 7, features: 1, rows: 300, ridge: 0, size: 1, isFixed: false, seed: 3 };
  const { likelihood, predictors, data, theta, blocks } = regression(problem);
  const { gradient, direction } = denseExpansion(likelihood, predictors, data)(theta);
  expect(deviation(classPreconditioner(predictors, blocks)(gradient), direction())).toBeLessThan(1e-10);
});

test("kernels sum the same blocks", () => {
  for (const [classes, features] of [
    [2, 1],
    [5, 2],
    [12, 4],
    [40, 3],
  ]) {
    const problem = { classes, features, rows: 333, ridge: 0, size: 1, isFixed: false, seed: classes };
    const { data, theta, blocks } = regression(problem);
    const responsibilities = new Float64Array(data.rows).fill(1);
    const sums = expertSums(1, 0, classes, theta, { responsibilities }, data, "classes");
    if (sums === undefined) throw new Error("there is a kernel");
    expect(deviation(sums.slice(1 + theta.length), blocks)).toBeLessThan(1e-10 * data.rows);
  }
});

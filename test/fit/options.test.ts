import { expect, test } from "vitest";
import { adam } from "../../src/algorithms/adam.ts";
import { anderson } from "../../src/algorithms/anderson.ts";
import { em } from "../../src/algorithms/em.ts";
import { generalisedEm } from "../../src/algorithms/generalised-em.ts";
import { gradientDescent } from "../../src/algorithms/gradient-descent.ts";
import { gradientEm } from "../../src/algorithms/gradient-em.ts";
import { lineSearch } from "../../src/algorithms/line-search.ts";
import { miniBatchEm } from "../../src/algorithms/mini-batch-em.ts";
import { emWithWarmRestarts } from "../../src/algorithms/warm-restarts.ts";
import { InputError } from "../../src/errors.ts";

test.each([
  [
    () => gradientDescent({ stepSize: 0 }),
    "Cannot use gradient descent: expected stepSize to be a number above 0, got 0",
  ],
  [
    () => gradientDescent({ stepSize: 1, gateStepSize: Number.NaN }),
    "Cannot use gradient descent: expected gateStepSize to be a number above 0, got NaN",
  ],
  [() => gradientEm({ stepSize: -1 }), "Cannot use gradient EM: expected stepSize to be a number above 0, got -1"],
  [
    () => gradientEm({ stepSize: 1, innerSteps: 0 }),
    "Cannot use gradient EM: expected innerSteps to be a whole number from 1 on, got 0",
  ],
  [
    () => generalisedEm({ innerSteps: 1.5 }),
    "Cannot use generalised EM: expected innerSteps to be a whole number from 1 on, got 1.5",
  ],
  [
    () => lineSearch({ stepSize: Infinity }),
    "Cannot use a line search: expected stepSize to be a number above 0, got Infinity",
  ],
  [() => adam({ stepSize: 0 }), "Cannot use Adam: expected stepSize to be a number above 0, got 0"],
  [() => adam({ epsilon: 0 }), "Cannot use Adam: expected epsilon to be a number above 0, got 0"],
  [
    () => adam({ betas: [0.9, 1] }),
    "Cannot use Adam: expected betas to be two numbers from 0 to below 1, got [0.9, 1]",
  ],
  [
    () => anderson({ memory: 0 }),
    "Cannot use Anderson's acceleration: expected memory to be a whole number from 1 on, got 0",
  ],
  [() => adam({ gateStepSize: -1 }), "Cannot use Adam: expected gateStepSize to be a number above 0, got -1"],
  [() => miniBatchEm({ stepSize: 0 }), "Cannot use mini-batch EM: expected stepSize to be a number above 0, got 0"],
  [
    () => miniBatchEm({ batchRows: 0 }),
    "Cannot use mini-batch EM: expected batchRows to be a whole number from 1 on, got 0",
  ],
  [
    () => miniBatchEm({ innerSteps: 1.5 }),
    "Cannot use mini-batch EM: expected innerSteps to be a whole number from 1 on, got 1.5",
  ],
  [() => miniBatchEm({ decay: -1 }), "Cannot use mini-batch EM: expected decay to be a number from 0 to 1e+50, got -1"],
  [
    () => miniBatchEm({ seed: 0.5 }),
    "Cannot use mini-batch EM: expected seed to be a whole number from -2147483648 to 4294967295, got 0.5",
  ],
  [
    () => emWithWarmRestarts({ period: 0 }),
    "Cannot use EM with warm restarts: expected period to be a whole number from 1 on, got 0",
  ],
  [
    () => emWithWarmRestarts({ longest: 4 }),
    "Cannot use EM with warm restarts: expected longest from 1 to below 3.59, where a period of 8 still converges, got 4",
  ],
  [() => em({ stepSize: 1 } as never), 'Cannot use EM: expected no options, got "stepSize"'],
])("an option that no step can be made of is refused: %#", (make, message) => {
  expect(make).toThrow(new InputError(...parts(message)));
});

function parts(message: string): [string, string, string] {
  const [, act, expected, got] = /^Cannot (.*): expected (.*), got (.*)$/.exec(message) ?? [];
  return [act, expected, got];
}

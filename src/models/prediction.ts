import { BLOCK_ROWS } from "../compute/blocks.ts";
import { softmaxGate } from "../laws/gates/softmax.ts";
import { type Parts, predictorCount } from "../laws/law.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import { blockPredictors } from "./e-step.ts";

/**
 * The gate's probabilities and the expected response of each row, without looking at its response.
 *
 * @returns `gate` P(z | x), n × k; `expected` the mean (n), or for labels their probabilities, n × C; both row-major
 */
export function expectedResponse(
  parts: Parts,
  theta: Float64Array,
  data: Observations,
): { readonly gate: Float64Array; readonly expected: Float64Array } {
  const [k, classes] = [parts.experts.length, parts.law.expectations];
  const gate = new Float64Array(data.rows * k);
  const expected = new Float64Array(data.rows * classes);
  eachExpectation(parts, theta, data, ({ start, rows }, z, mean, logGate) => {
    for (let i = 0; i < rows; i++) {
      const row = start + i;
      const g = Math.exp(logGate[z * BLOCK_ROWS + i]);
      gate[row * k + z] = g;
      // An expert that the gate rules out adds nothing, not 0 × ∞.
      for (let c = 0; g > 0 && c < classes; c++) expected[row * classes + c] += g * mean[c * BLOCK_ROWS + i];
    }
  });
  return { gate, expected };
}

/** One expert of a mixture, whatever the gate says. */
export function expertAlone({ law, experts }: Parts, z: number): Parts {
  return { law, gateLaw: softmaxGate(1), gate: [], experts: [experts[z]] };
}

/** What each expert expects of each row, whatever the gate says: n × k row-major, of laws with one expectation. */
export function expertExpectations(parts: Parts, theta: Float64Array, data: Observations): Float64Array {
  const k = parts.experts.length;
  const means = new Float64Array(data.rows * k);
  eachExpectation(parts, theta, data, ({ start, rows }, z, mean) => {
    for (let i = 0; i < rows; i++) means[(start + i) * k + z] = mean[i];
  });
  return means;
}

/** Visits what each expert expects of a block's rows (runs of BLOCK_ROWS, scratch), and the gate's log-probabilities (k runs). */
function eachExpectation(
  parts: Parts,
  theta: Float64Array,
  data: Observations,
  visit: (block: Block, z: number, mean: Float64Array, logGate: Float64Array) => void,
): void {
  const { law, experts } = parts;
  const m = predictorCount(law);
  const mean = new Float64Array(law.expectations * BLOCK_ROWS);
  const predict = blockPredictors(parts, theta);
  sumOver(data, 0, (block) => {
    const { eta, logGate } = predict(block);
    experts.forEach((_, z) => {
      law.expectation(block, eta, z * m * BLOCK_ROWS, mean);
      visit(block, z, mean, logGate);
    });
  });
}

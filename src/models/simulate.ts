import { BLOCK_ROWS } from "../compute/blocks.ts";
import { checkArgument } from "../errors/arguments.ts";
import { InputError } from "../errors.ts";
import { predictorCount } from "../laws/law.ts";
import { drawCategory } from "../math/draw.ts";
import type { Random } from "../math/random.ts";
import { checkDesigns, checkModel, checkPoint, randomStream } from "./checks.ts";
import { blockPredictors } from "./e-step.ts";
import type { Mixture } from "./mixture.ts";
import { type Observations, sumOver } from "./observations.ts";
import { firstRows } from "./units.ts";

/** Rows drawn from a mixture. */
export interface Simulation {
  /** Response (n): numbers, counts, or codes of labels. */
  readonly response: Float64Array;
  /** The expert each row came from (n), from 0. */
  readonly experts: Int32Array;
}

/**
 * Draws an expert and its response for each row from a mixture: z from the gate's probabilities, y from expert z.
 *
 * @param theta parameters (p)
 * @param design the n rows' columns and, where there is one, offset; a response and weights are not looked at
 * @param random the stream to draw from: the same stream gives the same bits
 * @throws InputError naming the row where a response would be no finite number
 * @example
 * ```ts
 * import { mixture, random, simulate } from "mixlens";
 * const ones = { columns: ["(intercept)"], values: [new Float64Array(1000).fill(1)] };
 * const dice = mixture({ experts: "poisson", k: 1, gateColumns: ones.columns, expertColumns: ones.columns });
 * const design = { rows: 1000, gate: ones, expert: ones };
 * const { response } = simulate(dice, Float64Array.of(Math.log(3)), design, random(1));
 * const mean = response.reduce((sum, y) => sum + y, 0) / 1000;
 * if (Math.abs(mean - 3) > 0.2) throw new Error(String(mean));
 * ```
 */
export function simulate(
  mixture: Mixture,
  theta: Float64Array,
  design: Omit<Observations, "response">,
  random: Random,
): Simulation {
  const act = "simulate";
  checkModel(act, mixture, []);
  checkPoint(act, "theta", theta, mixture);
  checkDesigns(act, mixture.spec, design, false);
  checkArgument(act, "random", random, randomStream);
  const { law, experts: parts } = mixture;
  const [k, m] = [parts.length, predictorCount(law)];
  const response = new Float64Array(design.rows);
  const experts = new Int32Array(design.rows);
  const predict = blockPredictors(mixture, theta);
  const first = design.units && firstRows(design.units);
  const firstOf = first && design.units?.map((unit) => first[unit]);
  sumOver({ ...design, response }, 0, (block) => {
    const { eta, logGate } = predict(block);
    for (let i = 0; i < block.rows; i++) {
      // All rows of a unit are of the expert that was drawn for its first.
      const first = firstOf?.[block.start + i] ?? block.start + i;
      const isFirst = first === block.start + i;
      const z = isFirst ? drawCategory(random, k, (c) => logGate[c * BLOCK_ROWS + i]) : experts[first];
      experts[block.start + i] = z;
      response[block.start + i] = law.draw(eta, z * m * BLOCK_ROWS + i, random);
    }
  });
  const odd = response.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) {
    const got = `one that is none at row ${odd + 1}`;
    throw new InputError("simulate", "parameters and columns that give a finite number in every row", got);
  }
  return { response, experts };
}

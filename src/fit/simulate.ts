import { BLOCK_ROWS } from "../compute/blocks.ts";
import { checkArgument } from "../errors/arguments.ts";
import { seed as aSeed } from "../errors/kinds.ts";
import { type Declared, defaulted, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { predictorCount } from "../laws/law.ts";
import { drawCategory } from "../math/draw.ts";
import { type Random, random } from "../math/random.ts";
import { checkDesigns, checkModel, checkPoint, isWhole, randomStream } from "../models/checks.ts";
import { blockPredictors } from "../models/e-step.ts";
import type { Mixture } from "../models/mixture.ts";
import { type Observations, sumOver, unitByUnit } from "../rows/observations.ts";
import { firstRows } from "../rows/units.ts";
import { type FitRows, fittedMixture, inPlace, rowsOfAFit, unseenRows, type Whole } from "./fitted.ts";

/** Rows drawn from a mixture. */
export interface Simulation {
  /** Response (n): numbers, counts, or codes of labels; NaN for a row that misses a value, where the fit dropped such rows. */
  readonly response: Float64Array;
  /** The expert each row came from (n), from 0; −1 for a row without a response. */
  readonly experts: Int32Array;
}

/** How rows are drawn from a fit. */
export interface SimulateOptions {
  /** Any 32-bit integer: the same gives the same bits. Default 1. */
  readonly seed?: number;
  /** Rows of which columns and offset are read; default: those of the fit. */
  readonly rows?: FitRows;
}

const OPTIONS = { seed: defaulted(aSeed, 1), rows: rowsOfAFit } satisfies Declared<SimulateOptions>;

/**
 * Draws an expert and its response for each row of a fit, or of others: z from the gate's probabilities, y from expert z.
 *
 * From any mixture at any parameters, with a stream of random numbers: `simulate(mixture, theta, design, random)`.
 *
 * @param options.seed any 32-bit integer: the same gives the same bits; default 1
 * @param options.rows rows of which columns and offset are read; default: those of the fit
 * @throws InputError naming the row where a response would be no finite number
 * @example
 * ```ts
 * import { datasetPath, fit, mixture, random, simulate } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const again = simulate(iris, { seed: 7 }).response;
 * if (again.length !== 150) throw new Error("a response for each iris");
 * const ones = { columns: ["(intercept)"], values: [new Float64Array(1000).fill(1)] };
 * const dice = mixture({ experts: "poisson", k: 1, gateColumns: ones.columns, expertColumns: ones.columns });
 * const design = { rows: 1000, gate: ones, expert: ones };
 * const { response } = simulate(dice, Float64Array.of(Math.log(3)), design, random(1));
 * const mean = response.reduce((sum, y) => sum + y, 0) / 1000;
 * if (Math.abs(mean - 3) > 0.2) throw new Error(String(mean));
 * ```
 */
export function simulate(fit: Whole, options?: SimulateOptions): Simulation;
export function simulate(
  mixture: Mixture,
  theta: Float64Array,
  design: Omit<Observations, "response">,
  random: Random,
): Simulation;
export function simulate(on: Whole | Mixture, ...rest: unknown[]): Simulation {
  if (!isWhole(on)) return drawRows(on, ...(rest as [Float64Array, Omit<Observations, "response">, Random]));
  const { mixture, theta } = fittedMixture(ACT, on);
  const [options = {}] = rest as [SimulateOptions?];
  const { seed, rows } = readOptions(ACT, options, OPTIONS);
  const unseen = unseenRows(ACT, on, rows, "simulate(model, { rows })");
  const drawn = unseen.observations && drawRows(mixture, theta, unseen.observations, random(seed));
  if (drawn !== undefined && unseen.places === undefined) return drawn;
  const experts = inPlace(drawn && Float64Array.from(drawn.experts), 1, unseen);
  return {
    response: inPlace(drawn?.response, 1, unseen),
    experts: Int32Array.from(experts, (expert) => (Number.isNaN(expert) ? -1 : expert)),
  };
}

const ACT = "simulate";

function drawRows(
  mixture: Mixture,
  theta: Float64Array,
  design: Omit<Observations, "response">,
  stream: Random,
): Simulation {
  checkModel(ACT, mixture, []);
  checkPoint(ACT, "theta", theta, mixture);
  checkDesigns(ACT, mixture.spec, design, false);
  checkArgument(ACT, "random", stream, randomStream);
  const found = drawByUnit(mixture, theta, design, stream);
  const odd = found.response.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) {
    const got = `one that is none at row ${odd + 1}`;
    throw new InputError(ACT, "parameters and columns that give a finite number in every row", got);
  }
  return found;
}

/** Draws units one after the other, wherever their rows stand. */
function drawByUnit(
  mixture: Mixture,
  theta: Float64Array,
  design: Omit<Observations, "response">,
  stream: Random,
): Simulation {
  const { rows } = design;
  const sorted = unitByUnit({ ...design, response: new Float64Array(rows) });
  if (sorted === undefined) return drawInOrder(mixture, theta, design, stream);
  const drawn = drawInOrder(mixture, theta, sorted.data, stream);
  const found = { response: new Float64Array(rows), experts: new Int32Array(rows) };
  sorted.order.forEach((row, at) => {
    found.response[row] = drawn.response[at];
    found.experts[row] = drawn.experts[at];
  });
  return found;
}

function drawInOrder(
  mixture: Mixture,
  theta: Float64Array,
  design: Omit<Observations, "response">,
  stream: Random,
): Simulation {
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
      const z = isFirst ? drawCategory(stream, k, (c) => logGate[c * BLOCK_ROWS + i]) : experts[first];
      experts[block.start + i] = z;
      response[block.start + i] = law.draw(eta, z * m * BLOCK_ROWS + i, stream, block.trials[i]);
    }
  });
  return { response, experts };
}

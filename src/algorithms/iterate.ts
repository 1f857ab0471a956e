import { checkArgument, checkOptions, type Declared } from "../errors/arguments.ts";
import { number, required } from "../errors/kinds.ts";
import { InputError } from "../errors.ts";
import { checkModelAt } from "../models/checks.ts";
import type { Evaluation, Model } from "../models/model.ts";
import { type Algorithm, anAlgorithm, type StepInfo } from "./algorithm.ts";
import { atLimit, outlook } from "./stop.ts";

/** Rounding of the objective, relative to itself: a fall by no more isn't one, and a step that falls by more has failed. */
const ROUNDING = 1e-12;
const FAILED = 1e-9;

/** When to stop. */
export interface Stop {
  /** Stop when the limit is estimated to be this near, in standard errors. */
  readonly tolerance: number;
  readonly maxIterations: number;
  /**
   * Factor by which a step shrinks the distance near the limit, from 0 to below 1; default: estimated from the last steps.
   * The rate that `spectrum` finds at the limit is that of EM, and of mirror descent with a step size of 1: of no other
   * algorithm.
   */
  readonly rate?: number;
}

const STOP: Declared<Stop> = { tolerance: required(number), maxIterations: required(number), rate: number };

/** One iterate; the first, of iteration 0, is the start and has gained nothing. */
export interface Iterate extends StepInfo {
  readonly iteration: number;
  readonly theta: Float64Array;
}

/** How a run ended. */
export type Result = "converged" | "max-iterations" | "non-finite" | "failed";

/** The end of a run, with advice where it fell short. */
export interface Outcome<State> {
  readonly result: Result;
  readonly theta: Float64Array;
  readonly state: State;
  readonly iterations: number;
  /** What happened and what to do about it; empty when the run converged. */
  readonly message: string;
}

/**
 * Runs an algorithm: the only loop. Every iterate is handed to whoever listens, and the outcome is returned.
 *
 * @param theta where to start (p); not changed
 * @throws InputError for a rate that is not from 0 to below 1
 * @example
 * ```ts
 * import { em, fit, iterate } from "mixlens";
 * const x = [0, 1, 2, 3, 4, 5, 6, 7];
 * const { mixture, observations, start } = fit({ x, y: x.map(Math.sin) }, { response: "y", k: 2, starts: 3 });
 * const run = iterate(em(), mixture, start, observations, { tolerance: 1e-6, maxIterations: 5 });
 * let last = -Infinity;
 * for (const { objective } of run) {
 *   if (objective < last - 1e-9) throw new Error("EM never lowers the objective");
 *   last = objective;
 * }
 * ```
 */
export function* iterate<Data, M extends Model<Data>, State extends Evaluation>(
  algorithm: Algorithm<Data, M, State>,
  model: M,
  theta: Float64Array,
  data: Data,
  stop: Stop,
): Generator<Iterate, Outcome<State>, void> {
  checkArgument("iterate", "algorithm", algorithm, anAlgorithm);
  checkOptions("iterate", stop, STOP);
  checkModelAt("iterate", model, { theta }, data, []);
  const { tolerance, maxIterations, rate } = stop;
  if (rate !== undefined && !(rate >= 0 && rate < 1)) {
    throw new InputError("iterate", "a rate from 0 to below 1", String(rate), "leave it out where there is no maximum");
  }
  const { rounding = ROUNDING } = model;
  let state = algorithm.init(model, theta, data);
  const gains: number[] = [];
  const end = (result: Result, message: string): Outcome<State> => {
    return { result, theta, state, iterations: gains.length, message };
  };
  if (!Number.isFinite(state.objective)) return end("non-finite", "The objective is not finite at the start.");
  yield {
    iteration: 0,
    theta,
    logLikelihood: state.logLikelihood,
    objective: state.objective,
    gain: 0,
  };

  while (gains.length < maxIterations) {
    const step = algorithm.step(model, theta, state, data);
    if ("failure" in step) return end("failed", `Stopped in step ${gains.length + 1}: ${step.failure}.`);
    const { objective, gain } = step.info;
    if (!Number.isFinite(objective) || !Number.isFinite(gain)) {
      return end("non-finite", `The objective is not finite after step ${gains.length + 1}: try a shorter step.`);
    }
    const fall = state.objective - objective;
    if (algorithm.monotone && fall > Math.max(FAILED, rounding) * (1 + Math.abs(objective))) {
      return end("failed", `Step ${gains.length + 1} lowered the objective by ${fall.toPrecision(3)} nats.`);
    }
    ({ theta, state } = step);
    // Steps of varied length compare by what a step of length 1 would have gained.
    gains.push(gain / (step.info.relaxation ?? 1));
    yield { iteration: gains.length, theta, ...step.info };
    // A method that may overshoot is not at its limit in a step that does.
    const isClimbing = fall <= rounding * (1 + Math.abs(objective));
    if (isClimbing && atLimit(gains, objective, tolerance, rate)) return end("converged", "");
  }
  return end("max-iterations", unfinished(algorithm.name, gains, stop));
}

function unfinished(name: string, gains: readonly number[], { tolerance, maxIterations, rate: known }: Stop): string {
  const { distance, rate } = outlook(gains, known);
  const stopped = `Stopped after ${maxIterations} steps`;
  if (Number.isNaN(distance)) return `${stopped}, before the rate of convergence settled: raise maxIterations.`;
  const more = Math.ceil(Math.log(tolerance / distance) / Math.log(rate));
  return `${stopped}, about ${distance.toPrecision(2)} standard errors from the limit; at the ${known === undefined ? "observed" : "known"} rate of ${rate.toFixed(4)} it takes about ${more} more: raise maxIterations${name === "em" ? ", or take the algorithm anderson" : ""}.`;
}

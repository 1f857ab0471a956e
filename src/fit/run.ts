import type { Algorithm } from "../algorithms/algorithm.ts";
import { aRate, type Iterate, iterate, type Outcome, type Stop } from "../algorithms/iterate.ts";
import type { AlgorithmName } from "../algorithms/named.ts";
import { checkArgument } from "../errors/arguments.ts";
import { oneOf, size } from "../errors/kinds.ts";
import { type Declared, defaulted, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { isWhole } from "../models/checks.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Evaluation, Model } from "../models/model.ts";
import type { Observations } from "../rows/observations.ts";
import { formatNumber } from "../text/number.ts";
import { printed } from "../text/printed.ts";
import { FIT, TOLERANCE } from "./fit-options.ts";
import type { Fit } from "./fit-result.ts";
import { fittedParts } from "./fitted.ts";
import { counted } from "./summary.ts";

/** An algorithm's run to its end. */
export interface Run<State extends Evaluation = Evaluation> extends Outcome<State> {
  /** Name of the algorithm. */
  readonly name: string;
  /** Log-likelihood and objective where it ended, in nats. */
  readonly logLikelihood: number;
  readonly objective: number;
  /** Its steps; the first is the start. */
  readonly trace: readonly Omit<Iterate, "theta">[];
}

/** How an algorithm is run on the rows of a fit. */
export interface RunOptions extends Partial<Stop> {
  /** Where it begins: at the start that the fit came from (default), or at the fit's parameters. */
  readonly from?: "start" | "theta";
}

const OPTIONS = {
  from: defaulted(oneOf(["start", "theta"]), "start"),
  tolerance: defaulted(size, TOLERANCE),
  maxIterations: FIT.maxIterations,
  rate: aRate,
} satisfies Declared<RunOptions>;

/**
 * Runs an algorithm to its end: on the rows of a fit from where the fit began, or from the fit's own parameters.
 *
 * So that algorithms can be compared with the one that the fit took: see `convergencePlot`, which takes runs and fits. For
 * any model there is the form `run(algorithm, model, theta, data, stop)`.
 *
 * @param algorithm itself, such as `adam({ stepSize: 0.05 })`, or the name that `fit` takes
 * @param options.from `"start"` (default) or `"theta"`
 * @param options.tolerance distance to the limit, in standard errors; default 1e-8
 * @param options.maxIterations default 10000
 * @throws InputError for what is no algorithm or no fit, and for a model without rows
 * @remarks cost: that of its steps
 * @example
 * ```ts
 * import { adam, datasetPath, fit, run } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const quick = run("anderson", iris);
 * const slow = run(adam({ stepSize: 0.05 }), iris, { maxIterations: 50 });
 * if (quick.result !== "converged" || slow.trace.length !== 51) throw new Error(quick.message);
 * if (slow.trace[0].objective !== quick.trace[0].objective) throw new Error("both begin where the fit began");
 * ```
 */
export function run(algorithm: AlgorithmName, fit: Fit, options?: RunOptions): Run;
export function run<State extends Evaluation>(
  algorithm: Algorithm<Observations, Mixture, State>,
  fit: Fit,
  options?: RunOptions,
): Run<State>;
/** The same for any model, from any parameters, on any rows. */
export function run<Data, M extends Model<Data>, State extends Evaluation>(
  algorithm: Algorithm<Data, M, State>,
  model: M,
  theta: Float64Array,
  data: Data,
  stop: Stop,
): Run<State>;
export function run(algorithm: unknown, on: unknown, ...rest: unknown[]): Run {
  if (!isWhole<Fit>(on as Fit | Model<unknown>))
    return toEnd(algorithm as Steps, on as Model<unknown>, ...(rest as [Float64Array, unknown, Stop]));
  checkArgument(ACT, "algorithm", algorithm, FIT.algorithm);
  const { mixture, theta, observations, start } = fittedParts(ACT, on as Fit);
  const [options = {}] = rest as [RunOptions?];
  const { from, ...stop } = readOptions(ACT, options, OPTIONS);
  if (observations === undefined || (from === "start" && start === undefined)) {
    const next =
      "give its parts: run(algorithm, model.mixture, model.theta, observations, { tolerance, maxIterations })";
    throw new InputError(ACT, "a fit with its rows and its start", "a model without them", next);
  }
  const made = FIT.algorithm.read?.(algorithm as AlgorithmName) as Steps;
  return toEnd(made, mixture as Model<unknown>, from === "start" ? start : theta, observations, stop);
}

const ACT = "run an algorithm";

/** An algorithm whose data and model nothing is known of. */
type Steps = Algorithm<unknown, Model<unknown>, Evaluation>;

function toEnd(algorithm: Steps, model: Model<unknown>, theta: Float64Array, data: unknown, stop: Stop): Run {
  const trace: Omit<Iterate, "theta">[] = [];
  const steps = iterate(algorithm, model, theta, data, stop);
  let next = steps.next();
  for (; !next.done; next = steps.next()) {
    const { theta: _, ...numbers } = next.value;
    trace.push(numbers);
  }
  const { logLikelihood, objective } = next.value.state;
  return printed<Run>({ name: algorithm.name, ...next.value, logLikelihood, objective, trace }, inWords);
}

function inWords({ name, result, iterations, logLikelihood, message }: Run): string {
  const end = `${name}: ${result} after ${counted(iterations, "step")}, log-likelihood ${formatNumber(logLikelihood)}`;
  return [end, ...(message === "" ? [] : [message]), "Its steps are in trace; draw them with convergencePlot."].join(
    "\n",
  );
}

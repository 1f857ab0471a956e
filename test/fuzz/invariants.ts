import { lgamma } from "mathjs";
import { InputError, WorkFailure } from "../../src/errors.ts";
import type { Fit } from "../../src/fit/fit-result.ts";
import { computed } from "./hostile.ts";

const logFactorial = (y: number): number => Array.from({ length: y }, (_, i) => Math.log(i + 1)).reduce(plus, 0);
const plus = (a: number, b: number): number => a + b;
const logSumExp = (values: readonly number[]): number => {
  const top = Math.max(...values);
  return top === Number.NEGATIVE_INFINITY
    ? top
    : top + Math.log(values.map((value) => Math.exp(value - top)).reduce(plus, 0));
};

/**
 * The log-likelihood of a fit from the definitions of the laws and the parameters' names, and the sum of the sizes of its
 * terms: what its rounding is in proportion to.
 */
export function writtenOut({ mixture, theta, observations: data }: Fit): { value: number; size: number } {
  const { names, spec } = mixture;
  const of = (name: string): number => (names.includes(name) ? theta[names.indexOf(name)] : 0);
  const logs = Array.from({ length: data.rows }, (_, i) => {
    const sizes: number[] = [];
    const at = (owner: string, part: "gate" | "expert"): number =>
      data[part].columns.reduce((sum, column, j) => {
        const term = of(`${owner}.${column}`) * data[part].values[j][i];
        sizes.push(Math.abs(term));
        return sum + term;
      }, 0);
    const logits = Array.from({ length: spec.k }, (__, z) => at(`gate${z + 1}`, "gate"));
    const experts = Array.from({ length: spec.k }, (__, z) => logDensity(`expert${z + 1}`, i, at, sizes));
    return { logits, experts, size: Math.max(1, ...sizes, ...logits.map(Math.abs), ...experts.map(finite)) };
  });

  function logDensity(
    owner: string,
    i: number,
    at: (owner: string, part: "expert") => number,
    sizes: number[],
  ): number {
    const y = data.response[i];
    const offset = data.offset?.[i] ?? 0;
    const logScale = (name: string): number => of(`${owner}.log(${name})`) + of(`experts.log(${name})`);
    const scale = (name: string): number => Math.exp(logScale(name));
    /** A residual is known to the rounding of what it is the difference of. */
    const hidden = (z: number, size: number): void => {
      const error = 4 * Number.EPSILON * size;
      sizes.push(1e9 * (Math.abs(z) * error + error ** 2));
    };
    if (spec.experts === "logistic") {
      const labels = spec.labels ?? [];
      const scores = labels.map((label, c) => (c === 0 ? 0 : at(`${owner}.${label}`, "expert") + offset));
      if (labels.length === 2) scores[1] = at(owner, "expert") + at(`${owner}.${labels[1]}`, "expert") + offset;
      return scores[y] - logSumExp(scores);
    }
    const eta = at(owner, "expert") + offset;
    switch (spec.experts) {
      case "linear": {
        const logSigma = logScale("sigma");
        const z = (y - eta) * Math.exp(-logSigma);
        hidden(z, Math.exp(-logSigma) * (Math.abs(y) + Math.max(0, ...sizes)));
        return -logSigma - 0.5 * Math.log(2 * Math.PI) - 0.5 * z ** 2;
      }
      case "student-t": {
        const [logSigma, df] = [logScale("sigma"), spec.df ?? 4];
        const constant = lgamma((df + 1) / 2) - lgamma(df / 2) - 0.5 * Math.log(df * Math.PI) - logSigma;
        const z = (y - eta) * Math.exp(-logSigma);
        hidden(Math.min(Math.abs(z), 1), Math.exp(-logSigma) * (Math.abs(y) + Math.max(0, ...sizes)));
        return constant - ((df + 1) / 2) * Math.log1p(z ** 2 / df);
      }
      case "poisson":
        return y * eta - Math.exp(eta) - logFactorial(y);
      case "binomial": {
        const trials = data.trials?.[i] ?? 1;
        const choose = logFactorial(trials) - logFactorial(y) - logFactorial(trials - y);
        return choose - (y > 0 ? y * logSumExp([0, -eta]) : 0) - (trials > y ? (trials - y) * logSumExp([0, eta]) : 0);
      }
      case "gamma": {
        const shape = scale("shape");
        const ratio = Math.log(y) - eta;
        // ν log ν − log Γ(ν) − ν cancels where ν is large: Stirling's series in its place.
        const constant =
          shape < 100
            ? shape * Math.log(shape) - lgamma(shape) - shape
            : 0.5 * Math.log(shape / (2 * Math.PI)) - 1 / (12 * shape) + 1 / (360 * shape ** 3);
        return constant - shape * (Math.expm1(ratio) - ratio) - Math.log(y);
      }
      default: {
        const alpha = scale("dispersion");
        const rising = Array.from({ length: y }, (_, j) => Math.log1p(alpha * j)).reduce(plus, 0);
        return rising + y * eta - (y + 1 / alpha) * logSumExp([0, Math.log(alpha) + eta]) - logFactorial(y);
      }
    }
  }

  const units = new Map<number, number[]>();
  logs.forEach((_, i) => {
    const unit = data.units?.[i] ?? i;
    units.set(unit, [...(units.get(unit) ?? []), i]);
  });
  let [value, size] = [0, 0];
  for (const rows of units.values()) {
    const { logits } = logs[rows[0]];
    const norm = logSumExp(logits);
    const joint = logits.map((logit, z) => logit - norm + rows.map((i) => logs[i].experts[z]).reduce(plus, 0));
    const weight = data.weights?.[rows[0]] ?? 1;
    if (weight > 0) value += weight * logSumExp(joint);
    size += weight * rows.map((i) => logs[i].size).reduce(plus, 0);
  }
  return { value, size };
}

const finite = (value: number): number => (Number.isFinite(value) ? Math.abs(value) : 0);

/**
 * What is wrong with a result, or with what was thrown in its place; nothing of one that keeps all promises.
 *
 * @param isMonotone whether the algorithm promises never to lower the objective
 */
export function faultOf(run: () => Fit, isMonotone: boolean): string | undefined {
  const begun = computed();
  let found: Fit;
  try {
    found = run();
  } catch (error) {
    const isOurs = error instanceof InputError || error instanceof WorkFailure;
    if (!isOurs) return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    return /^Cannot [^\n]+$/.test(error.message) ? undefined : `said "${error.message}"`;
  }
  const seconds = (computed() - begun) / 1000;
  if (seconds > 30) return `took ${seconds.toFixed(0)} s`;
  const broken = notFinite(found);
  if (broken !== undefined) return broken;
  const known = writtenOut(found);
  return (
    offTheDefinition(found, known) ??
    falselyConverged(found, known.size) ??
    (isMonotone ? fallen(found, known.size) : undefined)
  );
}

function notFinite({ theta, logLikelihood, objective, responsibilities, mixture }: Fit): string | undefined {
  const numbers = [...theta, logLikelihood, objective, ...responsibilities];
  if (!numbers.every(Number.isFinite)) return "a number that is not finite";
  const { k } = mixture.spec;
  for (let at = 0; at < responsibilities.length; at += k) {
    const sum = responsibilities.subarray(at, at + k).reduce(plus, 0);
    if (Math.abs(sum - 1) > 1e-9) return `responsibilities of row ${at / k + 1} that sum to ${sum}`;
  }
  return undefined;
}

function offTheDefinition(found: Fit, { value, size }: ReturnType<typeof writtenOut>): string | undefined {
  // Where doubles end, far from every row, the laws go on along tangents.
  if (value < -1e20) return undefined;
  const off = Math.abs(value - found.logLikelihood);
  return off > 1e-9 * (1 + size) ? `log-likelihood ${found.logLikelihood}, written out ${value}` : undefined;
}

/** What is built to rise never lowers its objective, but by rounding. */
function fallen({ trace, message }: Fit, size: number): string | undefined {
  if (/lowered the objective/.test(message)) return message;
  for (let t = 1; t < trace.length; t++) {
    const fall = trace[t - 1].objective - trace[t].objective;
    if (fall > 1e-8 * (1 + size) + 1e-12 * Math.abs(trace[t].objective))
      return `step ${t} lowered the objective by ${fall}`;
  }
  return undefined;
}

/** What is called converged gains next to nothing by another step of EM. */
function falselyConverged(found: Fit, size: number): string | undefined {
  const { result, mixture, theta, observations, message } = found;
  if (result !== "converged" || message !== "") return undefined;
  // Of columns that are far from 0 a prior cancels in their own units.
  const about = mixture.centred(observations);
  const [model, rows, at] = about ? [about.model, about.data, about.inside(theta)] : [mixture, observations, theta];
  const here = model.posterior(at, rows);
  const next = model.maximise(at, here, rows);
  if (next.failure !== undefined) return undefined;
  const gainAt = (there: Float64Array): number => model.posterior(there, rows).objective - here.objective;
  const isMore = (gain: number): boolean => gain > 1e-4 + 1e-9 * size;
  const gain = gainAt(next.theta);
  if (isMore(gain)) return `called converged where a step of EM gains ${gain} nats`;
  // An M-step that leads nowhere gains nothing wherever it is.
  for (const j of model.free) {
    for (const step of STEPS) {
      const movedBy = (length: number): number => gainAt(at.map((value, i) => (i === j ? value + length : value)));
      const moved = movedBy(step);
      // Uphill from here: beyond a valley there may well be a higher maximum.
      if (isMore(moved) && [10, 100, 1000].every((part) => movedBy(step / part) > 0))
        return `called converged where ${model.names[j]} more by ${step} gains ${moved} nats`;
    }
  }
  return undefined;
}

/** Steps of one coefficient, one way and the other, by which no maximum is left for a higher place. */
const STEPS = [1e-3, 0.1, 3].flatMap((step) => [step, -step]);

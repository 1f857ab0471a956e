import { BLOCK_ROWS } from "../compute/blocks.ts";
import { weightedSum } from "../compute/kernels.ts";
import { blockPosterior } from "./e-step.ts";
import type { Family, Parts, Predictor } from "./family.ts";
import { maximiseGate } from "./gate.ts";
import { mixtureInformation } from "./information.ts";
import { linear } from "./linear.ts";
import { logistic } from "./logistic.ts";
import type { LatentModel } from "./model.ts";
import { type Observations, sumOver } from "./observations.ts";
import { ridgePenalty } from "./ridge.ts";

/** What a mixture of experts is made of. */
export interface MixtureSpec {
  /** Kind of the experts. */
  readonly experts: "linear" | "logistic";
  /** Number of experts, 1 or more. */
  readonly k: number;
  /** Columns of the gate (d_g). */
  readonly gateColumns: readonly string[];
  /** Columns of the experts (d). */
  readonly expertColumns: readonly string[];
  /** Labels of the response in the order of their codes; logistic experts only. */
  readonly labels?: readonly string[];
  /** One variance for all linear experts; each has its own unless this is set. */
  readonly sharedVariance?: boolean;
  /** Precision ρ of a Gaussian prior on all coefficients, in nats: the objective is ℓ − ½ρ‖·‖². Default 0. */
  readonly ridge?: number;
}

/** A mixture of experts: where each predictor's coefficients stand, and the capabilities EM asks for. */
export interface Mixture extends LatentModel<Observations>, Parts {
  readonly spec: MixtureSpec;
}

/**
 * A mixture of k experts with a softmax gate, p(y|x) = Σ_z softmax_z(x'w) p_z(y|x).
 *
 * The parameter vector holds the gate's coefficients (expert 1 is the reference, w_1 = 0), then each expert's: β and
 * log σ of a linear expert, β of the labels but the first of a logistic one.
 *
 * @example
 * ```ts
 * import { mixture } from "mixlens";
 * const columns = ["(intercept)", "x"];
 * const model = mixture({ experts: "linear", k: 2, gateColumns: columns, expertColumns: columns });
 * if (model.names.join() !== "gate2.(intercept),gate2.x,expert1.(intercept),expert1.x,expert1.log(sigma),expert2.(intercept),expert2.x,expert2.log(sigma)") throw new Error(model.names.join());
 * ```
 */
export function mixture(spec: MixtureSpec): Mixture {
  const family = spec.experts === "linear" ? linear : logistic(spec.labels ?? []);
  const { names, gate, experts } = layout(spec, family);
  const ridge = spec.ridge ?? 0;
  const m = family.predictors.length;
  const k = spec.k;

  const penalised = (theta: Float64Array, logLikelihood: number) => ({
    logLikelihood,
    objective: logLikelihood - ridgePenalty({ family, gate, experts }, ridge, theta).value,
  });

  const model: Mixture = {
    spec,
    family,
    names,
    gate,
    experts,

    totalWeight: ({ rows, weights }) => weights?.reduce((sum, w) => sum + w, 0) ?? rows,

    posterior: (theta, data) => {
      const responsibilities = new Float64Array(data.rows * k);
      const evaluate = blockPosterior(model, theta);
      const [logLikelihood] = sumOver(data, 1, (block, sums) => {
        const found = evaluate(block);
        for (let i = 0; i < block.rows; i++) {
          sums[0] += block.weights[i] * found.logLikelihood[i];
          const to = (block.start + i) * k;
          for (let z = 0; z < k; z++) responsibilities[to + z] = found.responsibilities[z * BLOCK_ROWS + i];
        }
      });
      return { responsibilities, ...penalised(theta, logLikelihood) };
    },

    maximise: (theta, responsibilities, data) => {
      const empty = emptyExpert(responsibilities, k);
      if (empty !== undefined) return { theta, gain: 0, failure: empty };
      const next = theta.slice();
      const fit = family.maximise(experts, next, responsibilities, data, ridge);
      if (fit.failure !== undefined) return { theta, gain: 0, failure: fit.failure };
      const gain = fit.gain + maximiseGate(gate, next, responsibilities, data, ridge);
      return { theta: next, gain };
    },

    gradient: (theta, data) => {
      const evaluate = blockPosterior(model, theta);
      const scores = new Float64Array(m * BLOCK_ROWS);
      const weight = new Float64Array(BLOCK_ROWS);
      const p = names.length;
      const sums = sumOver(data, p + 1, (block, partial) => {
        const { logGate, responsibilities: r, eta, logLikelihood } = evaluate(block);
        const { rows, weights } = block;
        for (let i = 0; i < rows; i++) partial[p] += weights[i] * logLikelihood[i];
        gate.forEach(({ offset }, h) => {
          const run = (h + 1) * BLOCK_ROWS;
          for (let i = 0; i < rows; i++) weight[i] = weights[i] * (r[run + i] - Math.exp(logGate[run + i]));
          weightedSum(block.x.gate, rows, weight, 0, partial, offset);
        });
        experts.forEach((predictors, z) => {
          family.scores(block, eta, z * m * BLOCK_ROWS, scores, 0);
          predictors.forEach(({ design, offset }, h) => {
            for (let i = 0; i < rows; i++) {
              weight[i] = weights[i] * r[z * BLOCK_ROWS + i] * scores[h * BLOCK_ROWS + i];
            }
            weightedSum(block.x[design], rows, weight, 0, partial, offset);
          });
        });
      });
      const gradient = sums.slice(0, p);
      ridgePenalty(model, ridge, theta).gradient.forEach((pull, j) => {
        gradient[j] -= pull;
      });
      return { gradient, ...penalised(theta, sums[p]) };
    },

    information: (theta, data) => mixtureInformation(model, names.length, ridge, theta, data),
  };
  return model;
}

/** An expert that no row belongs to has no maximiser: names the first, where there is one. */
function emptyExpert(responsibilities: Float64Array, k: number): string | undefined {
  const rows = new Float64Array(k);
  for (let at = 0; at < responsibilities.length; at++) rows[at % k] += responsibilities[at];
  const z = rows.findIndex((sum) => !(sum > 1e-6));
  if (z < 0) return undefined;
  return `expert ${z + 1} emptied: its responsibilities sum to ${rows[z].toPrecision(2)} rows, so the fit is that of k = ${k - 1}`;
}

/** Where each predictor's coefficients stand, and what each parameter is called. */
function layout(spec: MixtureSpec, family: Family): Pick<Mixture, "names" | "gate" | "experts"> {
  const names: string[] = [];
  const place = (owner: string, columns: readonly string[], design: Predictor["design"]): Predictor => {
    const offset = names.length;
    for (const column of columns) names.push(`${owner}.${column}`);
    return { design, offset, size: columns.length };
  };
  const gate = Array.from({ length: spec.k - 1 }, (_, z) => place(`gate${z + 2}`, spec.gateColumns, "gate"));
  let shared: Predictor | undefined;
  const experts = Array.from({ length: spec.k }, (_, z) =>
    family.predictors.map(({ name, design }) => {
      if (design === "expert") return place(`expert${z + 1}${name && `.${name}`}`, spec.expertColumns, design);
      if (!spec.sharedVariance) return place(`expert${z + 1}`, [name], design);
      shared ??= place("experts", [name], design);
      return shared;
    }),
  );
  return { names, gate, experts };
}

import { BLOCK_ROWS } from "../compute/blocks.ts";
import { weightedGram, weightedSum } from "../compute/kernels.ts";
import { own } from "../compute/own.ts";
import { newtonExpertStep } from "../laws/expert-step.ts";
import { eachPair, type GateNode, ofNode } from "../laws/gates/nodes.ts";
import { type ExpertStep, kernelOf, type Parts } from "../laws/law.ts";
import { softmaxPenalty } from "../laws/softmax.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import { coefficientsOf, places } from "../rows/predictor.ts";
import { penalisedExpansion } from "../solve/newton-dense.ts";
import { newtonDirection } from "../solve/newton-direction.ts";
import { blockPosterior } from "./e-step.ts";
import type { Fixed } from "./fixed.ts";
import { emptyExpert } from "./m-step.ts";
import type { Evaluation, Maximum, OnePassModel } from "./model.ts";

// A step of EM that reads the rows once: everything it needs of them are sums at θ, and what follows is a function of θ
// and the sums. Who has summed, and where the rows are, makes no difference. The sums, one after the other: the
// log-likelihood; those of the experts' step; of each node of the gate the value, the gradient (m runs of d) and the negated
// Hessian (d × d for each pair of its predictors). The first value is that of the whole gate, and others are 0.

/** The capability of reading the rows once in each step. */
export function onePass(
  parts: Parts,
  /** Of the experts. */
  columns: readonly string[],
  fixed: Fixed,
  penalised: (theta: Float64Array, logLikelihood: number) => Evaluation,
): Pick<OnePassModel<Observations>, "stepSums" | "stepFrom"> {
  return {
    stepSums: (theta, data) => {
      const sums = data.stretches?.stepSums?.(theta) ?? stepSums(parts, columns, theta, own(data));
      return { sums, ...penalised(theta, sums[0]) };
    },
    stepFrom: (theta, sums, share = 1) => stepFrom(parts, columns, fixed, theta, sums, share),
  };
}

/** All sums over rows at θ that {@link stepFrom} needs, with their log-likelihood first. */
function stepSums(parts: Parts, columns: readonly string[], theta: Float64Array, data: Observations): Float64Array {
  const compiled = kernelOf(parts, data)?.step?.(parts, theta, data);
  if (compiled !== undefined) return compiled;
  const ofExperts = expertStepOf(parts, columns);
  const k = parts.experts.length;
  const evaluate = blockPosterior(parts, theta, data);
  const length = 1 + ofExperts.length;
  const addGate = gateAdder(parts);
  return sumOver(data, length + nodeSums(parts).length, (block, sums) => {
    const { eta, logGate, responsibilities, logLikelihood } = evaluate(block);
    for (let i = 0; i < block.rows; i++) sums[0] += block.unitWeights[i] * logLikelihood[i];
    ofExperts.add(block, eta, responsibilities, sums.subarray(1, length));
    if (k > 1) addGate(block, logGate, responsibilities, sums.subarray(length));
  });
}

/**
 * The step of generalised EM from the sums at θ: M-steps where they have a closed form, and elsewhere one step of Newton's
 * method, or so much of it.
 *
 * @param columns of the experts
 * @param share of Newton's steps that is taken, above 0: below 1 where the whole one lowered the objective
 */
function stepFrom(
  parts: Parts,
  columns: readonly string[],
  fixed: Fixed,
  theta: Float64Array,
  sums: Float64Array,
  share: number,
): Maximum {
  const ofExperts = expertStepOf(parts, columns);
  const own = sums.subarray(1, 1 + ofExperts.length);
  const empty = emptyExpert(ofExperts.weights(own));
  if (empty !== undefined) return { theta, gain: 0, failure: empty };
  const next = theta.map((value, j) => fixed.get(j) ?? value);
  const fit = ofExperts.step(next, own, share);
  if (fit.failure !== undefined) return { theta, gain: 0, failure: fit.failure };
  if (parts.gate.length === 0) return { theta: next, gain: fit.gain };
  const ofGate = sums.subarray(1 + own.length);
  let gain = fit.gain;
  for (const node of nodeSums(parts).nodes) {
    const gate = ofNode(node, parts.gate);
    const coupled = { penalty: softmaxPenalty(node.branches.length) };
    const own = ofGate.subarray(node.from);
    const { gradient, hessian } = penalisedExpansion(coupled, gate, coefficientsOf(gate, next), own);
    const direction = newtonDirection(gradient, hessian);
    gate
      .flatMap(({ at }) => at)
      .forEach((place, j) => {
        const change = share * direction[j];
        gain += gradient[j] * change;
        next[place] += change;
      });
  }
  return { theta: next, gain };
}

/** Where the sums of each node of the gate begin, and how many there are. */
function nodeSums({ gateLaw, gate }: Parts): {
  readonly nodes: readonly (GateNode & { readonly from: number })[];
  readonly length: number;
} {
  const d = gate[0]?.at.length ?? 0;
  let length = 0;
  const nodes = gateLaw.nodes.map((node) => {
    const from = length;
    const m = node.branches.length - 1;
    length += 1 + m * d + ((m * (m + 1)) / 2) * d * d;
    return { ...node, from };
  });
  return { nodes, length };
}

function expertStepOf({ law, experts }: Parts, columns: readonly string[]): ExpertStep {
  return law.step?.(experts, columns) ?? newtonExpertStep(law, experts);
}

/** Adds the gate's value, gradient and negated Hessian in one block; a unit counts once. */
function gateAdder(parts: Parts): (block: Block, logGate: Float64Array, r: Float64Array, sums: Float64Array) => void {
  const { gateLaw, gate, experts } = parts;
  const k = experts.length;
  const [m, d] = [gate.length, gate[0]?.at.length ?? 0];
  const { nodes } = nodeSums(parts);
  const slopes = nodes.flatMap(({ branches, from }) => branches.slice(1).map((_, h) => places(from + 1 + h * d, d)));
  const probabilities = new Float64Array(gateLaw.runs * BLOCK_ROWS);
  const scores = new Float64Array(m * BLOCK_ROWS);
  const weight = new Float64Array(BLOCK_ROWS);
  return ({ rows, x, unitWeights }, logGate, r, sums) => {
    gateLaw.probabilities(logGate, rows, probabilities);
    for (let run = 0; run < k * BLOCK_ROWS; run += BLOCK_ROWS) {
      // An expert that is impossible and has no share adds nothing, not 0 × −∞.
      for (let i = 0; i < rows; i++) if (r[run + i] > 0) sums[0] += unitWeights[i] * r[run + i] * logGate[run + i];
    }
    gateLaw.scores(probabilities, r, rows, scores);
    for (let h = 0; h < m; h++) {
      for (let i = 0; i < rows; i++) weight[i] = unitWeights[i] * scores[h * BLOCK_ROWS + i];
      weightedSum(x.gate, rows, weight, 0, sums, slopes[h]);
    }
    for (const node of nodes) {
      let to = node.from + 1 + (node.branches.length - 1) * d;
      eachPair([node], (h, j) => {
        gateLaw.curvature(probabilities, r, h, j, rows, weight);
        for (let i = 0; i < rows; i++) weight[i] *= unitWeights[i];
        weightedGram(x.gate, x.gate, rows, weight, 0, sums, to);
        to += d * d;
      });
    }
  };
}

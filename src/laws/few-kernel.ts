import { kernelSums } from "../compute/kernel-sums.ts";
import { EXPERTS, GATE, GRAMS, HESSIAN, type Kernel, LISTED } from "../compute/stretch-job.ts";
import type { Observations } from "../rows/observations.ts";
import { coefficientsOf } from "../rows/predictor.ts";
import type { FewChoice, FewSums, Parts } from "./law.ts";

/** What a law's kernel is told of its experts. */
type Told = Pick<Kernel, "name" | "theta" | "scales" | "classes">;

/** The E-step by a kernel; nothing where the plain code has to. */
export function fewSums(
  { gate, experts }: Parts,
  theta: Float64Array,
  data: Observations,
  { isListed, withGate, ...few }: FewChoice,
  told: Told,
): FewSums | undefined {
  const k = experts.length;
  const [d, dg] = [data.expert.values.length, data.gate.values.length];
  // Of others than linear experts the M-step reads the rows, more than once.
  const moments = told.name === "linear-few" ? k * (2 + d + d * d) : 0;
  const length = 2 + moments + (withGate ? k * dg * (isListed ? 1 : 1 + dg) : 0);
  const parts = (isListed ? LISTED : 0) | (moments > 0 ? EXPERTS | GRAMS : 0) | (withGate ? GATE : 0);
  const withCurvature = withGate && !isListed ? HESSIAN : 0;
  const job = { ...told, parts: parts | withCurvature, length, k, gate: coefficientsOf(gate, theta), few };
  const sums = kernelSums(data, job);
  if (sums === undefined) return undefined;
  const ofExperts = sums.subarray(2, 2 + moments);
  return { bound: sums[0], gap: sums[1], ...(moments > 0 && { ofExperts }), ofGate: sums.subarray(2 + moments) };
}

import { WorkFailure } from "../errors.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Observations } from "../rows/observations.ts";
import type { FitPlan } from "./fit-options.ts";
import type { StartReport } from "./search.ts";

/**
 * No start came to anything: the work, not the input, failed.
 *
 * @example
 * ```ts
 * import { FitFailure, fit } from "mixlens";
 * try {
 *   fit({ x: [1, 2, 3, 4], y: [1, 3, 5, 7] }, { response: "y", k: 1 });
 *   throw new Error("these rows have no noise to fit");
 * } catch (error) {
 *   if (!(error instanceof FitFailure) || error.starts[0].result !== "failed") throw error;
 * }
 * ```
 */
export class FitFailure extends WorkFailure {
  override readonly name: string = "FitFailure";
  /** How each start ended. */
  readonly starts: readonly StartReport[];

  /** @param next what to try */
  constructor(starts: readonly StartReport[], next?: string) {
    const reason = `"${starts[0].message.replace(/\.$/, "")}"`;
    const [wanted, got] =
      starts.length === 1
        ? ["the start", reason]
        : [`one of ${starts.length} starts`, `only failures such as ${reason}`];
    super("fit", `${wanted} to succeed`, got, next);
    this.starts = starts;
  }
}

/** Advice where every start failed; nothing where their message has it. */
export function advice(
  { spec, law }: Mixture,
  { startColumns, start }: FitPlan,
  { response }: Observations,
  [{ result, message }]: readonly StartReport[],
): string | undefined {
  // Its message says what to do.
  if (result === "non-finite" || message.includes("; ")) return undefined;
  const other = (startColumns ?? start) ? "another start" : "more starts";
  if (!law.takes?.includes("sigmaFloor")) return `try fewer experts or ${other}`;
  const floor = `a sigmaFloor, such as ${Number((typicalDeviation(response) / 10).toPrecision(1))}`;
  if (spec.k === 1) return `leave columns out, add rows, or set a ridge and ${floor}`;
  const shared =
    spec.sharedVariance || !law.takes.includes("sharedVariance") ? "" : ", one variance for all (sharedVariance)";
  return `try fewer experts, ${other}${shared} or ${floor}`;
}

/**
 * The median distance of the responses to their median, which a few that are far off leave as it is; the mean distance
 * where most are the same.
 */
function typicalDeviation(response: Float64Array): number {
  const median = (values: Float64Array): number => values.toSorted()[Math.floor(values.length / 2)];
  const middle = median(response);
  const distances = response.map((y) => Math.abs(y - middle));
  return median(distances) || distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}

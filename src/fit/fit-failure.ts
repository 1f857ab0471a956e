import { joined, WorkFailure } from "../errors.ts";
import { median } from "../math/statistics.ts";
import type { Mixture } from "../models/mixture.ts";
import { rowsInWords } from "../models/shares.ts";
import type { Observations } from "../rows/observations.ts";
import type { StartReport } from "./evidence.ts";
import type { FitPlan } from "./fit-options.ts";

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

/**
 * Advice where every start failed; nothing where their message has it.
 *
 * @param isAll whether these are the rows as they were given, by whose numbers they are known
 */
export function advice(
  { spec, law }: Mixture,
  { startColumns, start }: FitPlan,
  { response, offset, trials }: Observations,
  [{ result, failure }]: readonly StartReport[],
  isAll = true,
): string | undefined {
  // Their messages say what to do.
  if (result === "non-finite" || failure?.kind === "collinear" || failure?.kind === "rounding") return undefined;
  if (spec.zeroInflated && failure?.kind === "emptied" && failure.expert === spec.k) {
    return `leave zeroInflated out, and set k to ${spec.k - 1}: the other experts explain every 0`;
  }
  const other = (startColumns ?? start) ? "another start" : "more starts";
  const [along] = law.startColumns;
  const distances = distancesOf(response.map((y, i) => along(y, offset?.[i] ?? 0, trials?.[i] ?? 1)));
  const far = isAll ? farRows(distances) : "";
  const [are, them] = far.startsWith("rows") ? ["are", "them"] : ["is", "it"];
  if (!law.takes?.includes("sigmaFloor")) {
    if (spec.k === 1) return "leave columns out or add rows";
    const next = `try fewer experts or ${other}`;
    return far === "" || law.startColumns.length > 1
      ? next
      : `${far} ${are} far from all others: leave ${them} out, or ${next}`;
  }
  const least = `a sigmaFloor, such as ${Number((typicalOf(distances) / FLOOR).toPrecision(1))}`;
  if (spec.k === 1) return `leave columns out, add rows, or set a ridge and ${least}`;
  const floor = spec.sigmaFloor ? [] : [least];
  if (far !== "" && !law.takes.includes("df")) {
    const ways = [`leave ${them} out`, "take student-t experts", ...floor.map((set) => `set ${set}`)];
    return `${far} ${are} far from all others: ${joined(ways)}`;
  }
  const isShareable = law.takes.includes("sharedVariance") && !spec.sharedVariance;
  const shared = isShareable ? ["one variance for all (sharedVariance)"] : [];
  return `try ${joined(["fewer experts", other, ...shared, ...floor])}`;
}

/** How many times smaller than the typical distance a floor is: at ten times it would make an expert a spurious one. */
const FLOOR = 4;
/** A response is far from all others at so many times their typical distance to the median. */
const FAR = 30;

/** The distances of responses to their median. */
function distancesOf(response: Float64Array): Float64Array {
  const middle = median(response);
  return response.map((y) => Math.abs(y - middle));
}

/** The median distance, which a few rows that are far off leave as it is; the mean distance where most are the same. */
function typicalOf(distances: Float64Array): number {
  return median(distances) || distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}

/** The rows that are far off, in words; nothing where they are none or many. */
function farRows(distances: Float64Array): string {
  const typical = median(distances);
  if (typical === 0) return "";
  return rowsInWords(Array.from(distances.keys(), (i) => i + 1).filter((row) => distances[row - 1] > FAR * typical));
}

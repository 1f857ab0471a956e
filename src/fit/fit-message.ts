import { listed, quote } from "../errors.ts";
import { isOfGate } from "../laws/gates/nodes.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Separation } from "../models/separation.ts";
import type { Ascent } from "./ascent.ts";
import type { Search, StartReport } from "./evidence.ts";
import { UNSURE } from "./search.ts";
import type { Spurious } from "./spurious.ts";

const FLAT_WORDS =
  "The maximum is not unique: other estimates have the same likelihood, so that these have no standard errors. Fit fewer experts, or set a ridge.";

/** Warnings about a fit, in sentences; empty where there are none. */
export function messageOf(
  best: Ascent,
  /** Total weight of the rows. */
  weight: number,
  search: Search,
  /** The place of each expert, from 0, in the fit's order. */
  place: (expert: number) => number,
  /** Places of the experts whose standard deviation is at its floor. */
  floored: readonly number[],
  /** The rows of the expert at a place in words, where they are few. */
  named: (place: number) => string,
): string {
  const { report, separated, taming, spurious, isFlat, model } = best;
  const { spec } = model;
  const sentences = [
    separated.length > 0 ? separationWords(separated, taming.precision, costOf(best, weight), place) : "",
    report.message,
    isFlat && separated.length === 0 ? FLAT_WORDS : "",
    spurious === undefined
      ? ""
      : spuriousWords(spurious, model.law.takes?.includes("sigmaFloor") ? (spec.sigmaFloor ?? 0) : undefined, place),
    floorWords(floored, model, spurious === undefined ? named : () => ""),
    report.settled && isUnsure(search) ? `${search.summary}. ${adviceOn(search)}` : "",
  ];
  return sentences.filter((sentence) => sentence !== "").join(" ");
}

/**
 * Says that most starts came to where the likelihood has no bound, since many rows lie on one plane: a note, for a maximum was
 * found beside. A few rows do so by chance, and those a message of a start names.
 */
export function exactInWords(starts: readonly StartReport[], { law }: Pick<Mixture, "law">): readonly string[] {
  const exact = starts.filter(({ failure }) => failure?.kind === "exact");
  if (2 * exact.length <= starts.length || !law.takes?.includes("sigmaFloor")) return [];
  const count = `${exact.length} of ${starts.length} starts`;
  return [
    `In ${count} an expert came to fit many rows exactly, where the likelihood has no bound: if they are one of the experts, set a sigmaFloor.`,
  ];
}

/** Whether another start may well lead elsewhere: not where three have come to one maximum, and none to another. */
function isUnsure({ starts, reached, maxima, unseen }: Search): boolean {
  return starts > 1 && unseen > UNSURE && !(maxima === 1 && reached >= 3);
}

function adviceOn({ starts, end }: Search): string {
  if (end === "boundless") return "Set a ridge above 0: with it every expert has one.";
  return `Raise starts, such as to ${2 * starts}, to be surer.`;
}

/** A power of ten above what priors cost, in nats per row. */
function costOf({ report: { logLikelihood, objective } }: Ascent, weight: number): string {
  return (10 ** (1 + Math.floor(Math.log10((logLikelihood - objective) / weight)))).toExponential(0);
}

function separationWords(
  separated: readonly Separation[],
  precision: number,
  cost: string,
  place: (expert: number) => number,
): string {
  const parts = separated.map((each) => {
    // Below the branch 1.2 of a tree of gates it is gate1.2.
    if (isOfGate(each.part)) {
      const node = each.part.slice("gate".length);
      return partInWords(each, node === "" ? "the gate" : `the gate of node ${node}`);
    }
    return partInWords(each, `expert ${place(Number(each.part.slice("expert".length)) - 1) + 1}`);
  });
  return `There is no finite maximum: ${parts.join("; ")}. These are the estimates of a prior of precision ${precision} on each row's predictor there, which costs less than ${cost} nats per row.`;
}

function partInWords({ kind, detail, columns }: Separation, owner: string): string {
  const names = columns.filter((name) => columns.length === 1 || name !== "(intercept)");
  if (kind === "collinear") return `${listed(names, "and")} determine each other in the rows of ${owner}`;
  if (kind === "one label") return `every row of ${owner} has the label ${quote(String(detail))}`;
  if (kind === "outcomes" && detail !== undefined) return `every trial of ${owner} is a ${detail}`;
  if (kind === "outcomes") {
    return `${listed(names, "and")} ${names.length === 1 ? "separates" : "separate"} the successes of ${owner} from its failures`;
  }
  if (kind === "classes")
    return `${listed(names, "and")} ${names.length === 1 ? "separates" : "separate"} the classes of ${owner}`;
  if (detail !== undefined) return `every count of ${owner} is 0 where ${detail}`;
  const isAll = columns.length === 1 && columns[0] === "(intercept)";
  return `every count of ${owner} is 0${isAll ? "" : ` on one side of ${listed(names, "and")}`}`;
}

function spuriousWords(
  { expert, rows, parameters, spread, words, other, named }: Spurious,
  /** The least standard deviation; undefined: experts have none. */
  floor: number | undefined,
  place: (expert: number) => number,
): string {
  const owner = `Expert ${place(expert) + 1} rests on ${rows.toFixed(1)} rows${named && ` (${named})`} for its ${parameters} parameters`;
  const narrow = `its ${words} is ${spread.toPrecision(2)}, ${(other / spread).toFixed(0)} times smaller than another's`;
  const found = `${owner}, and ${narrow}: a spurious maximum, as a few rows near a plane make one.`;
  if (floor === undefined) return `${found} Fit fewer experts.`;
  const next = floor > 0 ? "Raise sigmaFloor" : `Set sigmaFloor, such as ${Number((other / 4).toPrecision(1))}`;
  return `${found} ${next}, or fit fewer experts.`;
}

/** Says which experts are held at the least value of their scale; `floored` counts from 0. */
export function floorWords(
  floored: readonly number[],
  { spec, law }: Pick<Mixture, "spec" | "law">,
  named: (place: number) => string,
): string {
  if (floored.length === 0) return "";
  const { sigmaFloor = 0, sharedVariance } = spec;
  const whose = sharedVariance
    ? "all experts"
    : `expert ${floored.map((z) => `${z + 1}${named(z) && ` (${named(z)})`}`).join(" and ")}`;
  const { least, words } = law.scale ?? {};
  if (least !== undefined) return `The ${words} of ${whose} is held at its least, ${least.value}: ${least.words}.`;
  return `The ${words} of ${whose} is held at its floor, ${sigmaFloor}.`;
}

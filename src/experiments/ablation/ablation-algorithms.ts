import { adam } from "../../algorithms/adam.ts";
import { em } from "../../algorithms/em.ts";
import { gradientDescent } from "../../algorithms/gradient-descent.ts";
import { emWithWarmRestarts } from "../../algorithms/warm-restarts.ts";
import { median } from "../../math/statistics.ts";
import { symmetricEigenvalues } from "../../math/symmetric-eigen.ts";
import { formatNumber } from "../../text/number.ts";
import type { Table } from "../../text/table.ts";
import {
  type AblationSettings,
  ARRIVED,
  type Arrival,
  arrival,
  drawRace,
  fewest,
  type Race,
} from "../figures/arrival.ts";
import { HOW_SEEN, type PairedClaim, pairedClaim } from "../runner/statistics.ts";

/** The paper's list: what it compares, and its iterations to an error below 0.01, printed without their set-up. */
const LIST = {
  em: { name: "EM", published: 45 },
  "gradient-descent-0.1": { name: "gradient descent at 0.1", published: 120 },
  "gradient-descent-0.01": { name: "gradient descent at 0.01", published: "diverges" },
  "gradient-descent-0.001": { name: "gradient descent at 0.001", published: 350 },
  adam: { name: "Adam", published: 85 },
  "warm-restarts": { name: "EM with warm restarts", published: 38 },
} as const;
type ListedId = keyof typeof LIST;
const LISTED = Object.keys(LIST) as ListedId[];

/** Steps of a run at the most. */
const BUDGET = 20_000;
/** Step sizes of Adam, of which the paper names none: the one with which it needs fewest counts. */
const ADAM_STEP_SIZES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];

/** All that the list depends on but its base and a seed. */
export const LIST_SETTINGS: Readonly<Record<string, unknown>> = { budget: BUDGET, adamStepSizes: ADAM_STEP_SIZES };

/** One drawing of the list. */
export interface ListInstance {
  readonly arrivals: Readonly<Record<ListedId, Arrival>>;
  /** Adam's step size; null where none arrives. */
  readonly adamStepSize: number | null;
  /** 2 divided by the largest curvature of L at EM's limit: near it, gradient descent converges with shorter steps. */
  readonly longestStep: number;
}

/** Iterations to an error below 0.01 for each algorithm of the paper's list, from the same start. */
export function listInstance(base: AblationSettings, seed: number): ListInstance {
  const race = drawRace(base, seed);
  const descent = (stepSize: number): Arrival => arrival(gradientDescent({ stepSize }), race, BUDGET);
  const best = fewest((stepSize) => adam({ stepSize }), ADAM_STEP_SIZES, race, BUDGET);
  return {
    arrivals: {
      em: arrival(em(), race, BUDGET),
      "gradient-descent-0.1": descent(0.1),
      "gradient-descent-0.01": descent(0.01),
      "gradient-descent-0.001": descent(0.001),
      adam: best?.iterations ?? "late",
      "warm-restarts": arrival(emWithWarmRestarts(), race, BUDGET),
    },
    adamStepSize: best?.stepSize ?? null,
    longestStep: longestStep(race),
  };
}

function longestStep({ model, limit, data }: Race): number {
  const { complete, missing } = model.information(limit, data);
  const curvature = complete.map((entry, at) => (entry - missing[at]) / model.totalWeight(data));
  return 2 / Math.max(...symmetricEigenvalues(curvature, limit.length));
}

/** An algorithm of the list over the instances. */
export interface AblationListRow {
  readonly algorithm: ListedId;
  readonly published: number | "diverges";
  /** Of the runs that arrive; null where none does. */
  readonly iterations: { readonly median: number; readonly fewest: number; readonly most: number } | null;
  readonly arrived: number;
  readonly diverged: number;
}

/** A claim of the list, that one algorithm needs fewer iterations than another: differences above 0 bear it out. */
export interface AblationClaim extends PairedClaim {
  readonly fewer: ListedId;
  readonly more: ListedId;
}

/** The list as JSON. */
export interface AblationList {
  readonly list: readonly AblationListRow[];
  readonly claims: readonly AblationClaim[];
  /** The least, over the instances, of the step below which gradient descent converges near EM's limit. */
  readonly longestStep: number;
}

/** The paper's order, from the fewest iterations to the most. */
const ORDER: readonly ListedId[] = ["warm-restarts", "em", "adam", "gradient-descent-0.1", "gradient-descent-0.001"];

/** The rows and tables of the list. */
export function listSummary(
  base: AblationSettings,
  instances: readonly ListInstance[],
): AblationList & { readonly tables: readonly Table[] } {
  const list = LISTED.map((algorithm): AblationListRow => {
    const arrivals = instances.map((instance) => instance.arrivals[algorithm]);
    const counts = arrivals.filter((found) => typeof found === "number");
    const iterations =
      counts.length === 0 ? null : { median: median(counts), fewest: Math.min(...counts), most: Math.max(...counts) };
    const diverged = arrivals.filter((found) => found === "diverges").length;
    return { algorithm, published: LIST[algorithm].published, iterations, arrived: counts.length, diverged };
  });
  // A run that doesn't arrive counts with all of its steps: it needs more.
  const count = (found: Arrival): number => (typeof found === "number" ? found : BUDGET);
  const claims = ORDER.slice(1).map((more, at): AblationClaim => {
    const fewer = ORDER[at];
    const published = Number(LIST[more].published) - Number(LIST[fewer].published);
    const differences = instances.map(({ arrivals }) => count(arrivals[more]) - count(arrivals[fewer]));
    return { fewer, more, ...pairedClaim(published, differences) };
  });
  const longest = Math.min(...instances.map((instance) => instance.longestStep));
  const sizes = instances.flatMap(({ adamStepSize }) => adamStepSize ?? []);
  const tables = [listTable(base, list, sizes, longest, instances.length), claimTable(claims, list, instances.length)];
  return { list, claims, longestStep: longest, tables };
}

function listTable(
  { experts, rows, features, gateNorm, expertNorm, off }: AblationSettings,
  list: readonly AblationListRow[],
  adamStepSizes: readonly number[],
  longest: number,
  instances: number,
): Table {
  const columns = ["algorithm", "published, without set-up", "ours: median", "fewest", "most", "runs that arrive"];
  const chosen = [...new Set(adamStepSizes)].sort((a, b) => a - b).join(", ");
  return {
    columns: columns.map((name, at) => (at === 1 || at === 2 ? { name, align: "right" } : { name })),
    rows: list.map(({ algorithm, published, iterations, arrived, diverged }) => [
      LIST[algorithm].name,
      String(published),
      iterations === null ? `> ${BUDGET}` : iterations.median,
      iterations?.fewest,
      iterations?.most,
      `${arrived} of ${instances}${diverged > 0 ? `, ${diverged} diverge` : ""}`,
    ]),
    caption: `Iterations until ‖θ − θ̂‖/‖θ̂‖ < ${ARRIVED}, θ̂ the limit of EM, on a symmetric pair of ${experts} experts: n = ${rows}, d = ${features}, ‖w*‖ = ${gateNorm}, ‖β*‖ = ${expertNorm}, a start off by ${off} of the norms; ${BUDGET} steps at the most. The paper names no step size of Adam: of ${ADAM_STEP_SIZES.join(", ")} the one that needs fewest counts (${chosen || "none arrives"}). Its list is odd: near a maximum gradient descent converges with every step shorter than one with which it does, here with all below ${formatNumber(longest)}, yet 0.01 is said to diverge where 0.1 does not; and short steps need iterations in proportion to 1/γ, 0.001 a hundred times those of 0.1 and not three times.`,
  };
}

function claimTable(claims: readonly AblationClaim[], list: readonly AblationListRow[], instances: number): Table {
  const columns = ["claim", "published difference", "ours", "standard error", "the claim"];
  const { diverged } = list.find(({ published }) => published === "diverges")!;
  const verdict = diverged === instances ? "holds" : diverged === 0 ? "does not hold" : "holds of some";
  return {
    columns: columns.map((name) => ({ name })),
    rows: [
      ...claims.map(({ fewer, more, published, mean, error, verdict: found }) => [
        `${LIST[fewer].name} needs fewer than ${LIST[more].name}`,
        published,
        Number(mean.toFixed(1)),
        error === null ? null : Number(error.toFixed(1)),
        found,
      ]),
      [`${LIST["gradient-descent-0.01"].name} diverges`, null, `${diverged} of ${instances} diverge`, null, verdict],
    ],
    caption: `Differences in iterations from the same start, ${HOW_SEEN}`,
  };
}

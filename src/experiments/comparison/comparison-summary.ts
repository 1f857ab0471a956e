import { formatAbove, formatNumber } from "../../text/number.ts";
import type { Table } from "../../text/table.ts";
import type { Summary } from "../runner/experiment.ts";
import { HOW_SEEN, type PairedClaim, pairedClaim, type Spread, spreadOf } from "../runner/statistics.ts";
import { COMPARED, COMPARED_IDS, type ComparedId, STEP_SIZES } from "./compared.ts";
import type { DatasetSettings, DrawnSettings, TaskInstance, TaskResult } from "./comparison-tasks.ts";

/** The tasks of the second table set. */
export type ComparisonTask = "linear-2" | "logistic-2" | "linear-4" | "iris" | "wine";

/** All that the tasks depend on but a seed. */
export interface ComparisonSettings {
  /** Iterations of every run. */
  readonly budgets: readonly number[];
  readonly drawn: Readonly<Record<"linear-2" | "logistic-2" | "linear-4", DrawnSettings>>;
  readonly shipped: Readonly<Record<"iris" | "wine", DatasetSettings>>;
}

/** Name of a task, its measure, and the scores that the paper prints, as shares. */
interface Task {
  readonly title: string;
  readonly measure: "error" | "accuracy";
  /** Name of the reference. */
  readonly reference: string;
  readonly published: Readonly<Record<ComparedId, number>>;
}

const TASKS: Readonly<Record<ComparisonTask, Task>> = {
  "linear-2": {
    title: "K = 2 linear, error of the parameters",
    measure: "error",
    reference: "the maximum",
    published: { em: 0.012, "gradient-descent": 0.035, adam: 0.028 },
  },
  "logistic-2": {
    title: "K = 2 logistic, accuracy on new rows",
    measure: "accuracy",
    reference: "the truth",
    published: { em: 0.962, "gradient-descent": 0.938, adam: 0.945 },
  },
  "linear-4": {
    title: "K = 4 linear, error of the parameters",
    measure: "error",
    reference: "the maximum",
    published: { em: 0.048, "gradient-descent": 0.091, adam: 0.072 },
  },
  iris: {
    title: "Iris, cross-validated accuracy",
    measure: "accuracy",
    reference: "one expert",
    published: { em: 0.973, "gradient-descent": 0.953, adam: 0.96 },
  },
  wine: {
    title: "Wine, cross-validated accuracy",
    measure: "accuracy",
    reference: "one expert",
    published: { em: 0.961, "gradient-descent": 0.938, adam: 0.945 },
  },
};
const TASK_IDS = Object.keys(TASKS) as ComparisonTask[];

/** The paper's order, EM before Adam before gradient descent, as pairs. */
const CLAIMS: readonly (readonly [ComparedId, ComparedId])[] = [
  ["em", "adam"],
  ["adam", "gradient-descent"],
  ["em", "gradient-descent"],
];

/** Differences of errors below this are rounding of runs that end at one maximum. */
const FLOOR = 1e-12;

/** The scores of a task after so many iterations. */
export interface ComparisonScores {
  readonly task: ComparisonTask;
  readonly measure: Task["measure"];
  readonly iterations: number;
  readonly scores: Readonly<Record<ComparedId, Spread>>;
  readonly reference: Spread & { readonly of: string };
  readonly published: Readonly<Record<ComparedId, number>>;
}

/** One algorithm against another: differences are above 0 where the first is the better, as the paper has it. */
export interface ComparisonClaim extends PairedClaim {
  readonly task: ComparisonTask;
  readonly iterations: number;
  readonly better: ComparedId;
  readonly worse: ComparedId;
}

/** What came of the step sizes of an algorithm. */
export interface ComparisonStepSize {
  readonly task: ComparisonTask;
  readonly iterations: number;
  readonly algorithm: ComparedId;
  readonly stepSize: number;
  /** How often it was chosen, and how often there was one to choose. */
  readonly chosen: number;
  readonly choices: number;
  readonly diverged: number;
  readonly runs: number;
}

/** The second table set as JSON; accuracies are shares. */
export interface ComparisonJson {
  readonly rows: readonly ComparisonScores[];
  readonly claims: readonly ComparisonClaim[];
  readonly stepSizes: readonly ComparisonStepSize[];
  readonly paper: { readonly scores: Readonly<Record<ComparisonTask, Task["published"]>>; readonly note: string };
}

/** The tables of the second set: scores beside the paper's, where its order holds, and the step sizes. */
export function comparisonSummary(
  settings: ComparisonSettings,
  instances: readonly Readonly<Record<ComparisonTask, TaskInstance>>[],
): Summary<ComparisonJson> {
  const { budgets } = settings;
  const each = <Row>(rowOf: (task: ComparisonTask, budget: number) => Row): Row[] =>
    TASK_IDS.flatMap((task) => budgets.map((_, at) => rowOf(task, at)));
  const resultsOf = (task: ComparisonTask, budget: number, id: ComparedId): TaskResult[] =>
    instances.map((instance) => instance[task].results[budget][id]);

  const rows = each((task, budget): ComparisonScores => {
    const { measure, published, reference: of } = TASKS[task];
    const spread = (id: ComparedId): Spread => spreadOf(resultsOf(task, budget, id).map(({ score }) => score));
    const scores = { em: spread("em"), "gradient-descent": spread("gradient-descent"), adam: spread("adam") };
    const reference = { of, ...spreadOf(instances.map((instance) => instance[task].reference)) };
    return { task, measure, iterations: budgets[budget], scores, reference, published };
  });
  const claims = each((task, budget) =>
    CLAIMS.map(([better, worse]): ComparisonClaim => {
      const { measure, published } = TASKS[task];
      const sign = measure === "error" ? -1 : 1;
      const others = resultsOf(task, budget, worse);
      const claimed = sign * (published[better] - published[worse]);
      const differences = resultsOf(task, budget, better).map(({ score }, at) => sign * (score - others[at].score));
      return { task, iterations: budgets[budget], better, worse, ...pairedClaim(claimed, differences) };
    }),
  ).flat();
  const stepSizes = each((task, budget) =>
    COMPARED_IDS.filter((id) => STEP_SIZES[id].length > 1).flatMap((algorithm) => {
      const results = resultsOf(task, budget, algorithm);
      const chosen = results.flatMap((result) => result.chosen);
      return STEP_SIZES[algorithm].map(
        (stepSize, cell): ComparisonStepSize => ({
          ...{ task, iterations: budgets[budget], algorithm, stepSize },
          chosen: chosen.filter((size) => size === stepSize).length,
          choices: chosen.length,
          diverged: results.reduce((sum, { diverged }) => sum + diverged[cell], 0),
          runs: results.reduce((sum, { runs }) => sum + runs, 0),
        }),
      );
    }),
  ).flat();
  const scores = Object.fromEntries(TASK_IDS.map((task) => [task, TASKS[task].published]));
  const paper = { scores: scores as ComparisonJson["paper"]["scores"], note: "published without set-up" };
  return {
    json: { rows, claims, stepSizes, paper },
    tables: [scoreTable(rows, settings, instances.length), claimTable(claims), stepTable(stepSizes)],
    figures: {},
  };
}

function scoreTable(rows: readonly ComparisonScores[], settings: ComparisonSettings, instances: number): Table {
  const columns = ["task", "iterations", ...COMPARED_IDS.map((id) => COMPARED[id]), "for reference"];
  const lines = TASK_IDS.flatMap((task) => {
    const { title, measure, published } = TASKS[task];
    const own = rows.filter((row) => row.task === task);
    const ours = own.map(({ iterations, scores, reference }) => [
      title,
      String(iterations),
      ...COMPARED_IDS.map((id) => shownSpread(measure, scores[id], instances)),
      `${reference.of}: ${shownSpread(measure, reference, instances)}`,
    ]);
    const paper = COMPARED_IDS.map((id) => (measure === "error" ? String(published[id]) : percent(published[id])));
    return [...ours, [title, "published, without set-up", ...paper, null]];
  });
  const spread = instances > 1 ? "Means and standard deviations over the instances. " : "";
  return { columns: columns.map((name) => ({ name })), rows: lines, caption: `${spread}${setUp(settings)}` };
}

function setUp({ drawn, shipped }: ComparisonSettings): string {
  const sentence = ({ rows, features, gateNorm, expertNorm, noise, testRows, starts }: DrawnSettings): string => {
    const rest = noise === undefined ? `${testRows} new rows to judge by` : `noise σ = ${noise}, which is fitted`;
    return `n = ${rows}, d = ${features}, X ~ N(0, I), ‖w‖ = ${gateNorm}, ‖β‖ = ${expertNorm}, ${rest}, ${starts} starts`;
  };
  const { k, ridge, folds, starts } = shipped.iris;
  return [
    `K = 2 linear: ${sentence(drawn["linear-2"])}.`,
    `K = 2 logistic: ${sentence(drawn["logistic-2"])}.`,
    `K = 4 linear: ${sentence(drawn["linear-4"])}.`,
    "Errors are ‖θ − θ*‖/‖θ*‖ over gate, experts and log σ, whatever the order of the experts.",
    `Iris and Wine: K = ${k} logistic experts, a ridge of ${ridge} on features standardised within the rows that are fitted to, stratified ${folds}-fold, dealt anew for each instance, ${starts} starts.`,
    "All algorithms have the same starts, drawn without a look at the truth, and the same number of iterations; of their runs the one counts whose training objective ends highest, for gradient descent and Adam over a grid of step sizes, too.",
  ].join(" ");
}

function claimTable(claims: readonly ComparisonClaim[]): Table {
  const columns = ["task", "iterations", "claim", "published difference", "ours", "standard error", "the claim"];
  return {
    columns: columns.map((name) => ({ name })),
    rows: claims.map(({ task, iterations, better, worse, published, mean: centre, error, verdict }) => {
      const { title, measure } = TASKS[task];
      const shown = (value: number): string =>
        measure === "error" ? formatAbove(FLOOR, Number(value.toPrecision(2))) : points(value);
      return [
        title,
        iterations,
        `${COMPARED[better]} before ${COMPARED[worse]}`,
        shown(Number(published.toFixed(6))),
        shown(centre),
        error === null ? null : shown(error),
        verdict,
      ];
    }),
    caption: `Differences of the same instance, ${HOW_SEEN} Of Iris and Wine the standard errors are over the dealing of the folds: what other flowers and wines would show they do not say.`,
  };
}

function stepTable(rows: readonly ComparisonStepSize[]): Table {
  const columns = ["task", "iterations", "algorithm", "chosen", "diverged"];
  const first = rows.filter(({ algorithm, stepSize }) => stepSize === STEP_SIZES[algorithm][0]);
  return {
    columns: columns.map((name) => ({ name })),
    rows: first.map(({ task, iterations, algorithm }) => {
      const group = rows.filter(
        (row) => row.task === task && row.iterations === iterations && row.algorithm === algorithm,
      );
      const said = (count: "chosen" | "diverged", of: "choices" | "runs"): string =>
        group
          .filter((row) => row[count] > 0)
          .map((row) => `${row.stepSize} (${row[count]} of ${row[of]})`)
          .join(", ") || "none";
      return [TASKS[task].title, iterations, COMPARED[algorithm], said("chosen", "choices"), said("diverged", "runs")];
    }),
    caption: `Step sizes tried: ${COMPARED_IDS.slice(1)
      .map((id) => `${COMPARED[id]} ${STEP_SIZES[id].join(", ")}`)
      .join(
        "; ",
      )}. One is chosen for each set of rows that is fitted to; a run has diverged that ends below its start, or at no finite objective.`,
  };
}

/** Mean and standard deviation; one instance has no deviation. */
function shownSpread(measure: Task["measure"], { mean: centre, sd: width }: Spread, instances: number): string {
  const [shown, spread] =
    measure === "error" ? [centre.toFixed(4), width.toFixed(4)] : [percent(centre), (100 * width).toFixed(1)];
  return instances > 1 ? `${shown} ± ${spread}` : shown;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** A difference of shares in percentage points. */
function points(difference: number): string {
  return `${formatNumber(Number((100 * difference).toFixed(2)))} points`;
}

import { type Kind, oneOf, wholeFrom } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type Optional, type OptionsOf, partOf, readOptions } from "../errors/options.ts";
import { InputError, quote, WorkFailure } from "../errors.ts";
import type { Journal } from "../files/journal.ts";
import { WriteFailure } from "../files/output-place.ts";
import { checkpointOfParts } from "../fit/checkpoint.ts";
import type { Criteria } from "../fit/criteria.ts";
import { SAME } from "../fit/evidence.ts";
import { fitFrom, type WarmStarts } from "../fit/fit.ts";
import { FIT, type FitOptions, type FitTable } from "../fit/fit-options.ts";
import type { Fit } from "../fit/fit-result.ts";
import { tableInMemory } from "../fit/source/source.ts";
import { isTree } from "../laws/gates/registry.ts";
import type { ExpertKind } from "../laws/registry.ts";
import { READ } from "../table/read-options.ts";
import type { DataSource } from "../table/source.ts";
import type { DataTable } from "../table/table.ts";
import type { Cell, Table } from "../text/table.ts";
import { tabled } from "../text/tabled.ts";
import { crossValidated } from "./cross-validation.ts";
import { ratioTest } from "./likelihood-ratio.ts";
import { merges, splits } from "./neighbours.ts";

/** What a number of experts can be chosen by. */
export const SELECTED_BY = ["bic", "aic", "sabic", "icl", "iclSoft", "cv", "blrt"] as const;

/** A criterion, the cross-validated log-likelihood, or bootstrap likelihood-ratio tests. */
export type SelectedBy = (typeof SELECTED_BY)[number];

const counts: Kind<number | readonly number[], readonly number[]> = {
  wanted: "a list of different whole numbers from 1 on",
  accepts: (value) => {
    const list = [value].flat();
    const areCounts = list.every((k) => Number.isSafeInteger(k) && (k as number) >= 1);
    return list.length > 0 && areCounts && new Set(list).size === list.length;
  },
  read: (value) => [value].flat().sort((a, b) => a - b),
};

/** Table of the options of a choice that are its own. */
export class SelectTable {
  readonly k: Defaulted<readonly number[]> = {
    ...defaulted(counts as Kind<readonly number[]>, [1, 2, 3, 4], "numbers of experts"),
  };

  readonly by: Defaulted<SelectedBy> = defaulted(oneOf(SELECTED_BY), "bic", "what the number of experts is chosen by");

  readonly folds: Defaulted<number> = defaulted(wholeFrom(2, 1_000_000), 10, "parts of a cross-validation");

  readonly replicates: Defaulted<number> = defaulted(wholeFrom(9, 1_000_000), 99, "replicates of a bootstrap test");

  readonly checkpoint: Optional<string> = FIT.checkpoint;

  readonly resume: Defaulted<boolean> = FIT.resume;
}

export const SELECT: SelectTable = new SelectTable();

// A checkpoint is of the whole choice, and an engine of a source, which a choice does not take.
const { k: _, checkpoint: __, resume: ___, engine: ____, partitions: _____, ...others } = { ...FIT };
export const FIT_OF_ANY_K: Omit<FitTable, "k" | "checkpoint" | "resume" | "engine" | "partitions"> = others;
const TABLE = { ...FIT_OF_ANY_K, ...SELECT };
// The table is read once, for all.
const OF_FITS = Object.fromEntries(Object.entries(FIT_OF_ANY_K).filter(([name]) => !(name in READ)));

/** Options of a choice: those of a fit, and several numbers of experts. */
export interface SelectModelOptions<E extends ExpertKind = ExpertKind>
  extends Omit<FitOptions<E>, "k" | "checkpoint" | "resume" | "engine" | "partitions">,
    OptionsOf<SelectTable> {}

/** A number of experts, and how well so many fit. */
export interface SelectedModel extends Partial<Criteria> {
  readonly k: number;
  /** How its fit ended; only those that converged can be chosen. */
  readonly result: Fit["result"];
  /** Absent, like the criteria, where no start came to anything. */
  readonly logLikelihood?: number;
  readonly parameters?: number;
  /** Cross-validated log-likelihood, where that is what is chosen by. */
  readonly crossValidated?: number;
  /** p-value of the bootstrap test against the next number of experts, where that is what is chosen by. */
  readonly p?: number;
  /** What should be known about it. */
  readonly messages: readonly string[];
}

/** A choice of the number of experts. */
export interface Selection<E extends ExpertKind = ExpertKind> {
  /** Every number that was tried, in ascending order. */
  readonly models: readonly SelectedModel[];
  readonly by: SelectedBy;
  /** The number that was chosen, and its fit. */
  readonly best: number;
  readonly fit: Fit<E>;
  /** What should be known about the choice, beside what is said of each model. */
  readonly messages: readonly string[];
}

/** Significance of the tests. */
const SIGNIFICANT = 0.05;

/**
 * Fits several numbers of experts, and chooses one.
 *
 * Each fit has, beside its random starts, those that the fit with one expert less leads to (each expert split in two), and
 * afterwards those of the one with one expert more (each pair made one): a number of experts that is tried next to others
 * misses a maximum less often. Chosen is the least criterion (`"bic"`, `"aic"`, `"sabic"`, or ICL: `"icl"` by most probable
 * experts as flexmix and mclust have it, `"iclSoft"` by the entropy), the highest cross-validated log-likelihood (`"cv"`), or
 * the first number that a bootstrap test against the next does not reject at 5 % (`"blrt"`). Fits that did not converge are
 * shown and not chosen. With a `checkpoint` the steps of all fits, and what they are judged by, are noted on the way, and `resume`
 * goes on from there, to the same bits; what is chosen `by` may be another then.
 *
 * @param options those of `fit`, but for k, a list; start and startColumns are of one k, and not taken
 * @throws InputError as `fit`, and for a checkpoint of another choice
 * @throws WorkFailure where no fit converges, and where the checkpoint can't be written any more
 * @remarks cost: that of the fits; `"cv"` takes `folds` further fits each, `"blrt"` some for each replicate. McLachlan and
 *   Peel 2000, chapter 6.
 * @example
 * ```ts
 * import { datasetPath, selectModel } from "mixlens";
 * const options = { response: "petal_width", features: ["petal_length"], gate: "constant", starts: 5 } as const;
 * const { best, models, fit } = selectModel(datasetPath("iris"), { ...options, k: [1, 2] });
 * if (models.length !== 2 || fit.mixture.spec.k !== best) throw new Error(String(best));
 * ```
 */
export function selectModel<E extends ExpertKind = "linear">(
  data: DataSource,
  options: SelectModelOptions<E>,
): Selection<E> {
  const plan = readOptions(ACT, options, TABLE);
  for (const name of ["start", "startColumns"] as const) {
    if (plan[name] !== undefined) throw new InputError(ACT, `no ${name}, which is of one k`, name, "leave it out");
  }
  const { gate } = options as { readonly gate?: unknown };
  if (isTree(gate)) {
    const next = "fit each tree, and compare their criteria.bic";
    throw new InputError(ACT, "a gate of any number of experts", quote(String(gate)), next);
  }
  const table = tableInMemory(ACT, data, partOf(plan, READ));
  const journal = checkpointOfParts(ACT, plan, { k: plan.k });
  const fits = fitsOf(table, partOf(options as object, OF_FITS) as FitOptions, plan.k, journal);
  const models = judged(fits, plan, journal);
  const best = chosen(models, plan.by);
  const fit = best === undefined ? undefined : fits.get(best);
  if (best === undefined || fit === undefined || typeof fit === "string") throw noneChosen(models[0], plan.by);
  const { by } = plan;
  const messages = journal?.notes ?? [];
  return tabled<Selection<E>>({ models, by, best, fit: fit as Fit<E>, messages }, selectionTable);
}

const ACT = "choose the number of experts";

/** The fits by number of experts; or why there is none. */
type Fits = ReadonlyMap<number, Fit | string>;

function fitsOf(table: DataTable, options: FitOptions, ks: readonly number[], journal: Journal | undefined): Fits {
  const fits = new Map<number, Fit | string>();
  const at = (k: number): Fit | undefined => {
    const found = fits.get(k);
    return typeof found === "string" ? undefined : found;
  };
  const warm = (k: number, starts: WarmStarts, part: string): Fit | string =>
    orReason(() => fitFrom(table, { ...options, k }, starts, { journal, part }));
  for (const k of ks) {
    const below = at(k - 1);
    const responsibilities = below === undefined ? [] : splits(below, below.observations);
    fits.set(k, warm(k, { responsibilities }, `fit of ${k}`));
  }
  for (const k of ks.toReversed()) {
    const [here, above] = [at(k), at(k + 1)];
    if (above === undefined || k === 1) continue;
    const again = warm(k, { responsibilities: merges(above), before: here?.starts ?? [] }, `fit of ${k}, from above`);
    const height = here?.result === "converged" ? here.objective : Number.NEGATIVE_INFINITY;
    if (typeof again !== "string" && again.result === "converged" && again.objective > height + SAME)
      fits.set(k, again);
  }
  return fits;
}

/** What is found, or why it came to nothing; a checkpoint that can't be written ends the whole choice. */
function orReason<T>(find: () => T): T | string {
  try {
    return find();
  } catch (error) {
    if (error instanceof WorkFailure && !(error instanceof WriteFailure)) return error.message;
    throw error;
  }
}

/** What a choice reads of its options when the fits are made. */
interface Judge {
  readonly by: SelectedBy;
  readonly folds: number;
  readonly replicates: number;
  readonly seed: number;
}

/** Every fit with its criteria, and what it is chosen by. */
function judged(fits: Fits, judge: Judge, journal: Journal | undefined): readonly SelectedModel[] {
  const list = [...fits];
  return list.map(([k, fit], at): SelectedModel => {
    if (typeof fit === "string") return { k, result: "failed", messages: [fit] };
    const { result, logLikelihood, criteria, mixture, messages } = fit;
    const told = { k, result, logLikelihood, parameters: mixture.free.length, ...criteria };
    const found = orReason(() => scoreOf(fit, list[at + 1]?.[1], judge, journal));
    if (typeof found === "string") return { ...told, messages: [...messages, found] };
    const { messages: more = [], ...score } = found;
    return { ...told, ...score, messages: [...messages, ...more] };
  });
}

/** What a fit is chosen by, if that is no criterion. */
function scoreOf(
  fit: Fit,
  next: Fit | string | undefined,
  { by, folds, replicates, seed }: Judge,
  journal: Journal | undefined,
): Partial<SelectedModel> {
  const part = `${by} of ${fit.mixture.spec.k}`;
  if (by === "cv") {
    const { logLikelihood, messages } = crossValidated(fit, { folds, seed }, { journal, part });
    return { crossValidated: logLikelihood, messages };
  }
  if (by !== "blrt" || next === undefined || typeof next === "string") return {};
  const { p, messages } = ratioTest(fit, next, { replicates, seed }, { journal, part });
  return { p, messages };
}

/** The number of experts that is chosen; none where no fit converged, or none could be judged. */
function chosen(models: readonly SelectedModel[], by: SelectedBy): number | undefined {
  const converged = models.filter(({ result }) => result === "converged");
  // The last is tested against none.
  if (by === "blrt") return converged.find((model) => model === converged.at(-1) || Number(model.p) > SIGNIFICANT)?.k;
  const score = (model: SelectedModel): number => {
    const value = by === "cv" ? model.crossValidated : model[by];
    return value === undefined ? Number.POSITIVE_INFINITY : by === "cv" ? -value : value;
  };
  const [best] = converged.toSorted((a, b) => score(a) - score(b));
  return best !== undefined && Number.isFinite(score(best)) ? best.k : undefined;
}

/** Why none can be chosen, by the first that was tried. */
function noneChosen({ result, messages }: SelectedModel, by: SelectedBy): WorkFailure {
  // It converged, and was not judged: why comes last.
  if (result === "converged") return new WorkFailure(ACT, `a fit that can be judged by ${by}`, String(messages.at(-1)));
  return new WorkFailure(ACT, "a fit that converges", messages[0] ?? result, "raise maxIterations or try more starts");
}

/** What a choice is made by where the table does not have it anyway. */
const COLUMNS = {
  cv: ["cross-validated", "crossValidated"],
  blrt: ["p", "p"],
  sabic: ["SABIC", "sabic"],
  iclSoft: ["soft ICL", "iclSoft"],
} as const satisfies Partial<Record<SelectedBy, readonly [string, keyof SelectedModel]>>;

/** The models of a choice as a table. */
export function selectionTable({ models, best, by }: Pick<Selection, "models" | "best" | "by">): Table {
  const shown: readonly (readonly [string, keyof SelectedModel])[] = [
    ...([
      ["k", "k"],
      ["log-likelihood", "logLikelihood"],
      ["parameters", "parameters"],
    ] as const),
    ...([
      ["AIC", "aic"],
      ["BIC", "bic"],
      ["ICL", "icl"],
    ] as const),
    ...(by in COLUMNS ? [COLUMNS[by as keyof typeof COLUMNS]] : []),
    ["result", "result"],
  ];
  return {
    columns: shown.map(([name]) => ({ name })),
    rows: models.map((model) => shown.map(([, entry]) => model[entry] as Cell)),
    note: `${best} expert${best === 1 ? "" : "s"} by ${by}`,
  };
}

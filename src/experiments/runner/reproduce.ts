import { jupyterDisplay, type MimeBundle, mimeBundle } from "../../display/mime.ts";
import { PageTable } from "../../display/render/page.ts";
import { callable, number, signal, text, truth } from "../../errors/kinds.ts";
import { type Declared, readOptions } from "../../errors/options.ts";
import { InputError } from "../../errors.ts";
import type { Experiment, Summary } from "./experiment.ts";
import type { Worker } from "./process-worker.ts";
import { type ExperimentId, type Experiments, experimentId, experimentOf } from "./registry.ts";
import { provenance, writeReport } from "./report.ts";
import { type Run, type RunOptions, type RunProgress, run } from "./run.ts";

/** How a figure or table is computed anew. */
export interface ReproduceOptions<Json extends object = object> extends RunOptions {
  /** Called with what there is after each instance, to show it, say; a promise that it returns is waited for. */
  readonly onInstance?: (found: Reproduction<Json>) => unknown;
  /** Called before the first instance and after each. */
  readonly onProgress?: (progress: RunProgress) => void;
  /** Called with why a figure is left out of the folder: the numbers and tables are there. */
  readonly onLeftOut?: (reason: string) => void;
  /** File of plotly.js that the page in the folder links to, and that is written there; default: within the page. */
  readonly plotly?: string;
}

const OPTIONS = {
  instances: number,
  seed: number,
  images: number,
  passes: number,
  workers: number,
  folder: text,
  plotly: new PageTable().plotly,
  resume: truth,
  signal,
  onDownload: callable,
  onDamaged: callable,
  onInstance: callable,
  onProgress: callable,
  onLeftOut: callable,
  onUnwritten: callable,
} satisfies Declared<ReproduceOptions>;

/** A figure or table of the paper, computed anew from the instances that are done; a notebook shows it whole. */
export interface Reproduction<Json extends object = object> extends Summary<Json>, RunProgress {
  readonly id: string;
  readonly title: string;
  /** Seed that the seeds of the instances were drawn from. */
  readonly seed: number;
  /** Seeds of the instances that are done. */
  readonly seeds: readonly number[];
  /** Seconds that each of them took, on one core. */
  readonly seconds: readonly number[];
  readonly [jupyterDisplay]: () => Promise<MimeBundle>;
}

/**
 * Computes a figure or table of the paper anew: what `mixlens reproduce` does, for notebooks and programs.
 *
 * Its instances, each of a seed of its own, are computed in processes on all cores, so that this one stays free. What
 * there is after each of them has the tables and figures of the whole. The same seed gives the same bits, however many
 * processes there are; those of fewer instances are the first of more. With a folder, everything is written there, too,
 * and a run that was ended can be continued.
 *
 * @param id `"figure1"`, `"figure2"`, `"figure3"`, `"table2"`, `"spectrum"`, `"comparison"`, `"ablation"`, `"theorems"` or
 *   `"deep"`, which is an extension of ours
 * @throws InputError for an unknown id, and for options that no run can be made of
 * @throws WorkFailure naming the instance that failed, or the file that can't be written
 * @throws what the signal was ended with, by rejecting the promise; the processes end with it
 * @remarks cost: each instance of Figures 1 and 2 takes some seconds on one core, of Table 2 a minute, and the
 *   spectrum some minutes on all cores; of `"deep"` five minutes, and seconds with fewer images and passes.
 *   arXiv 2411.06056, section 6.
 * @example
 * ```ts
 * import { reproduce } from "mixlens/paper";
 * const errors: number[] = [];
 * const found = await reproduce("figure1", {
 *   instances: 2,
 *   onInstance: ({ done, json }) => { errors[done - 1] = json.curves.excess[0].y[50]; },
 * });
 * if (errors.length !== 2 || found.tables.length !== 2) throw new Error("a figure after each instance");
 * if (!(errors[1] < 1e-9)) throw new Error("EM arrives in 50 iterations");
 * ```
 */
export async function reproduce<Id extends ExperimentId>(
  id: Id,
  options: ReproduceOptions<Experiments[Id]> = {},
): Promise<Reproduction<Experiments[Id]>> {
  readOptions("reproduce", options, OPTIONS);
  if (options.plotly !== undefined && options.folder === undefined) {
    throw new InputError("reproduce", "a folder for the file plotly", "none", "name a folder, or leave plotly out");
  }
  return reproduction<Experiments[Id]>(experimentOf(experimentId(id) as Id), options);
}

/** The same of any experiment, by any workers. */
export async function reproduction<Json extends object>(
  experiment: Experiment<Json>,
  { onInstance, onProgress, onLeftOut, plotly, ...options }: ReproduceOptions<Json>,
  startWorker?: () => Worker,
): Promise<Reproduction<Json>> {
  let found: Reproduction<Json> | undefined;
  for await (const state of run(experiment, options, startWorker)) {
    const { manifest, done, total, left } = state;
    onProgress?.({ done, total, left });
    if (done === 0 || (done < total && onInstance === undefined)) continue;
    found = summed(experiment, state);
    if (done === total && options.folder !== undefined) {
      const { folder, onUnwritten } = options;
      const how = { ...(onUnwritten && { onUnwritten }), ...(plotly !== undefined && { plotly }) };
      const leftOut = await writeReport(folder, manifest, found, how);
      for (const reason of leftOut) onLeftOut?.(reason);
    }
    await onInstance?.(found);
  }
  return found!;
}

function summed<Json extends object>(experiment: Experiment<Json>, state: Run): Reproduction<Json> {
  const { manifest, partials, done, total, left } = state;
  const { id, title } = experiment;
  const { json, tables, figures } = experiment.summary(partials.map(({ instance }) => instance));
  const values = [provenance(manifest), ...tables, ...Object.values(figures)];
  return {
    ...{ id, title, json, tables, figures, done, total, left },
    seed: manifest.seed,
    seeds: partials.map(({ seed }) => seed),
    seconds: manifest.seconds,
    [jupyterDisplay]: () => together(values),
  };
}

/** Values one below the other. */
async function together(values: readonly unknown[]): Promise<MimeBundle> {
  const bundles = await Promise.all(values.map(mimeBundle));
  const joined = (type: string): string => bundles.map((bundle) => bundle[type] ?? bundle["text/plain"]).join("\n");
  return { "text/html": joined("text/html"), "text/plain": joined("text/plain") };
}

import { cpus } from "node:os";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { dataFolders, folderOf } from "../datasets/dataset-path.ts";
import { datasetInfo } from "../datasets/registry.ts";
import { htmlPage, type PageOptions, PageTable } from "../display/render/page.ts";
import { picture } from "../display/render/picture.ts";
import { plotlyLibrary } from "../display/render/plotly-library.ts";
import { InputError, quote } from "../errors.ts";
import { BENCH_GROUPS, type BenchCase, bench } from "../experiments/bench/bench.ts";
import { growthFigures } from "../experiments/bench/bench-figures.ts";
import { fashionMnistProblem } from "../experiments/bench/bench-images.ts";
import type { BenchRow } from "../experiments/bench/bench-rows.ts";
import { checkOutput } from "../files/output-place.ts";
import { writeWhole } from "../files/write-file.ts";
import { type Table, tableText } from "../text/table.ts";
import { type Baseline, baselines } from "./baselines.ts";
import { addFlags } from "./options.ts";
import { log, print, printJson } from "./output.ts";

interface Options extends PageOptions {
  readonly only?: string;
  readonly beside?: string;
  readonly python: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** Both sides of a case. */
interface Timed extends BenchRow {
  readonly beside?: string;
  readonly baseline?: Baseline;
  /** How many times as fast as the baseline. */
  readonly ratio?: number;
  readonly floor?: number;
}

/** Name of the page in the folder. */
const PAGE = "bench.html";

const COLUMNS = [
  "case",
  "rows",
  "columns",
  "k",
  "threads",
  "engine",
  "median ms",
  "min ms",
  "ns/row",
  "beside",
  "its median ms",
  "ratio",
  "floor",
];

/** `mixlens bench` */
export function addBench(program: Command): void {
  const command = program
    .command("bench")
    .description(
      "time EM steps, fits, commands, a pass over images, eigenvalues, spectra, reading and figures, by rows, columns, experts and threads",
    )
    .addOption(new Option("--only <group>", "one group of cases").choices(Object.keys(BENCH_GROUPS)))
    .option("--beside <folder>", "run the baselines in this folder back to back, and say how many times as fast")
    .option("--python <program>", "the python that has numpy, scipy, pandas and JAX", "python3")
    .option("--out <folder>", "write the table, and figures of how cost grows, to this folder")
    .option("--json", "print one JSON document")
    .action(async ({ only, beside, python, out, json, ...page }: Options) => {
      if (page.plotly !== undefined && out === undefined) {
        throw new InputError(
          "bench",
          "--out, a folder for the page",
          `--plotly ${quote(page.plotly)} alone`,
          "add --out",
        );
      }
      const files = [PAGE, ...(page.plotly === undefined ? [] : [page.plotly])];
      if (out !== undefined) for (const file of files) checkOutput(join(out, file), { inNewFolder: true });
      const cases = only === undefined ? Object.values(BENCH_GROUPS).flat() : BENCH_GROUPS[only];
      const rows = timedCases(cases, beside, python);
      const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version };
      const head = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`;
      if (json) printJson({ machine, rows });
      else print(`${head}\n${tableText(tableOf(rows))}`);
      if (out !== undefined) await writeFigures(out, head, rows, page);
    });
  addFlags(command, new PageTable());
}

function timedCases(cases: readonly BenchCase[], beside: string | undefined, python: string): Timed[] {
  const images = folderOf(datasetInfo("fashion-mnist"), dataFolders());
  const imagesOf = images === undefined ? undefined : (of: BenchCase) => fashionMnistProblem(images, of);
  const others = beside === undefined ? undefined : baselines(beside, python, images, log);
  const rows: Timed[] = [];
  try {
    for (const { row, of } of bench(cases, () => performance.now(), others?.rowsOf, imagesOf)) {
      const { n, d, k, threads, medianMs } = row;
      log(`${called(row)}: ${n} × ${d}, k = ${k}, threads = ${threads}: ${medianMs.toFixed(2)} ms`);
      const baseline = others?.time(of);
      const compared = baseline && {
        beside: of.beside,
        baseline,
        ratio: baseline.medianMs / medianMs,
        floor: of.floor,
      };
      rows.push({ ...row, ...compared });
    }
  } finally {
    others?.close();
  }
  return rows;
}

/** What is timed, such as `step, poisson` or `command, iris`. */
function called({ name, source, dataset, figure, bytes = 0, experts, classes }: Timed | BenchRow): string {
  if (figure !== undefined) return `figure, ${figure} (${(bytes / 1e6).toPrecision(2)} MB)`;
  const labels = classes === undefined ? "" : ` (${classes} labels)`;
  const kind = dataset ?? (experts === undefined ? undefined : `${experts}${labels}`);
  return source ?? (kind === undefined ? name : `${name}, ${kind}`);
}

function tableOf(rows: readonly Timed[]): Table {
  return {
    columns: COLUMNS.map((name) => ({ name })),
    rows: rows.map((row) => {
      const { n, d, k, threads, engine, medianMs, minMs } = row;
      const own = [called(row), n, d, k, threads, engine, medianMs, minMs, (1e6 * medianMs) / n];
      return [...own, ...othersOf(row).map((cell) => cell ?? "")];
    }),
  };
}

/** What a case is timed beside: a baseline, or dense steps of our own. */
function othersOf({ medianMs, denseMs, beside, baseline, ratio, floor }: Timed): (string | number | undefined)[] {
  if (denseMs !== undefined) return ["dense", denseMs, denseMs / medianMs, undefined];
  return [beside, baseline?.medianMs, ratio, floor];
}

/** The table as a page with the figures below it, and each figure as SVG. */
async function writeFigures(
  folder: string,
  head: string,
  rows: readonly Timed[],
  { plotly }: PageOptions,
): Promise<void> {
  const figures = growthFigures(rows);
  const values = [head, tableOf(rows), ...Object.values(figures)];
  const page = await htmlPage("How long things take", values, plotly === undefined ? {} : { plotly });
  await writeWhole(join(folder, PAGE), page, { inNewFolder: true });
  if (plotly !== undefined) await writeWhole(join(folder, plotly), plotlyLibrary(), { inNewFolder: true });
  for (const [name, figure] of Object.entries(figures)) {
    const svg = await picture(figure).catch((error: Error) => error);
    if (typeof svg === "string") await writeWhole(join(folder, `${name}.svg`), svg);
    else {
      log(`The figure "${name}" is left out: ${svg.message}`);
      process.exitCode = 1;
    }
  }
}

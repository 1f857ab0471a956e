import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { datasetPath } from "../../datasets/dataset-path.ts";
import { InputError } from "../../errors.ts";
import { packageRoot } from "../../files/package-root.ts";
import { random } from "../../math/random.ts";
import { type BenchRow, type BenchSize, benchProblem, timed } from "./bench-rows.ts";

/** A fit that is timed whole, as somebody waits for it at a command line: reading, search, certificate and printing. */
export interface CommandSize extends BenchSize {
  /** Whose rows; absent: they are drawn as those of steps are. */
  readonly dataset?: "iris" | "wine";
}

/** A figure that is timed in a process of its own: the first one, those that follow, or a page of one. */
export interface FigureSize extends BenchSize {
  readonly figure: "first" | "later" | "page";
}

/** Responses of the data sets. */
const RESPONSES = { iris: "species", wine: "cultivar" };

/** Rows that are drawn, as a CSV text of x1, x2, … and the response y: a number, or a label. */
export function commandCsv(size: BenchSize): string {
  const { columns, response } = size.experts === "logistic" ? labelled(size) : numbers(size);
  const rows = Array.from({ length: size.n }, (_, i) => [...columns.map((x) => x[i]), response[i]].join());
  return `${[...columns.map((_, j) => `x${j + 1}`), "y"].join()}\n${rows.join("\n")}\n`;
}

interface DrawnRows {
  readonly columns: readonly Float64Array[];
  readonly response: ArrayLike<number | string>;
}

function numbers(size: BenchSize): DrawnRows {
  const { data } = benchProblem(size);
  return { columns: data.expert.values.slice(1), response: data.response };
}

/** Labels L1, L2, … that rise with the first column, as those of ages or grades do. */
function labelled({ n, d, classes = 3 }: BenchSize): DrawnRows {
  const rng = random(1);
  const columns = Array.from({ length: d - 1 }, () => Float64Array.from({ length: n }, () => rng.normal()));
  const response = Array.from({ length: n }, (_, i) => {
    const place = Math.round((classes * (6 + 2 * columns[0][i] + rng.normal())) / 12);
    return `L${Math.min(classes, Math.max(1, place))}`;
  });
  return { columns, response };
}

/** Times `mixlens fit` with its defaults, of k experts, in a process of its own. */
export function benchCommand({ dataset, ...size }: CommandSize, runs: number, now: () => number): BenchRow {
  const folder = mkdtempSync(join(tmpdir(), "mixlens-fit-"));
  try {
    const file = dataset === undefined ? join(folder, "rows.csv") : datasetPath(dataset);
    if (dataset === undefined) writeFileSync(file, commandCsv(size));
    const response = dataset === undefined ? "y" : RESPONSES[dataset];
    const { k, experts = "linear" } = size;
    const args = ["fit", file, "--response", response, "--k", `${k}`, "--experts", experts, "--json"];
    let found: Pick<BenchRow, "iterations" | "logLikelihood"> = {};
    const once = (): void => {
      found = JSON.parse(run([join(packageRoot(), "dist/cli.mjs"), ...args]));
    };
    const times = timed(once, runs, now);
    const { iterations, logLikelihood } = found;
    const ended = {
      ...(iterations !== undefined && { iterations }),
      ...(logLikelihood !== undefined && { logLikelihood }),
    };
    return { name: "command", ...size, ...(dataset && { dataset }), ...times, ...ended };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Prints the milliseconds that figures take, and the bytes of the last. */
const FIGURES = `
const [entry, which, runs] = process.argv.slice(1);
const { curvePlot, htmlPage, picture } = await import(entry);
const figure = curvePlot([{ name: "error", y: Array.from({ length: 40 }, (_, t) => 0.8 ** t) }], { title: "Error", x: "step", y: "error" });
const draw = () => (which === "page" ? htmlPage("Error", [figure]) : picture(figure));
if (which !== "first") await draw();
const times = [];
let bytes = 0;
for (let run = 0; run < Number(runs); run++) {
  const from = performance.now();
  bytes = Buffer.byteLength(await draw());
  times.push(performance.now() - from);
}
console.log(JSON.stringify({ times, bytes }));
process.exit();
`;

/**
 * Times a figure of forty points as SVG, or a page of it: the first of a process, in as many processes as runs, or those that
 * follow in one. The process times itself: to start it is not what is meant.
 */
export function benchFigure({ figure, ...size }: FigureSize, runs: number): BenchRow {
  const entry = pathToFileURL(join(packageRoot(), "dist/index.mjs")).href;
  const program = ["--input-type=module", "--eval", FIGURES, entry, figure];
  const [processes, each] = figure === "first" ? [runs, 1] : [1, runs];
  const found = Array.from({ length: processes }, () => JSON.parse(run([...program, `${each}`])) as Drawn);
  const times = found.flatMap(({ times }) => times).sort((a, b) => a - b);
  const { bytes } = found[0];
  const own = { figure, runs, engine: "reference", medianMs: times[runs >> 1], minMs: times[0], bytes };
  return { name: "figure", ...size, ...own };
}

interface Drawn {
  readonly times: number[];
  readonly bytes: number;
}

/** What a program for this Node prints. */
function run(args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 2 ** 26 });
  if (status === 0) return stdout;
  const said = stderr.split("\n").find((line) => line.includes("Error: "));
  const got = error?.message ?? said?.trim() ?? `${status}`;
  throw new InputError("time a process of its own", "the package as it is built", got);
}

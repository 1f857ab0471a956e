import { cpus } from "node:os";
import { type Command, Option } from "commander";
import { dataFolders, folderOf } from "../data/dataset-path.ts";
import { datasetInfo } from "../data/registry.ts";
import { tableText } from "../display/table.ts";
import { BENCH_GROUPS, type BenchCase, bench } from "../experiments/bench.ts";
import { fashionMnistProblem } from "../experiments/bench-images.ts";
import { numpyBaseline } from "./numpy-baseline.ts";
import { log, print, printJson } from "./output.ts";

interface Options {
  readonly only?: string;
  readonly beside?: string;
  readonly python: string;
  readonly json?: boolean;
}

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
  "× numpy",
  "floor",
];

/** `mixlens bench` */
export function addBench(program: Command): void {
  program
    .command("bench")
    .description("time EM steps, a whole fit and a pass over images, by rows, columns, experts and threads")
    .addOption(new Option("--only <group>", "one group of cases").choices(Object.keys(BENCH_GROUPS)))
    .option("--beside <folder>", "run numpy's baselines in this folder back to back, and say how many times as fast")
    .option("--python <program>", "the python that has numpy", "python3")
    .option("--json", "print one JSON document")
    .action(({ only, beside, python, json }: Options) => {
      const cases = only === undefined ? Object.values(BENCH_GROUPS).flat() : BENCH_GROUPS[only];
      const images = folderOf(datasetInfo("fashion-mnist"), dataFolders());
      const imagesOf = images === undefined ? undefined : (of: BenchCase) => fashionMnistProblem(images, of);
      const numpy = beside === undefined ? undefined : numpyBaseline(beside, python, images);
      const rows = [];
      try {
        for (const { row, of } of bench(cases, () => performance.now(), numpy?.rowsOf, imagesOf)) {
          const baseline = of.floor === undefined ? undefined : numpy?.time(of);
          rows.push({
            ...row,
            ...(baseline && { baseline, ratio: baseline.medianMs / row.medianMs, floor: of.floor }),
          });
          log(
            `${row.source ?? row.name}: ${row.n} × ${row.d}, k = ${row.k}, threads = ${row.threads}: ${row.medianMs.toFixed(2)} ms`,
          );
        }
      } finally {
        numpy?.close();
      }
      const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version };
      if (json) return printJson({ machine, rows });
      print(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`);
      print(
        tableText({
          columns: COLUMNS.map((name) => ({ name })),
          rows: rows.map(({ name, source, n, d, k, threads, engine, medianMs, minMs, ratio, floor }) => {
            return [
              source ?? name,
              n,
              d,
              k,
              threads,
              engine,
              medianMs,
              minMs,
              (1e6 * medianMs) / n,
              ratio ?? "",
              floor ?? "",
            ];
          }),
        }),
      );
    });
}

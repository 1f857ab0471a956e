import type { Command } from "commander";
import { datasetPath, listDatasets } from "../data/registry.ts";
import { tableText } from "../display/table.ts";
import { print, printJson } from "./output.ts";

/** `mixlens datasets list`, `path NAME` and `fetch NAME` */
export function addDatasets(program: Command): void {
  const datasets = program.command("datasets").description("the datasets that come with mixlens");
  datasets
    .command("list")
    .description("names, sizes and sources")
    .option("--json", "print one JSON document")
    .action(({ json }: { json?: boolean }) => {
      const found = listDatasets();
      if (json) return printJson(found);
      const columns = ["name", "rows", "columns", "response", "license"].map((name) => ({ name }));
      const rows = found.map((set) => [set.name, set.rows, set.columns.length, set.response, set.license]);
      print(tableText({ columns, rows }));
    });
  // Both are shipped: fetching one is finding it.
  for (const [name, description] of [
    ["path", "print the path of a dataset's file"],
    ["fetch", "make sure that a dataset's file is there, and print its path"],
  ] as const) {
    datasets
      .command(name)
      .description(description)
      .argument("<name>", "name of the dataset")
      .action((dataset: string) => print(datasetPath(dataset)));
  }
}

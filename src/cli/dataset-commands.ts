import type { Command } from "commander";
import { datasetPath } from "../datasets/dataset-path.ts";
import { fetchDataset } from "../datasets/download.ts";
import { listDatasets } from "../datasets/registry.ts";
import { tableText } from "../text/table.ts";
import { interrupted } from "./interrupt.ts";
import { print, printJson } from "./output.ts";
import { downloadProgress } from "./progress.ts";

/** `mixlens datasets list`, `path NAME` and `fetch NAME` */
export function addDatasets(program: Command): void {
  const datasets = program.command("datasets").description("the datasets that mixlens knows");
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
  const command = (name: string, description: string): Command =>
    datasets
      .command(name)
      .description(description)
      .argument("<name>", "name of the dataset")
      .option("--data-dir <folder>", "folder to look in before $MIXLENS_DATA, the cache folder and Debian's");
  command("path", "print the path of a dataset's file, or of the folder of its files").action(
    (name: string, flags: { dataDir?: string }) => print(datasetPath(name, flags)),
  );
  command("fetch", "make sure that a dataset is there, downloaded where it must be, and print its path").action(
    runFetch,
  );
}

async function runFetch(name: string, flags: { dataDir?: string }): Promise<void> {
  const { end, onProgress } = downloadProgress();
  const signal = interrupted();
  try {
    print(await fetchDataset(name, { ...flags, ...(onProgress && { onProgress }), signal }));
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = 130;
  } finally {
    end();
  }
}

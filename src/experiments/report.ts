import { tableMarkdown } from "../display/markdown.ts";
import { htmlPage } from "../display/page.ts";
import { picture } from "../display/picture.ts";
import type { Summary } from "./experiment.ts";
import { type Manifest, written } from "./run-folder.ts";

/**
 * Writes what a run found to its folder: `summary.json`, each figure as SVG, and all tables and figures as `results.md`
 * and as one page, `results.html`.
 *
 * @throws InputError when the folder cannot be written
 */
export async function writeReport(folder: string, manifest: Manifest, summary: Summary): Promise<void> {
  const { title } = manifest;
  const origin = provenance(manifest);
  const figures = Object.entries(summary.figures);
  for (const [name, figure] of figures) await written(folder, `${name}.svg`, await picture(figure));
  const pictures = figures.map(([name, { alt }]) => `![${alt.replace(/[[\]]/g, "")}](${name}.svg)`);
  const tables = summary.tables.map((table) => tableMarkdown(table, EVERYTHING));
  await written(folder, "results.md", `${[`# ${title}`, origin, ...tables, ...pictures].join("\n\n")}\n`);
  const values = [origin, ...summary.tables, ...figures.map(([, figure]) => figure)];
  await written(folder, "results.html", await htmlPage(title, values));
  await written(folder, "summary.json", `${JSON.stringify(summary.json, null, 1)}\n`);
}

const EVERYTHING = { rows: Number.POSITIVE_INFINITY, columns: Number.POSITIVE_INFINITY };

/** What instances were computed by, as a sentence. */
export function provenance({ seconds, instances, seed, versions }: Manifest): string {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const count = seconds.length === instances ? String(instances) : `${seconds.length} of ${instances}`;
  return `${count} instance${instances === 1 ? "" : "s"} from seed ${seed}, computed by ${programs.join(", ")}. What is called the paper's is from arXiv 2411.06056 and was not computed here.`;
}

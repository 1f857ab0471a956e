import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Figure } from "../../display/figure.ts";
import { tableMarkdown } from "../../display/markdown.ts";
import { htmlPage, type PageOptions } from "../../display/render/page.ts";
import { picture } from "../../display/render/picture.ts";
import { plotlyLibrary } from "../../display/render/plotly-library.ts";
import type { Summary } from "./experiment.ts";
import { type Manifest, REPORT, told, type Unwritten, written } from "./run-folder.ts";

/**
 * Writes what a run found to its folder: `summary.json`, each figure as SVG, and all tables and figures as `results.md`
 * and as one page, `results.html`, with plotly.js beside it where the page is to link to that. Numbers and tables come first; a figure that can't be drawn is left out and named.
 *
 * @returns why figures are left out, a sentence for each
 * @throws WorkFailure when a file can't be written and nobody listens
 */
export async function writeReport(
  folder: string,
  manifest: Manifest,
  summary: Summary,
  { onUnwritten, ...page }: Unwritten & PageOptions = {},
): Promise<readonly string[]> {
  const write = (name: string, text: string): Promise<void> => told(written(folder, name, text), onUnwritten);
  const report = async (figures: Readonly<Record<string, Figure>>, leftOut: readonly string[]): Promise<void> => {
    await write(REPORT.markdown, markdown(manifest, summary, figures, leftOut));
    const values = [provenance(manifest), ...summary.tables, ...Object.values(figures), ...leftOut];
    await write(REPORT.page, await htmlPage(manifest.title, values, page));
  };
  if (page.plotly !== undefined) await write(page.plotly, plotlyLibrary());
  await write(REPORT.summary, `${JSON.stringify(summary.json, null, 1)}\n`);
  await report({}, []);
  const drawn: Record<string, Figure> = {};
  const leftOut: string[] = [];
  for (const [name, figure] of Object.entries(summary.figures)) {
    const svg = await picture(figure).catch((error: Error) => error);
    if (typeof svg === "string") {
      drawn[name] = figure;
      await write(`${name}.svg`, svg);
    } else {
      leftOut.push(`The figure "${name}" is left out: ${svg.message}.`);
      // An earlier run's is not this one's.
      await rm(join(folder, `${name}.svg`), { force: true }).catch(() => {});
    }
  }
  await report(drawn, leftOut);
  return leftOut;
}

const EVERYTHING = { rows: Number.POSITIVE_INFINITY, columns: Number.POSITIVE_INFINITY };

function markdown(
  manifest: Manifest,
  { tables }: Summary,
  figures: Readonly<Record<string, Figure>>,
  leftOut: readonly string[],
): string {
  const pictures = Object.entries(figures).map(([name, { alt }]) => `![${alt.replace(/[[\]]/g, "")}](${name}.svg)`);
  const parts = [
    `# ${manifest.title}`,
    provenance(manifest),
    ...tables.map((table) => tableMarkdown(table, EVERYTHING)),
  ];
  return `${[...parts, ...pictures, ...leftOut].join("\n\n")}\n`;
}

/** What instances were computed by, as a sentence. */
export function provenance({ seconds, instances, seed, versions }: Manifest): string {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const count = seconds.length === instances ? String(instances) : `${seconds.length} of ${instances}`;
  return `${count} instance${instances === 1 ? "" : "s"} from seed ${seed}, computed by ${programs.join(", ")}. What is called the paper's is from arXiv 2411.06056 and was not computed here.`;
}

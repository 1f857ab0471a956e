import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { readNotebook } from "../src/jupyter/run/notebook.ts";
import { notebookPage } from "./notebook-page.ts";

/** The pages of the site that are no reference, as files that the generator reads. */
export interface Pages {
  readonly front: string;
  readonly documents: readonly string[];
  /** What notebooks showed, by the marks that stand for it. */
  readonly outputs: ReadonlyMap<string, string>;
}

const FIRST = "How to choose";

/** Writes the pages into a folder that is laid out as the repository, so that links from one to the other lead there too. */
export async function writePages(folder: string): Promise<Pages> {
  const outputs = new Map<string, string>();
  const documents: string[] = [];
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text.replace(/(\]\([\w./-]+)\.ipynb\)/g, "$1.md)"));
    return file;
  };
  const add = async (name: string, title: string, category: string, text: string): Promise<void> => {
    const place = name.toLowerCase().replace(/(\/readme)?\.md$/, "");
    const matter = { title, category, page: category === "Guides" ? `guides/${place}` : place };
    const lines = Object.entries(matter).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
    documents.push(await write(name, `---\n${lines.join("\n")}\n---\n\n${text}`));
  };

  const { lead, sections } = sectionsOf(await readFile("README.md", "utf8"));
  const choice = sections.get(FIRST) ?? "";
  sections.delete(FIRST);
  for (const [title, text] of sections) await add(`${slug(title)}.md`, title, "Guides", text);
  const files = (await readdir("notebooks")).filter((file) => file.endsWith(".ipynb"));
  const names = files.map((file) => basename(file, ".ipynb"));
  for (const name of names) {
    const page = notebookPage(name, await readNotebook(join("notebooks", `${name}.ipynb`)), names);
    await add(`notebooks/${name}.md`, `${name.slice(0, 2)} ${page.title}`, "Notebooks", page.markdown);
    for (const [mark, html] of page.outputs) outputs.set(mark, html);
  }
  for (const file of ["datasets/README.md", "CHANGELOG.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "SECURITY.md"]) {
    const [, title, text] = /^# (.+)\n([\s\S]*)/.exec(await readFile(file, "utf8")) ?? [];
    await add(file, title, "The project", text);
  }
  await mkdir(join(folder, ".github"), { recursive: true });
  await copyFile(".github/first-fit.png", join(folder, ".github/first-fit.png"));
  const guides = Array.from(sections.keys(), (title) => `- [${title}](${slug(title)}.md)`).join("\n");
  const body = `## ${FIRST}\n\n${choice}\n\n## Guides\n\n${guides}\n\n`;
  const front = await write("README.md", lead.replace(/^# .+\n/, "").replace(/(?=!\[)/, body));
  return { front, documents, outputs };
}

/** What a text has before its first heading of the second level, and what is below each of these. */
function sectionsOf(text: string): { lead: string; sections: Map<string, string> } {
  const [lead, ...parts] = text.split(/^## /m);
  const sections = parts.map((part): [string, string] => {
    const end = part.indexOf("\n");
    return [part.slice(0, end), part.slice(end).trim()];
  });
  return { lead, sections: new Map(sections) };
}

function slug(title: string): string {
  return title.toLowerCase().replace(/\W+/g, "-");
}

import { copyFile, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { tex } from "@mdit/plugin-tex";
import katex from "katex";
import { Application, Converter, PageEvent, type TypeDocOptions } from "typedoc";
import { plotlyLibrary } from "../src/display/render/plotly-library.ts";
import { finish } from "./finish.ts";
import { type Pages, writePages } from "./pages.ts";
import { Addresses, arrange, spellOut } from "./reference.ts";

/** Source files of the entries by the names that they are imported by. */
const ENTRIES: ReadonlyMap<string, string> = new Map([
  ["index", "mixlens"],
  ["theory", "mixlens/theory"],
  ["paper", "mixlens/paper"],
  ["notebook", "mixlens/notebook"],
]);

const { values } = parseArgs({ options: { out: { type: "string", default: "site" } } });
await mkdir(".mixlens/tmp", { recursive: true });
const folder = await mkdtemp(".mixlens/tmp/pages-");
try {
  await build(values.out, await writePages(folder));
} finally {
  await rm(folder, { recursive: true });
}

/** Makes the site from the sources' docstrings and the pages; throws where it would have a fault. */
async function build(out: string, pages: Pages): Promise<void> {
  const app = await Application.bootstrapWithPlugins(options(out, pages));
  app.renderer.defineRouter("addresses", Addresses);
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, spellOut);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => arrange(project, ENTRIES), 1000);
  app.renderer.on(PageEvent.END, (page) => {
    const { router } = app.renderer;
    if (router !== undefined) finish(page, { outputs: pages.outputs, router });
  });
  const project = await app.convert();
  if (project === undefined) throw new Error("The sources can't be compiled.");
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings())
    throw new Error("The site is not as it should be: see above.");
  const assets = join(out, "assets");
  await writeFile(join(assets, "plotly.js"), plotlyLibrary());
  await mkdir(join(assets, "katex"));
  await copyFile("node_modules/katex/dist/katex.min.css", join(assets, "katex/katex.min.css"));
  await cp("node_modules/katex/dist/fonts", join(assets, "katex/fonts"), { recursive: true });
}

function options(out: string, { front, documents }: Pages): TypeDocOptions {
  return {
    name: "Mixlens",
    entryPoints: Array.from(ENTRIES.keys(), (name) => `src/${name}.ts`),
    // What a signature names and no entry exports is spelled out where it is used.
    validation: { notExported: false },
    readme: front,
    projectDocuments: [...documents],
    out,
    disableSources: true,
    // Types are checked by themselves.
    skipErrorChecking: true,
    hideGenerator: true,
    githubPages: false,
    customCss: ".docs/style.css",
    searchInComments: true,
    searchInDocuments: true,
    router: "addresses",
    headings: { readme: true, document: true },
    sort: ["kind", "source-order"],
    kindSortOrder: ["Document", "Module", "Function", "Variable", "Class", "Interface", "TypeAlias"],
    sortEntryPoints: false,
    navigation: { includeCategories: true, includeGroups: false },
    categorizeByGroup: false,
    categoryOrder: ["Guides", "Notebooks", "Reference", "The project", "Fitting", "Data", "Inference", "Charts", "*"],
    markdownItLoader(markdown: { use(plugin: unknown, options: object): void }) {
      const render = (formula: string, displayMode: boolean): string => katex.renderToString(formula, { displayMode });
      markdown.use(tex, { render });
    },
  };
}

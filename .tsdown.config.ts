import { readdirSync, readFileSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { defineConfig, type UserConfig } from "tsdown";

const shared: UserConfig = {
  platform: "node",
  target: "node20.19",
  dts: false,
  shims: true,
  fixedExtension: true,
  logLevel: "error",
};

/** What users import, and nothing else of the package can be imported. */
const library = {
  index: "src/index.ts",
  theory: "src/theory.ts",
  paper: "src/paper.ts",
  notebook: "src/notebook.ts",
};

function typesOf(extension: string): UserConfig {
  const outExtensions = (): { dts: string } => ({ dts: extension });
  return { ...shared, entry: library, format: "esm", dts: { emitDtsOnly: true }, outExtensions };
}

// The library in both formats: notebooks load CommonJS (tslab compiles to it), everything else may import ES modules.
// There a file stays a file, so that a bundler of the user's leaves out what a program does not use; only the types are
// bundled, for they are read and not run.
const config: UserConfig[] = defineConfig([
  {
    ...shared,
    entry: {
      ...library,
      "experiment-worker": "src/experiments/runner/worker.ts",
      "replicate-worker": "src/inference/replicate-worker.ts",
      "spark-client": "src/spark/client.ts",
      kernel: "src/jupyter/protocol/kernel.ts",
      "cell-process": "src/jupyter/protocol/cell-process.ts",
      "cell-relay": "src/jupyter/protocol/cell-relay.ts",
      "notebook-worker": "src/jupyter/run/notebook-worker.ts",
    },
    format: "esm",
    unbundle: true,
    copy: ["src/jupyter/lab/mixlens_papermill.py", "src/spark/mixlens_spark.py"],
    hooks: { "build:done": linkOwnName },
  },
  { ...shared, entry: library, format: "cjs", unbundle: true },
  // The program is one file, without comments: to find and read hundreds takes longer than most commands.
  {
    ...shared,
    entry: { cli: "src/cli/main.ts" },
    format: "esm",
    minify: { compress: false, mangle: false, codegen: true },
  },
  // The page that charts are drawn in without a browser: one file with all that it takes, as it is not of our making.
  {
    ...shared,
    entry: { browserless: "src/display/render/browserless.ts" },
    format: "esm",
    deps: { alwaysBundle: /./ },
    minify: true,
    banner: {
      js: licences(
        "happy-dom",
        "entities",
        "whatwg-mimetype",
        "buffer-image-size",
        "ws",
        "fast-png",
        "iobuffer",
        "fflate",
      ),
    },
  },
  typesOf(".d.mts"),
  typesOf(".d.cts"),
  // The extension of JupyterLab: a script for browsers.
  {
    entry: { "lab-extension": "src/jupyter/page/extension.ts" },
    format: "iife",
    platform: "browser",
    target: "es2022",
    dts: false,
    minify: true,
    logLevel: "error",
  },
]);
export default config;

/** What the owners of packages ask to be kept where their code is copied, as a comment. */
function licences(...names: readonly string[]): string {
  const texts = names.map((name) => {
    const file = readdirSync(`node_modules/${name}`).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name}\n\n${readFileSync(`node_modules/${name}/${file}`, "utf8").trim()}`;
  });
  return `/*!\n${texts.join("\n\n").replaceAll("*/", "* /")}\n*/`;
}

/** Notebooks of this checkout import the package by its name, and tslab finds names in node_modules only. */
async function linkOwnName(): Promise<void> {
  await symlink("..", "node_modules/mixlens", "junction").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

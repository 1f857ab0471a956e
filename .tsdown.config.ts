import { symlink } from "node:fs/promises";
import { defineConfig, type UserConfig } from "tsdown";

const shared: UserConfig = {
  platform: "node",
  target: "node20.19",
  dts: true,
  shims: true,
  sourcemap: true,
  fixedExtension: true,
  logLevel: "error",
};

// The library in both formats: notebooks load CommonJS (tslab compiles to it), everything else may import ES modules.
const config: UserConfig[] = defineConfig([
  {
    ...shared,
    entry: {
      index: "src/index.ts",
      cli: "src/cli/main.ts",
      "experiment-worker": "src/experiments/worker.ts",
      kernel: "src/jupyter/kernel.ts",
      "kernel-sockets": "src/jupyter/kernel-sockets.ts",
      "notebook-worker": "src/jupyter/notebook-worker.ts",
    },
    format: "esm",
    hooks: { "build:done": linkOwnName },
  },
  { ...shared, entry: { index: "src/index.ts" }, format: "cjs" },
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

/** Notebooks of this checkout import the package by its name, and tslab finds names in node_modules only. */
async function linkOwnName(): Promise<void> {
  await symlink("..", "node_modules/mixlens", "junction").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

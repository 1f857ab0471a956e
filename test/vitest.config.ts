import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfigFnObject } from "vitest/config";
// For the reporter and the global set-up, which this process loads.
import "./support/typescript.mjs";

/** `npm run test:fast`: the folders of what computes, without browsers, kernels and commands … */
const COMPUTING =
  "test/{algorithms,compute,datasets,files,fit,frame,images,inference,laws,math,models,solve,table,theory}/**/*.test.ts";
/** … and without their longest files, but for the laws of EM, and those that start processes or download. */
const LONG = [
  "algorithms/all",
  "compute/{images,threads}",
  "datasets/{download,fashion-mnist}",
  "files/write-file",
  "fit/{converged,reports,search}",
  "inference/{bootstrap,select-model,top-spectrum}",
  "laws/{anderson,lift,mini-batch-em,multi-start-*,projected-mirror-descent}",
  "laws/{signal-to-noise,stop,symmetric,warm-restarts}",
  "models/{rounding,separation,written-to}",
  "solve/newton",
  "table/{csv,query,read-table}",
  "theory/{certificate,relative-convexity}",
].map((name) => `test/${name}.test.ts`);

const config: ViteUserConfigFnObject = defineConfig(({ mode }) => ({
  test: {
    root: fileURLToPath(new URL("..", import.meta.url)),
    ...(mode === "fast" ? { include: [COMPUTING], exclude: LONG } : { include: ["test/**/*.test.ts"] }),
    reporters: [process.env.CI ? "default" : "dot", "./test/counts.ts"],
    globalSetup: ["test/support/kernels.ts"],
    setupFiles: ["test/support/seed.ts"],
    testTimeout: 120_000,
    maxWorkers: 2,
    // Each file in a process of its own: danfo and tslab leave globals behind. What computes leaves nothing.
    pool: "forks",
    isolate: mode !== "fast",
    // Modules that Node loads: those of Vite's runner look every name of another module up anew, at half the speed.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    execArgv: ["--import", new URL("support/typescript.mjs", import.meta.url).href],
  },
}));
export default config;

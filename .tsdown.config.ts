import { defineConfig, type UserConfig } from "tsdown";

// One bundle per format: notebooks load CommonJS (tslab compiles to it), everything else may import ES modules.
const config: UserConfig = defineConfig({
  entry: { index: "src/index.ts", cli: "src/cli/main.ts" },
  format: ["esm", "cjs"],
  platform: "node",
  target: "node20.19",
  dts: true,
  shims: true,
  sourcemap: true,
  fixedExtension: true,
});
export default config;

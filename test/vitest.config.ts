import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";
// For the reporter and the global set-up, which this process loads.
import "./support/typescript.mjs";

const config: ViteUserConfig = defineConfig({
  test: {
    root: fileURLToPath(new URL("..", import.meta.url)),
    include: ["test/**/*.test.ts"],
    reporters: [process.env.CI ? "default" : "dot", "./test/counts.ts"],
    globalSetup: ["test/support/kernels.ts"],
    setupFiles: ["test/support/seed.ts"],
    testTimeout: 60_000,
    // Each file in a process of its own: danfo and tslab leave globals behind.
    pool: "forks",
    // Modules that Node loads: those of Vite's runner look every name of another module up anew, at half the speed.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    execArgv: ["--import", new URL("support/typescript.mjs", import.meta.url).href],
  },
});
export default config;

import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    reporters: [process.env.CI ? "default" : "dot", "./test/counts.ts"],
    globalSetup: ["test/support/kernels.ts"],
    setupFiles: ["test/support/seed.ts"],
    testTimeout: 60_000,
    // Each file in a process of its own: danfo and tslab leave globals behind.
    pool: "forks",
  },
});
export default config;

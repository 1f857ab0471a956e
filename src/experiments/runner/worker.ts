import { instanceText } from "./partial-file.ts";
import type { Answer, Order } from "./process-worker.ts";
import { experimentId, experimentOf } from "./registry.ts";

// The process that computes instances: `node experiment-worker.mjs ID`, forked by the runner, which sends it a seed at a
// time and is told the result.

const experiment = experimentOf(experimentId(process.argv[2] ?? ""));
// Ctrl-C reaches every process of the terminal: when this one ends is for the runner to say.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit(1));
process.on("message", async ({ seed, sizes }: Order) => {
  const began = performance.now();
  const answer = await Promise.resolve()
    .then(() => experiment.instance(seed, sizes))
    .then(
      (instance): Answer => ({ text: instanceText(instance), seconds: (performance.now() - began) / 1000 }),
      (error: unknown): Answer => ({ failure: error instanceof Error ? error.message : String(error) }),
    );
  process.send?.(answer);
});

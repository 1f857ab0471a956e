import { runNotebook } from "./run-notebook.ts";

// The process of one notebook: `node notebook-worker.mjs FILE OPTIONS` (as JSON), forked by runNotebooks, which it
// tells the number of each cell as it starts, and the result.

const [file = "", options = "{}"] = process.argv.slice(2);
// Without a parent nobody waits for the result; listening must not keep the process alive, or no stall would show.
// While cells run, process.exit is theirs.
const exit = process.exit.bind(process);
process.on("disconnect", () => exit(1));
process.channel?.unref();

void runNotebook(file, {
  ...JSON.parse(options),
  now: () => performance.now(),
  onCell: (cell) => process.send?.({ cell }),
}).then((run) => {
  // What cells left open (timers, workers) ends here.
  process.send?.({ run }, () => process.exit(0));
});

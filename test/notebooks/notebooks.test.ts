import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isRunnable, readNotebook } from "../../src/jupyter/notebook.ts";

const files = readdirSync("notebooks").filter((name) => name.endsWith(".ipynb"));

test.each(files)("%s runs from top to bottom without a screen", { timeout: 120_000 }, (name) => {
  const out = execFileSync(process.execPath, ["dist/cli.mjs", "notebook", "run", join("notebooks", name), "--json"], {
    stdio: "pipe",
  });
  const [{ cells, executed, failed }] = JSON.parse(out.toString()).notebooks;
  expect({ executed, failed }).toEqual({ executed: cells, failed: 0 });
});

test.each(files)("%s is committed whole: outputs of a run in order, no error, no dump, under 400 kB", async (name) => {
  const file = join("notebooks", name);
  expect(statSync(file).size).toBeLessThan(400_000);
  const cells = (await readNotebook(file)).cells.filter(isRunnable);
  cells.forEach((cell, at) => {
    expect(cell.execution_count).toBe(at + 1);
    for (const output of cell.outputs) {
      expect(output.output_type).not.toBe("error");
      expect(JSON.stringify(output)).not.toMatch(/\[Object|TensorFlow\.js|"stderr"/);
    }
  });
  expect(JSON.stringify(cells.at(-1)?.outputs)).toContain("All claims hold.");
});

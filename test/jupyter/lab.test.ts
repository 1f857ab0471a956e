import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startLab } from "../../src/jupyter/lab.ts";
import { freePort, runInLab } from "./lab-driver.ts";
import { scratchNotebook } from "./scratch.ts";

// One environment for all: tests that start JupyterLab stay in this file, so that two do not set it up at once.
const project = join(import.meta.dirname, "../..");
const pictures = join(project, ".mixlens/screenshots");

test("a notebook runs in JupyterLab from the first cell to the last", { timeout: 240_000 }, async () => {
  const notebook = await scratchNotebook(
    'import { InputError } from "mixlens"; import * as tslab from "tslab";',
    'console.log(new InputError("a", "b", "c").message); tslab.display.html("<h3>shown</h3>");',
    "await new Promise((done) => setTimeout(done, 300));",
  );
  expect(await runInLab(notebook, join(pictures, "scratch.png"))).toEqual({
    cells: 3,
    executed: 3,
    failed: [],
    prompts: ["[1]:", "[2]:", "[3]:"],
    liveFigures: 0,
  });
});

test("the first notebook runs in JupyterLab, its figures live", { timeout: 240_000 }, async () => {
  const notebook = join(project, "notebooks/01-first-fit.ipynb");
  const facts = await runInLab(notebook, join(pictures, "01-first-fit.png"), 120_000);
  expect(facts).toMatchObject({ cells: 12, executed: 12, failed: [], liveFigures: 3 });
});

test("a later start skips the set-up, and the signal ends the server with exit code 0", async () => {
  const controller = new AbortController();
  const said: string[] = [];
  const lab = await startLab({
    project,
    port: await freePort(),
    browser: false,
    log: (line) => said.push(line),
    signal: controller.signal,
  });
  expect((await fetch(lab.url)).status).toBe(200);
  expect(said.join("\n")).toMatch(/^JupyterLab shows [^\n]*$/);
  controller.abort();
  expect(await lab.ended).toBe(0);
});

test("a cell that fails in JupyterLab is told by its number", async () => {
  const notebook = await scratchNotebook("1", 'throw new Error("here")', "3");
  const facts = await runInLab(notebook, join(pictures, "scratch-failure.png"));
  expect(facts).toMatchObject({ cells: 3, executed: 2, failed: [2] });
});

test("a port in use is refused, not replaced", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await expect(startLab({ project, port, browser: false, log: () => {} })).rejects.toThrow(
    `Cannot start JupyterLab: expected a free port, got ${port}, which is in use; choose another with --port`,
  );
  server.close();
});

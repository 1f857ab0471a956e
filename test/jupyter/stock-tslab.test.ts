import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, test } from "vitest";
import { KernelClient, type Ran } from "./kernel-client.ts";

// The kernel of tslab as it is published, without this package's launcher: what notebooks there may count on.

const tslab = createRequire(import.meta.url).resolve("tslab/bin/tslab");
let kernel: KernelClient;
beforeAll(async () => {
  const argv = [process.execPath, tslab, "kernel", "--config-path", "{connection_file}"];
  kernel = await KernelClient.start(undefined, argv);
  await kernel.run(
    'import { fit, snr, spectrum, spectrumPlot } from "mixlens"; import { show } from "mixlens/notebook";',
  );
  await kernel.run(
    `const found = fit({ x: [0, 1, 2, 3, 4, 5], y: [0, 1.1, 1.9, 3, 4.1, 4.9] }, { response: "y", k: 1 });`,
  );
}, 60_000);
afterAll(() => kernel.close());

const shown = ({ published }: Ran): unknown => published.find(({ type }) => type === "display_data")?.content.data;

test("this is no kernel of ours", async () => {
  expect((await kernel.ask("kernel_info_request", {})).implementation).not.toBe("mixlens");
});

test("a fit runs", async () => {
  const { text } = await kernel.run("console.log(found.result, found.coefficients.experts[0].coefficients.x);");
  expect(text).toMatch(/^converged 0\.9\d+\n$/);
});

test("show gives tables and fits as HTML and text", async () => {
  const table = shown(await kernel.run('await show({ columns: [{ name: "x" }], rows: [[1]] });'));
  expect(table).toEqual({ "text/html": expect.stringContaining("<table"), "text/plain": "x\n1" });
  const fitted = shown(await kernel.run("await show(found);"));
  expect(fitted).toMatchObject({ "text/html": expect.stringContaining("log-likelihood") });
});

test("show gives a figure as a static picture", async () => {
  const figure = shown(
    await kernel.run("await show(spectrumPlot(spectrum(found.mixture, found.theta, found.observations).eigenvalues));"),
  );
  const { "text/html": html, "text/plain": text } = figure as Record<string, string>;
  const [, picture = ""] = /src="data:image\/svg\+xml;base64,([^"]+)"/.exec(html) ?? [];
  expect(Buffer.from(picture, "base64").toString()).toMatch(/^<svg[\s\S]*<\/svg>$/);
  expect(text).toMatch(/^\[figure\] 3 eigenvalues/);
});

// Last: after an error this kernel passes over what it is asked in the next 200 ms.
test("a cell that takes a result for what it is not fails by the types of the package", async () => {
  const wrong = await kernel.run("const word: string = found.logLikelihood;");
  expect(wrong.reply.status).toBe("error");
  expect(wrong.text).toContain("Type 'number' is not assignable to type 'string'");
});

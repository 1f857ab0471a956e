import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { plotlyLibrary } from "../../src/display/render/plotly-library.ts";
import { mixlens, mixlensJson, scratch } from "./scratch.ts";

test("bench prints both the machine and the times, and writes them as a page", async () => {
  const folder = scratch({});
  const { machine, rows } = await mixlensJson(folder, "bench", "--only", "eigenvalues", "--out", "a/b");
  expect(machine.node).toBe(process.version);
  expect(rows.map(({ n }: { n: number }) => n)).toEqual([60, 200, 500]);
  expect(readdirSync(join(folder, "a/b"))).toEqual(["bench.html"]);
  expect(readFileSync(join(folder, "a/b/bench.html"), "utf8")).toContain("<table");
});

test("the page links to plotly.js where it is told to, which is written beside it", async () => {
  const folder = scratch({});
  const { code } = await mixlens(folder, "bench", "--only", "eigenvalues", "--out", "a", "--plotly", "b/plotly.js");
  expect(code).toBe(0);
  const page = readFileSync(join(folder, "a/bench.html"), "utf8");
  expect(page).toContain('<script src="b/plotly.js"></script>');
  const library = readFileSync(join(folder, "a/b/plotly.js"), "utf8");
  expect(page.length).toBeLessThan(library.length / 10);
  // What follows plotly.js is our own, and laid out otherwise in the package.
  const [[plotly, theme], [own]] = [library, plotlyLibrary()].map((text) => text.split("window.mixlensTheme = "));
  expect(plotly).toBe(own);
  expect(theme).toMatch(/^function inTheme\(/);
  const alone = await mixlens(folder, "bench", "--plotly", "plotly.js");
  expect(alone).toMatchObject({ code: 2, stdout: "" });
  expect(alone.stderr).toBe(
    'Cannot bench: expected --out, a folder for the page, got --plotly "plotly.js" alone; add --out\n',
  );
});

test("a folder that cannot be is refused before anything is timed", async () => {
  const folder = scratch({ file: "" });
  const { code, stdout, stderr } = await mixlens(folder, "bench", "--out", "file/b");
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^Cannot write "file\/b\/bench\.html": .*, got a file as the folder ".*file"\n$/);
});

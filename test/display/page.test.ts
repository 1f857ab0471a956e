import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { curvePlot } from "../../src/display/curve-plot.ts";
import { htmlPage } from "../../src/display/render/page.ts";
import { plotlyLibrary } from "../../src/display/render/plotly-library.ts";
import { InputError } from "../../src/errors.ts";
import { inBrowser } from "../jupyter/lab-driver.ts";
import { scratchFolder } from "../jupyter/scratch.ts";

const chart = curvePlot([{ name: "a", y: [1, 2] }], { title: "Errors", x: "step", y: "error" });
const note = "Figures are pictures here";

/** How a page looks that is opened as a file, without a network. */
async function look(file: string): Promise<{ live: number; pictures: number; isTold: boolean; errors: string[] }> {
  return inBrowser(async (page) => {
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.context().setOffline(true);
    await page.goto(pathToFileURL(file).href);
    await page.waitForLoadState("load");
    const isTold = await page.getByText(note).isVisible();
    if (!isTold) await page.locator(".js-plotly-plot .main-svg").first().waitFor();
    const pictures = await page.locator("img.mixlens-picture").evaluateAll((all) => {
      return all.filter((one) => (one as HTMLElement).getBoundingClientRect().height > 0).length;
    });
    return { live: await page.locator(".js-plotly-plot:has(.main-svg)").count(), pictures, isTold, errors };
  });
}

test("a page that links to plotly.js is small, lives with the file beside it, and without it says so and shows pictures", async () => {
  const folder = await scratchFolder();
  // What an address would take for something else.
  const plotly = "with all of it/a#b?c%20.js";
  const file = join(folder, "page.html");
  const page = await htmlPage("Two", [chart, chart], { plotly });
  expect(page.length).toBeLessThan(100_000);
  expect((await htmlPage("Two", [chart, chart])).length).toBeGreaterThan(4_000_000);
  await writeFile(file, page);
  expect(await look(file)).toEqual({ live: 0, pictures: 2, isTold: true, errors: [] });
  await mkdir(join(folder, "with all of it"));
  await writeFile(join(folder, plotly), plotlyLibrary());
  expect(await look(file)).toEqual({ live: 2, pictures: 0, isTold: false, errors: [] });
});

test.each([
  "",
  "plotly",
  ".js",
  "/usr/plotly.js",
  "https://example.org/plotly.js",
  "data:text/javascript,1.js",
  "a\\plotly.js",
  "//host/plotly.js",
])("a page links to nothing but a file of JavaScript beside it, not to %j", async (plotly) => {
  const wanted = 'plotly to be the relative path of a file that ends in .js, with "/" between folders';
  await expect(htmlPage("Page", [chart], { plotly })).rejects.toThrow(
    new InputError("make a page", wanted, JSON.stringify(plotly)),
  );
});

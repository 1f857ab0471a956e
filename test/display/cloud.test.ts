import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { figure } from "../../src/display/figure.ts";
import { htmlPage } from "../../src/display/render/page.ts";
import { plotlySource } from "../../src/display/render/picture.ts";
import { libraryScript } from "../../src/display/render/plotly-library.ts";
import { inBrowser } from "../jupyter/lab-driver.ts";

// plotly.js offers to upload charts to a company's server. Here nothing does, and a page with figures asks for nothing.

const chart = figure("dots", [{ x: [1, 2], y: [1, 2] }], {});
const own = (config: object): string =>
  `<div class="own"></div><script>Plotly.newPlot(document.querySelector(".own"), [{ y: [1, 2] }], {}, ${JSON.stringify(config)});</script>`;

/** The titles of the buttons above the charts, once so many are drawn, and the addresses that the page asked for. */
async function opened(html: string, charts: number): Promise<{ titles: string[]; asked: string[] }> {
  return inBrowser(async (page: Page) => {
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.setContent(html);
    await expect.poll(() => page.locator(".modebar").count(), { timeout: 30_000 }).toBe(charts);
    const buttons = page.locator(".modebar-btn");
    const titles = await buttons.evaluateAll((all) => all.map((button) => button.getAttribute("data-title") ?? ""));
    return { titles, asked: asked.filter((url) => !url.startsWith("data:")) };
  });
}

test("figures of a page, and charts that an author's own HTML draws in it, offer no upload and ask for nothing", async () => {
  const whole = `${await htmlPage("Charts", [chart])}${own({ responsive: true })}`;
  const { titles, asked } = await opened(whole, 2);
  expect(titles).toContain("Download plot as a PNG");
  expect(titles.filter((title) => /share|cloud|studio|edit/i.test(title))).toEqual([]);
  expect(asked).toEqual([]);
});

test("a figure's own settings hold in a page that had another plotly.js; there other charts offer the upload", async () => {
  const [figureOnly] = [
    ...(await htmlPage("", [chart])).matchAll(
      /<div class="mixlens-still-figure" style="max-width[\s\S]*?<\/script>\n<\/div>/g,
    ),
  ];
  const bare = `<script>${plotlySource().replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--")}</script>`;
  const page = (charts: string): string => `<!doctype html><body>${bare}${libraryScript()}${charts}</body>`;
  const share = (titles: string[]): string[] => titles.filter((title) => title.startsWith("Share chart"));
  expect(share((await opened(page(figureOnly[0]), 1)).titles)).toEqual([]);
  expect(share((await opened(`<!doctype html><body>${bare}${own({})}</body>`, 1)).titles)).toEqual(["Share chart..."]);
});

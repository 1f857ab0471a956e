import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { decode } from "fast-png";
import type { Page } from "playwright-core";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inBrowser } from "../jupyter/lab-driver.ts";
import { brokenLinks } from "../support/links.ts";

mkdirSync(".mixlens/tmp", { recursive: true });
const folder = resolve(mkdtempSync(".mixlens/tmp/site-"));
const site = join(folder, "site");
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => {
  const { docs } = JSON.parse(readFileSync("package.json", "utf8")).scripts;
  // The command of npm, elsewhere, and without what `npm run build` has made before the tests.
  const [program, ...args] = docs.split(" && ").at(-1).split(" ");
  execFileSync(program, [...args, "--out", site], { stdio: "pipe" });
}, 300_000);

const page = (name: string): string => readFileSync(join(site, name), "utf8");
const notebooks = readdirSync("notebooks").filter((name) => name.endsWith(".ipynb"));
const pageOf = (notebook: string): string => `notebooks/${notebook.replace(".ipynb", ".html")}`;

describe("the site", () => {
  test("has no link or anchor that leads nowhere, and loads nothing from elsewhere", () => {
    expect(brokenLinks(site)).toEqual([]);
  });

  test("a broken link, a missing anchor and a script from elsewhere would be found", () => {
    const other = join(folder, "other");
    mkdirSync(other);
    const tags =
      '<a href="b.html"><a href="#none"><a href="#here" id="here"><a href="https://x.org"><a href="a.html#here">';
    writeFileSync(join(other, "a.html"), `${tags}<script src="https://x.org/x.js"></script><img src="c.png">`);
    const found = ["b.html", "#none", "https://x.org/x.js", "c.png"].map((to) => `a.html: ${to}`);
    expect(brokenLinks(other)).toEqual(found);
  });

  test("has a page for every name that an entry exports, with the example of each value", () => {
    const entries = ["index", "theory", "paper", "notebook"].map((name) => resolve("src", `${name}.ts`));
    const program = ts.createProgram(entries, { allowImportingTsExtensions: true, noEmit: true });
    const checker = program.getTypeChecker();
    for (const entry of entries) {
      const module = `mixlens_${entry.slice(entry.lastIndexOf("/") + 1, -3)}`.replace("_index", "");
      for (const symbol of checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)!)!)) {
        const kinds = ["functions", "classes", "interfaces", "types", "variables"];
        const [file] = kinds
          .map((kind) => `${kind}/${module}.${symbol.name}.html`)
          .filter((name) => existsSync(join(site, name)));
        expect(file, symbol.name).toBeDefined();
        if (/^(functions|variables)/.test(file)) expect(page(file), file).toContain("Example<");
      }
    }
  });

  test("begins with how to choose, and leads from names in its text to their pages", () => {
    const headings = Array.from(page("index.html").matchAll(/<h2[^>]*>([^<]*)</g), ([, heading]) => heading);
    expect(headings[0]).toBe("How to choose");
    expect(page("index.html")).toContain('<a href="functions/mixlens.topSpectrum.html"><code>topSpectrum</code></a>');
    expect(page("functions/mixlens.fit.html")).toMatch(/<a href="[^"]*InputError.html"[^>]*>InputError<\/a> for input/);
    expect(page("types/mixlens.StartScheme.html")).toContain("k-means");
  });

  test("has every section of the README and of the notebooks, with typeset formulas", () => {
    const text = (html: string): string => html.replace(/<[^>]*>/g, "").replace(/[^a-z]/gi, "");
    const all = text(
      ["index.html", ...readdirSync(join(site, "guides")).map((name) => `guides/${name}`)].map(page).join(),
    );
    const lines = readFileSync("README.md", "utf8").split("\n");
    const prose = lines.filter((line) => /^[A-Z][^<>&"]+$/.test(line)).map((line) => line.replace(/\]\(.*?\)/g, ""));
    expect(prose.length).toBeGreaterThan(20);
    expect(prose.filter((line) => !all.includes(text(line)))).toEqual([]);
    for (const name of notebooks) {
      const { cells } = JSON.parse(readFileSync(join("notebooks", name), "utf8"));
      const headings = cells.flatMap(({ source }: { source: string[] }) =>
        [source].flat().filter((line) => /^#+ [A-Za-z ,]+$/m.test(line)),
      );
      expect(headings.length).toBeGreaterThan(1);
      const shown = text(page(pageOf(name)));
      expect(headings.filter((heading: string) => !shown.includes(text(heading)))).toEqual([]);
      const prose = page(pageOf(name)).replace(/<script[\s\S]*?<\/script>/g, "");
      expect(prose).not.toMatch(/\$[^$<]+\$/);
    }
  });
});

describe("in a browser without a network, opened as files", () => {
  interface Seen {
    readonly errors: string[];
    readonly open: (name: string, width: number) => Promise<void>;
  }

  function looking<T>(act: (page: Page, seen: Seen) => Promise<T>): Promise<T> {
    return inBrowser(async (page) => {
      const errors: string[] = [];
      await page.context().setOffline(true);
      page.on("request", (request) => {
        if (!/^(file|data|blob):/.test(request.url())) errors.push(request.url());
      });
      page.on("requestfailed", (request) => errors.push(`${request.url()} failed`));
      page.on("console", (message) => {
        if (message.type() === "error") errors.push(message.text());
      });
      page.on("pageerror", (error) => errors.push(error.message));
      const open = async (name: string, width: number): Promise<void> => {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(pathToFileURL(join(site, name)).href);
      };
      return act(page, { errors, open });
    });
  }

  test.each(notebooks)("%s has its figures live, and fits a phone", (name) =>
    looking(async (page, { errors, open }) => {
      const figures = readFileSync(join("notebooks", name), "utf8").match(/"\[figure\] |\[figure\] /g)?.length ?? 0;
      await open(pageOf(name), 390);
      const live = page.locator(".outputs .js-plotly-plot:has(.main-svg)");
      await live.nth(figures - 1).waitFor();
      expect(await live.count()).toBe(figures);
      expect(await page.evaluate("document.scrollingElement.scrollWidth")).toBe(390);
      expect(errors).toEqual([]);
    }),
  );

  test("figures are pictures where scripts don't run", () =>
    inBrowser(async (page) => {
      const context = await page.context().browser()!.newContext({ javaScriptEnabled: false });
      const still = await context.newPage();
      await still.goto(pathToFileURL(join(site, pageOf(notebooks[0]))).href);
      expect(await still.locator(".outputs img:visible").count()).toBeGreaterThan(3);
      await context.close();
    }));

  test.each(["light", "dark"] as const)("figures of a %s page are as light as the page", (colorScheme) =>
    looking(async (page, { open }) => {
      await page.emulateMedia({ colorScheme });
      await open(pageOf(notebooks[0]), 1280);
      const live = page.locator(".outputs .js-plotly-plot:has(.main-svg)").first();
      await live.waitFor();
      // Most of a figure is its ground.
      const { data } = decode(await live.screenshot());
      const lightness = data.toSorted()[data.length >> 1];
      if (colorScheme === "dark") expect(lightness).toBeLessThan(80);
      else expect(lightness).toBeGreaterThan(200);
    }),
  );

  test.each(["index.html", "modules/mixlens.html", "functions/mixlens.fit.html", "guides/the-options-of-a-fit.html"])(
    "%s fits a phone and a screen",
    (name) =>
      looking(async (page, { errors, open }) => {
        for (const width of [390, 1280]) {
          await open(name, width);
          expect(await page.evaluate("document.scrollingElement.scrollWidth")).toBe(width);
        }
        expect(errors).toEqual([]);
      }),
  );

  test.each([
    ["confint", "confint"],
    ["Simpson's paradox", "10 Your own data"],
    ["checkpoint", "FitOptions"],
  ])("its search finds %s", (words, result) =>
    looking(async (page, { errors, open }) => {
      await open("index.html", 1280);
      await page.locator("#tsd-search-trigger").click();
      await page.locator("#tsd-search-input").pressSequentially(words);
      await page.locator("#tsd-search-results li", { hasText: result }).first().waitFor();
      expect(errors).toEqual([]);
    }),
  );
});

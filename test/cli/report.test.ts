import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { random } from "../../src/math/random.ts";
import { inBrowser } from "../jupyter/lab-driver.ts";
import { csv, mixlens, mixlensJson, scratch, type Table } from "./scratch.ts";

const hostile = '<script>document.title = "taken"</script>';
const quoted = "\"'><img src=x onerror=\"document.title='taken'\">";

/** Two lines with a factor and a column of names that no page should read as its own. */
function rows(): Table {
  const rng = random(4);
  const drawn = Array.from({ length: 160 }, (_, i) => {
    const x = rng.normal();
    const level = [hostile, quoted, "plain"][i % 3];
    const y = (i % 2 === 0 ? 3 + x : -3 - x) + (i % 3) + 0.5 * rng.normal();
    return { x, level, y, label: y > rng.normal() ? hostile : quoted, n: Math.round(Math.exp(0.3 * x + (i % 2))) };
  });
  const column = (name: "x" | "level" | "y" | "label" | "n"): (number | string)[] => drawn.map((row) => row[name]);
  return {
    [quoted]: column("x"),
    [hostile]: column("level"),
    "y & z": column("y"),
    label: column("label"),
    n: column("n"),
  };
}

const folder = scratch({ "rows.csv": csv(rows()), "short.csv": "y,x\n1,2\n" });
const fit = (model: string, ...flags: string[]): Promise<unknown> =>
  mixlensJson(folder, "fit", "rows.csv", "--starts", "3", "--model-out", model, ...flags);
const page = (name: string): string => readFileSync(join(folder, name), "utf8");

beforeAll(async () => {
  await fit(
    "lines.json",
    "--response",
    "y & z",
    "--features",
    `"${quoted.replaceAll('"', '""')}","${hostile.replaceAll('"', '""')}"`,
  );
  await fit(
    "labels.json",
    "--response",
    "label",
    "--experts",
    "logistic",
    "--k",
    "1",
    "--ridge",
    "0.1",
    "--features",
    "n",
  );
  await fit("counts.json", "--response", "n", "--experts", "poisson", "--k", "1", "--features", "");
}, 60_000);

describe("mixlens report", () => {
  test("writes one page that says what it wrote, as text and as JSON", async () => {
    const { code, stdout, stderr } = await mixlens(
      folder,
      "report",
      "lines.json",
      "rows.csv",
      "--out",
      "lines.html",
      "--level",
      "0.9",
    );
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toMatch(/^Coded as factors[^\n]+\nwrote lines\.html\n$/);
    const found = await mixlensJson(folder, "report", "counts.json", "rows.csv", "--out", "counts.html", "--seed", "3");
    expect(found).toEqual({ out: "counts.html", messages: [] });
    // Nothing is left beside them.
    expect(
      readdirSync(folder)
        .filter((name) => /html/.test(name))
        .sort(),
    ).toEqual(["counts.html", "lines.html"]);
    expect(page("lines.html")).toContain("npx mixlens report lines.json rows.csv --out lines.html --level 0.9");
    expect(page("lines.html")).toMatch(/rows\.csv, SHA-256 [0-9a-f]{64}</);
    expect(page("lines.html")).toContain("90 %</span>");
  }, 60_000);

  test("links to plotly.js where it is told to, which it writes beside the page", async () => {
    const flags = ["counts.json", "rows.csv", "--plotly", "assets/plotly.js", "--out"];
    const [out, plotly] = ["linked.html", join("assets", "plotly.js")];
    expect(await mixlensJson(folder, "report", ...flags, out)).toEqual({ out, plotly, messages: [] });
    expect(page(out).length).toBeLessThan(1_000_000);
    await inBrowser(async (view) => {
      await view.goto(pathToFileURL(join(folder, out)).href);
      await view.locator("section .js-plotly-plot .plot-container").first().waitFor();
    });
    const refused = await mixlens(folder, "report", ...flags, "/dev/stdout");
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain(
      '--out a file that plotly.js can lie beside, got "/dev/stdout"; leave out --plotly',
    );
  }, 60_000);

  test("shows live figures, loads nothing, and takes names for names", async () => {
    await inBrowser(async (view) => {
      const asked: string[] = [];
      const said: string[] = [];
      view.on("request", (request) => asked.push(request.url()));
      view.on("console", (message) => said.push(message.text()));
      view.on("pageerror", (error) => said.push(error.message));
      await view.context().setOffline(true);
      await view.setViewportSize({ width: 400, height: 800 });
      await view.goto(pathToFileURL(join(folder, "lines.html")).href);
      await view.waitForFunction(() => {
        const live = document.querySelectorAll("section .js-plotly-plot .plot-container");
        return live.length === document.images.length;
      });
      expect(await view.title()).toBe("y & z: 2 linear experts");
      expect(await view.locator("section .js-plotly-plot").count()).toBe(13);
      expect(await view.locator("h2").allTextContents()).toEqual([
        ...["Rows and experts", "Coefficients", "Whose the rows are", "Does it fit?", "What follows from each column"],
        ...["Which rows it hangs on", "How fast EM is here, and what is missing", "EM as mirror descent"],
        "How to make this page again",
      ]);
      const cells = await view.locator("td").allTextContents();
      expect(cells).toContain(`expert1.${hostile}plain`);
      expect(cells).toContain(`expert1.${quoted}`);
      // No wider than a telephone.
      expect(await view.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
      expect(asked.filter((url) => !/^(file|data|blob):/.test(url))).toEqual([]);
      expect(said).toEqual([]);
    });
  }, 60_000);

  test("shows pictures where scripts don't run", async () => {
    await inBrowser(async (view) => {
      const context = await view.context().browser()?.newContext({ javaScriptEnabled: false });
      const still = await context?.newPage();
      await still?.goto(pathToFileURL(join(folder, "lines.html")).href);
      const pictures = await still?.locator("section img").all();
      expect(pictures).toHaveLength(13);
      for (const picture of pictures ?? []) {
        const box = await picture.boundingBox();
        expect(box?.height).toBeGreaterThan(200);
      }
    });
  }, 60_000);

  test("of labels has how many are predicted to be which, of counts a rootogram; of one expert nothing of gates", async () => {
    await mixlensJson(folder, "report", "labels.json", "rows.csv", "--out", "labels.html");
    const text = page("labels.html").replace(/<script>[\s\S]*?<\/script>/g, "");
    expect(text).not.toMatch(/Whose the rows are|How fast EM is/);
    expect(text).toContain("bins of predicted probabilities");
    expect(page("counts.html")).toContain("Counts and what the fit expects");
    expect(page("counts.html")).not.toContain("Shares of the experts");
  }, 60_000);

  test("says where there is no maximum, and why", async () => {
    const model = JSON.parse(page("lines.json"));
    const moved = {
      ...model,
      parameters: model.parameters.map(([name, value]: [string, number]) => [name, value + 1]),
    };
    const away = scratch({ "rows.csv": csv(rows()), "moved.json": JSON.stringify(moved) });
    const { messages } = await mixlensJson(away, "report", "moved.json", "rows.csv", "--out", "moved.html");
    expect(messages).toContainEqual(expect.stringMatching(/^No standard errors: expected /));
    expect(readFileSync(join(away, "moved.html"), "utf8")).toContain("Cannot find influences: expected");
  }, 60_000);

  test.each([
    [["lines.json", "rows.csv"], "--out"],
    [["lines.json", "rows.csv", "--out", "none/r.html"], "expected a file that can be written"],
    [["lines.json", "short.csv", "--out", "r.html"], "that the model reads"],
    [["lines.json", "rows.csv", "--out", "r.html", "--level", "95"], "--level to be a number above 0 and below 1"],
    [["rows.csv", "rows.csv", "--out", "r.html"], "Cannot read"],
  ])("refuses %j in one line", async (args, message) => {
    const { code, stdout, stderr } = await mixlens(folder, "report", ...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^Cannot [^\n]+\n$/);
    expect(stderr).toContain(message);
    expect(readdirSync(folder)).not.toContain("r.html");
  });
});

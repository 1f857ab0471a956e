import { JSDOM } from "jsdom";
import { expect, test } from "vitest";
import { mimeBundle } from "../../src/display/mime.ts";
import type { Fit } from "../../src/fit/fit-result.ts";
import * as mixlens from "../../src/index.ts";
import { random } from "../../src/math/random.ts";

// Names of columns, levels and labels come from files of others: none gets out of the HTML and the SVG that it is shown in.

const evil = {
  x: `</script><script>pwned()</script>`,
  f: `"><img src=x onerror=pwned()>`,
  y: `<a href="javascript:pwned()">y</a>`,
  levels: ["</svg><svg onload=pwned()>", "<style>*{display:none}</style>", "__proto__"],
  labels: ["<iframe srcdoc='<script>pwned()</script>'>", "]]><!--\u2028`pwned()`"],
};

const rng = random(4);
const rows = Array.from({ length: 120 }, () => {
  const [x, level] = [rng.normal(), rng.integer(3)];
  const y = (rng.uniform() < 0.5 ? 1 + x : -1 - x) + 0.4 * rng.normal() + 0.2 * level;
  return { x, f: evil.levels[level], y, label: evil.labels[y + rng.normal() > 0 ? 1 : 0] };
});
const columns = {
  [evil.x]: rows.map(({ x }) => x),
  [evil.f]: rows.map(({ f }) => f),
  [evil.y]: rows.map(({ y }) => y),
  [evil.labels[0]]: rows.map(({ label }) => label),
};
const features = [evil.x, evil.f];
const fits = [
  mixlens.fit(columns, { response: evil.y, features, k: 2, starts: 3, ridge: 0.01 }),
  mixlens.fit(columns, { response: evil.labels[0], features, k: 2, starts: 3, ridge: 0.1, experts: "logistic" }),
];

/** What a page may not have that was made of names: elements that run or load, attributes that do, and whole SVGs. */
function looseIn(html: string): string[] {
  const { document } = new JSDOM(html).window;
  const pictures = [...document.querySelectorAll("img")].map((image) => image.src);
  const svgs = pictures.flatMap((src) =>
    src.includes("svg+xml;base64,") ? [Buffer.from(src.split("base64,")[1], "base64").toString()] : [],
  );
  const inline = [...document.querySelectorAll("svg")].map((svg) => svg.outerHTML);
  const within = [...svgs, ...inline].flatMap((svg) => [...new JSDOM(svg).window.document.querySelectorAll("*")]);
  return [...document.querySelectorAll("*"), ...within].flatMap((element) => {
    const { localName, attributes } = element;
    const odd = [...attributes].filter(({ name, value }) => /^on|srcdoc/.test(name) || /^\s*javascript:/i.test(value));
    const isOdd =
      ["iframe", "object", "embed"].includes(localName) ||
      (localName === "img" && !/^data:image\//.test((element as HTMLImageElement).src));
    const isScript =
      localName === "script" &&
      /pwned\(\)/.test(element.textContent ?? "") &&
      /<\/?[a-z]|\u2028/i.test(element.textContent ?? "");
    const isStyle =
      localName === "style" &&
      element.textContent?.includes("display:none}") === true &&
      !element.textContent.includes(".");
    return [...odd.map(({ name }) => `${localName} ${name}`), ...(isOdd || isScript || isStyle ? [localName] : [])];
  });
}

const { calibrationPlot, coefficientPlot, convergencePlot, fitPlot, influencePlot } = mixlens;
const { partialEffectPlot, posteriorPlot, residualPlot, spectrumPlot } = mixlens;
const charts: readonly (readonly [name: string, draw: (found: Fit) => unknown])[] = [
  ["calibrationPlot", calibrationPlot],
  ["coefficientPlot", coefficientPlot],
  ["convergencePlot", convergencePlot],
  ["fitPlot", fitPlot],
  ["influencePlot", influencePlot],
  ["partialEffectPlot of a number", (found) => partialEffectPlot(found, { x: evil.x })],
  ["partialEffectPlot of a factor", (found) => partialEffectPlot(found, { x: evil.f })],
  ["posteriorPlot", posteriorPlot],
  ["residualPlot", residualPlot],
  ["spectrumPlot", spectrumPlot],
];

test.each(charts)("%s", async (_, draw) => {
  let shown = 0;
  for (const found of fits) {
    let chart: unknown;
    try {
      chart = draw(found);
    } catch (error) {
      // Not every chart is of labels.
      expect(error).toBeInstanceOf(mixlens.InputError);
      expect((error as Error).message).not.toContain("\n");
      continue;
    }
    shown++;
    expect(looseIn((await mimeBundle(chart))["text/html"])).toEqual([]);
  }
  expect(shown).toBeGreaterThan(0);
});

test("the report, the summary, predictions and the table of a fit", async () => {
  for (const found of fits) {
    for (const value of [found, mixlens.summary(found), mixlens.toTable(columns)]) {
      expect(looseIn((await mimeBundle(value))["text/html"] ?? "")).toEqual([]);
    }
    expect(looseIn(await mixlens.report(found, { title: evil.x }))).toEqual([]);
  }
});

test("what is loose is found", () => {
  expect(looseIn(`<p>${evil.f}</p>`)).toEqual(["img onerror", "img"]);
  expect(looseIn(`<iframe srcdoc="x"></iframe>${evil.levels[0]}`)).toContain("svg onload");
});

import { inspect } from "node:util";
import { DataFrame, tensorflow } from "danfojs-node";
import { JSDOM } from "jsdom";
import * as math from "mathjs";
import { expect, test } from "vitest";
import { convergencePlot } from "../../src/charts/convergence-plot.ts";
import { figure } from "../../src/display/figure.ts";
import { figureMime } from "../../src/display/live/live-state.ts";
import { jupyterDisplay, mimeBundle } from "../../src/display/mime.ts";

const hostile = `</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a>\u2028`;

test("a figure is a static picture, with a script that waits for plotly", async () => {
  const bundle = await mimeBundle(
    convergencePlot([{ name: "EM", logLikelihood: [-3, -2, -1] }], { title: "<b>T</b>" }),
  );
  expect(Object.keys(bundle)).toEqual(["text/html", "text/plain", figureMime]);
  const { document } = new JSDOM(bundle["text/html"]).window;
  const [, svg] = document.querySelector("img")!.src.split("base64,");
  expect(Buffer.from(svg, "base64").toString()).toMatch(/^<svg.*&#60;b&#62;T&#60;\/b&#62;.*<\/svg>$/s);
  expect(document.querySelector("img")!.alt).toMatch(/^Gap to the best log-likelihood/);
});

test("the script makes the figure live, and hides the picture", async () => {
  const bundle = await mimeBundle(figure("dots", [{ x: Float64Array.of(1, Number.NaN), y: [1, 2] }], {}));
  const calls: unknown[][] = [];
  const { document } = new JSDOM(`<body>${bundle["text/html"]}`, {
    runScripts: "dangerously",
    beforeParse(window) {
      const newPlot = (...call: unknown[]) => Promise.resolve(calls.push(call));
      Object.assign(window, { Plotly: { newPlot }, matchMedia: () => ({ matches: false }) });
      // It lays nothing out.
      Object.defineProperty(window.HTMLElement.prototype, "clientWidth", { value: 720 });
    },
  }).window;
  expect(calls).toHaveLength(1);
  expect(JSON.stringify(calls[0][1])).toBe('[{"x":[1,null],"y":[1,2]}]');
  expect(calls[0][2]).toMatchObject({ autosize: true, height: 420 });
  expect(document.querySelector("img")!.style.display).toBe("none");
});

test("no name gets out of its figure", async () => {
  const chart = convergencePlot([{ name: hostile, logLikelihood: [-2, -1] }], { title: hostile });
  const { "text/html": html } = await mimeBundle({ ...chart, alt: `"${hostile}` });
  const { document } = new JSDOM(html).window;
  expect([...document.querySelectorAll("*")].map((node) => node.localName)).toEqual([
    "html",
    "head",
    "body",
    "div",
    "img",
    "div",
    "script",
    "script",
  ]);
  expect(document.querySelector("img")!.getAttribute("onerror")).toBeNull();
  for (const { text } of document.querySelectorAll("script")) expect(text).not.toMatch(/<\/?[a-z]|\u2028/);
  const [, svg] = document.querySelector("img")!.src.split("base64,");
  expect(Buffer.from(svg, "base64").toString()).not.toMatch(/<a |<img|xlink:href="javascript/);
});

test("values of mathjs and tensors are written as their libraries write them", async () => {
  const written = {
    "1 + 2i": math.complex(1, 2),
    "5 cm": math.unit("5 cm"),
    "1/3": math.fraction(1, 3),
    "1e+400": math.bignumber("1e400"),
    "7": math.chain(3).add(4),
    "[0.3]": math.matrix([0.1 + 0.2]),
  };
  for (const [text, value] of Object.entries(written)) expect(await mimeBundle(value)).toEqual({ "text/plain": text });
  expect(await mimeBundle(math.derivative("x^3", "x"))).toEqual({
    "text/latex": "$$3\\cdot{ x}^{2}$$",
    "text/plain": "3 * x ^ 2",
  });
  const inverse = await mimeBundle(
    math.inv(
      math.matrix([
        [1, 2],
        [3, 4],
      ]),
    ),
  );
  expect(inverse["text/latex"]).toBe("$$\\begin{bmatrix}\n-2 & 1 \\\\\n1.5 & -0.5\n\\end{bmatrix}$$");
  expect(inverse["text/plain"]).toBe("[[-2, 1], [1.5, -0.5]]");
  const large = await mimeBundle(math.sparse(math.zeros(200, 300) as math.Matrix));
  expect(large["text/plain"]).toMatch(/^SparseMatrix/);
  expect((await mimeBundle(tensorflow.tensor([1, 2])))["text/plain"]).toBe("Tensor\n    [1, 2]");
  for (const mine of [{ type: "Unit", isUnit: true }, math.parser()])
    expect(await mimeBundle(mine)).toEqual({ "text/plain": inspect(mine) });
});

test("tables and danfo frames are HTML, formulas are LaTeX", async () => {
  const frame = await mimeBundle(new DataFrame({ [hostile]: [hostile] }));
  expect(new JSDOM(frame["text/html"]).window.document.querySelectorAll("img, script, a")).toHaveLength(0);
  expect(frame["text/plain"]).toContain("1 row × 1 column");
  expect(await mimeBundle({ latex: "x" })).toEqual({ "text/latex": "$$x$$", "text/plain": "x" });
});

test("a value may show itself, anything else is text", async () => {
  const own = { [jupyterDisplay]: async () => ({ "text/markdown": "*x*" }) };
  expect(await mimeBundle(own)).toMatchObject({ "text/markdown": "*x*", "text/plain": expect.any(String) });
  expect(await mimeBundle({ a: [1] })).toEqual({ "text/plain": "{ a: [ 1 ] }" });
  expect(await mimeBundle("text")).toEqual({ "text/plain": "text" });
});

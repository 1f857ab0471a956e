import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, expect, test } from "vitest";
import { expertSection } from "../../src/charts/report-sections.ts";
import { treePlot } from "../../src/charts/tree-plot.ts";
import { isFigure } from "../../src/display/figure.ts";
import { classify } from "../../src/fit/classify.ts";
import { fit } from "../../src/fit/fit.ts";
import { load, save } from "../../src/fit/model-file.ts";
import { predict } from "../../src/fit/predict.ts";
import { source } from "../../src/fit/source/source.ts";
import { confint } from "../../src/inference/intervals.ts";
import { likelihoodRatioTest } from "../../src/inference/likelihood-ratio.ts";
import { align, recoveryError } from "../../src/inference/recovery.ts";
import { selectModel } from "../../src/inference/select-model.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { tree } from "../../src/laws/gates/registry.ts";
import { random } from "../../src/math/random.ts";
import { relabelled } from "../../src/models/relabel.ts";
import { certify } from "../../src/theory/certificate.ts";
import { deviation } from "../support/differences.ts";
import { readIn } from "../support/model-files.ts";

/** Four lines, of which x says which two, and u which of the two. */
function rows(count: number, seed: number) {
  const rng = random(seed);
  const columns = { x: [] as number[], u: [] as number[], y: [] as number[] };
  for (let i = 0; i < count; i++) {
    const [x, u] = [rng.normal(), rng.normal()];
    const right = rng.uniform() < 1 / (1 + Math.exp(-3 * x));
    const slope = right ? 1 : -2;
    const upper = rng.uniform() < 1 / (1 + Math.exp(slope * 2 * u));
    const mean = right ? (upper ? 3 + x : -3 + u) : upper ? 8 - x : -8 - u;
    columns.x.push(x);
    columns.u.push(u);
    columns.y.push(mean + 0.5 * rng.normal());
  }
  return columns;
}

const table = rows(800, 1);
const options = { response: "y", features: ["x", "u"], gate: tree([2, 2]), starts: 12 } as const;
const found = fit(table, options);

test("a tree of four lines is found, with as many parameters as a flat gate has and a higher likelihood", () => {
  expect(found.result).toBe("converged");
  const of = (name: string): number => found.theta[found.mixture.names.indexOf(name)];
  // Drawn with 3 at the root, and 2 and 4 below.
  expect(Math.abs(of("node2.x"))).toBeCloseTo(3, 0);
  const lower = [of("node1.2.u"), of("node2.2.u")].map(Math.abs).sort();
  expect(deviation(lower, [2, 4])).toBeLessThan(1);
  expect(found.mixture.spec.k).toBe(4);
  const flat = fit(table, { response: "y", features: ["x", "u"], k: 4, starts: 6 });
  expect(found.mixture.names.length).toBe(flat.mixture.names.length);
  // The rows were drawn from a tree.
  expect(found.criteria.bic).toBeLessThan(flat.criteria.bic - 5);
});

test("the branches of each gate are in the order of their rows, the largest first", () => {
  const [a, b, c, d] = found.shares;
  expect(a + b).toBeGreaterThanOrEqual(c + d);
  expect(a).toBeGreaterThanOrEqual(b);
  expect(c).toBeGreaterThanOrEqual(d);
});

test("coefficients are named by the branches of the tree, and printed with the experts that these lead to", () => {
  expect(found.mixture.names.filter((name) => name.endsWith(".x"))).toEqual([
    "node2.x",
    "node1.2.x",
    "node2.2.x",
    "expert1.x",
    "expert2.x",
    "expert3.x",
    "expert4.x",
  ]);
  const { gate, contrasts } = found.coefficients;
  expect(gate.length).toBe(6);
  expect(contrasts).toEqual([
    { at: 1, name: "node 2", against: "node 1", experts: [3, 4] },
    { at: 3, name: "node 1.2", against: "node 1.1", experts: [2] },
    { at: 5, name: "node 2.2", against: "node 2.1", experts: [4] },
  ]);
  expect(gate[1].x).toBe(found.theta[found.mixture.names.indexOf("node2.x")]);
  expect([gate[0], gate[2], gate[4]]).toEqual(new Array(3).fill({ "(intercept)": 0, x: 0, u: 0 }));
  const text = inspect(found);
  expect(text).toMatch(/^4 linear experts in a tree 2x2, y ~ x \+ u; 800 rows, 25 parameters\n/);
  expect(text).toMatch(/ node 2 +node 1\.2 +node 2\.2\n/);
  expect(text).toContain(
    "Experts of the branches: node 2 with 3, 4; node 1.2 with 2; node 2.2 with 4; each against the first branch of its gate.",
  );
  expect(text.split("\n").length).toBeLessThanOrEqual(30);
});

test("what a fit is asked for it answers of a tree as well", () => {
  const { rate, standardErrors, observedInformation } = spectrum(found);
  expect(observedInformation).toBe("positive definite");
  expect(rate).toBeLessThan(1);
  expect(standardErrors.every((error) => error > 0 && error < 2)).toBe(true);
  const { holds, steps } = certify(found, { steps: 5 });
  expect(holds).toBe(true);
  expect(steps.length).toBeGreaterThan(0);
  expect(Object.keys(confint(found, { parameters: "node1.2.u" }).intervals)).toEqual(["node1.2.u"]);
  const { mean } = predict(found, { x: [2, -2], u: [0, 0] });
  expect(mean.length).toBe(2);
  expect(new Set(classify(found).experts).size).toBe(4);
});

test("a model file has the tree, and reads back as the same model to the bit", async () => {
  const again = readIn(folder, await written());
  if (typeof again === "string") throw new Error(again);
  expect(again.mixture.spec.gate).toBe("tree:2x2");
  expect(again.theta).toEqual(found.theta);
  expect(predict(again, table).mean).toEqual(predict(found, table).mean);
  const other = readIn(folder, (await written()).replace('"tree:2x2"', '"tree:2x3"'));
  expect(other).toContain("expected k of 6, the experts of gate tree:2x3, got 4");
  const odd = readIn(folder, (await written()).replace('"tree:2x2"', '"tree:2x1"'));
  expect(odd).toContain('expected the formula\'s gate to be "softmax", "constant" or "tree:2x2", or another tree');
});

const folder = mkdtempSync(join(tmpdir(), "mixlens-trees-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function written(): Promise<string> {
  const file = join(folder, "tree.json");
  await save(found, file);
  expect(load(file).theta).toEqual(found.theta);
  return readFileSync(file, "utf8");
}

test("fits are put in a reference's order by orders of the branches alone", () => {
  const { mixture, theta } = found;
  const moved = relabelled(mixture, theta, [3, 2, 1, 0]);
  const { permutation, distance, theta: back } = align({ mixture, theta: moved }, theta);
  expect(permutation).toEqual([3, 2, 1, 0]);
  expect(distance).toBeLessThan(1e-9);
  expect(deviation(back, theta)).toBeLessThan(1e-9);
  expect(recoveryError({ mixture, theta: moved }, theta)).toBeLessThan(1e-9);
});

test("every algorithm fits a tree, and comes to the same maximum", () => {
  const start = found.theta.map((value, j) => value + 0.02 * Math.sin(j + 1));
  for (const algorithm of ["em", "anderson", "gradient-em", "adam", "generalised-em", "one-pass-em"] as const) {
    const { logLikelihood } = fit(table, { ...options, algorithm, start, maxIterations: 300, tolerance: 1e-3 });
    expect(logLikelihood, algorithm).toBeGreaterThan(found.logLikelihood - 1);
    expect(logLikelihood, algorithm).toBeLessThan(found.logLikelihood + 1e-6);
  }
});

test("a source of rows has trees, and comes to memory's maximum step by step", () => {
  const file = join(folder, "rows.csv");
  const lines = table.x.map((x, i) => `${x},${table.u[i]},${table.y[i]}`);
  writeFileSync(file, `x,u,y\n${lines.join("\n")}\n`);
  const rows = source(file, { cache: join(folder, "rows.tiles") });
  const start = found.theta.map((value, j) => value + 0.02 * Math.sin(j + 1));
  const { response, features, gate } = options;
  const streamed = fit(rows, { response, features, gate, start });
  const inMemory = fit(file, { response, features, gate, start, algorithm: "one-pass-em" });
  expect(streamed.result).toBe("converged");
  expect(streamed.logLikelihood).toBeCloseTo(inMemory.logLikelihood, 6);
  expect(streamed.logLikelihood).toBeCloseTo(found.logLikelihood, 3);
  expect(deviation(streamed.shares, inMemory.shares)).toBeLessThan(1e-6);
  expect(spectrum(streamed).rate).toBeCloseTo(spectrum(found).rate, 4);
});

test("counts with an expert that is always 0 can have a tree: it stays the last", () => {
  const rng = random(4);
  const x = Array.from({ length: 300 }, () => rng.normal());
  const y = x.map((value) =>
    rng.uniform() < 0.3 ? 0 : Math.floor(4 * Math.exp(0.3 * value) * -Math.log(rng.uniform())),
  );
  const zeros = fit(
    { x, y },
    { response: "y", features: "x", experts: "poisson", zeroInflated: true, gate: "tree:2x2", starts: 3 },
  );
  expect(zeros.coefficients.experts.map(({ always }) => always)).toEqual([undefined, undefined, undefined, 0]);
  expect(Number.isFinite(zeros.logLikelihood)).toBe(true);
});

test("perfect separation in a lower gate is named by its node", () => {
  const x = Array.from({ length: 80 }, (_, i) => i / 40 - 1);
  const y = x.map(
    (value, i) => (value < -0.5 ? 5 : value < 0 ? -5 : value < 0.5 ? 20 : 40) + 0.3 * Math.sin(5 * i) * (1 + value),
  );
  const { message } = fit({ x, y }, { response: "y", features: "x", gate: "tree:2x2", starts: 5 });
  expect(message).toMatch(/"x" separates the classes of the gate/);
  expect(message).toMatch(/the gate of node [12]/);
});

test("wrong trees are refused in a sentence", () => {
  const refused = (wrong: object): unknown => {
    try {
      return fit(table, { response: "y", ...wrong } as never);
    } catch (error) {
      return (error as Error).message;
    }
  };
  const wanted =
    'gate to be "softmax", "constant" or "tree:2x2", or another tree: 2 or more branches a level, 1024 experts at most';
  for (const gate of [
    "tree:",
    "tree:1",
    "tree:2x1",
    "tree:0",
    "tree:2x",
    "tree:x2",
    "tree:2,2",
    "tree:2.5",
    "tree:axb",
    "tree:2048",
    "tree:99999999999999999999",
  ]) {
    expect(refused({ gate })).toBe(`Cannot fit: expected ${wanted}, got "${gate}"`);
  }
  expect(refused({ gate: [2, 2] })).toBe(`Cannot fit: expected ${wanted}, got [2, 2]`);
  const k = "Cannot fit: expected k of 4, the experts of gate tree:2x2, got k = 3; leave k out (--k)";
  expect(refused({ gate: "tree:2x2", k: 3 })).toBe(k);
  for (const branching of [[], [1], [2, 1], [2.5], [0], 4, "2x2", [1025], undefined]) {
    expect(() => tree(branching as never)).toThrow(
      /^Cannot make a tree of gates: expected a list of whole numbers of 2 or more/,
    );
  }
  expect(tree([3, 2, 2])).toBe("tree:3x2x2");
});

test("a number of experts is not chosen among trees, nor one tested against another", () => {
  expect(() => selectModel(table, { ...options, k: [2, 4] } as never)).toThrow(
    'Cannot choose the number of experts: expected a gate of any number of experts, got "tree:2x2"; fit each tree, and compare their criteria.bic',
  );
  const one = fit(table, { response: "y", features: ["x", "u"], k: 1 });
  expect(() => likelihoodRatioTest(one, found)).toThrow(/expected two fits with flat gates.*got "tree:2x2"/);
});

test("a picture of the tree has a line for each branch, as wide as its share, and says it in words", () => {
  const { data, alt } = treePlot(found);
  const lines = data.slice(0, 6) as { line: { width: number } }[];
  const [a, b, c, d] = found.shares;
  expect(
    deviation(
      lines.map(({ line }) => line.width),
      [a + b, c + d, a, b, c, d].map((share) => 1 + 15 * share),
    ),
  ).toBeLessThan(1e-9);
  expect(data.length).toBe(8);
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  expect(alt).toContain(`node 1 ${percent(a + b)}, node 2 ${percent(c + d)}, node 1.1 (expert 1) ${percent(a)}`);
  // A report has it, of a tree alone.
  const flat = fit(table, { response: "y", features: ["x", "u"], k: 2, starts: 2 });
  const drawn = [found, flat].map((own) => expertSection(own).values.filter((value) => isFigure(value)).length);
  expect(drawn).toEqual([2, 1]);
  const [notes, ends] = data.slice(6) as { text: string[] }[];
  expect(notes.text[0]).toBe("reference");
  expect(notes.text[1]).toMatch(/^\(intercept\) .*<br>x .*<br>u /);
  expect(ends.text[0]).toContain(`node 1, ${percent(a + b)}`);
  expect(ends.text[2]).toMatch(/expert 1, .*%<br> {2}\(intercept\) .*<br> {2}x .*<br> {2}u /);
});

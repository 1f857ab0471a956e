import { chmodSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test, vi } from "vitest";
import { baselines } from "../../src/cli/baselines.ts";
import { randomSymmetric } from "../../src/experiments/bench/bench-eigenvalues.ts";
import { randomCsv } from "../../src/experiments/bench/bench-tables.ts";
import { scratch } from "./scratch.ts";

const size = { k: 3, threads: 1, runs: 4 };
const fit = { name: "fit", n: 100, d: 2, ...size, beside: "flexmix" } as const;

/** Programs that stand for R and python, written in JavaScript. */
const node = `#!${process.execPath}\n`;
const empty = scratch({});
const withFlexmix = scratch({
  "bench_flexmix.R": "",
  Rscript: `${node}
    const [script, csv, k, runs, out] = process.argv.slice(2);
    if (script === "-e") process.exit(0);
    const isAsked = script.endsWith("bench_flexmix.R") && csv.endsWith("rows.csv") && k === "3" && runs === "1";
    require("node:fs").writeFileSync(out, JSON.stringify({ totals: [isAsked ? 2.5 : 0], ll: -7 }));`,
});
const withPython = scratch({
  python: `${node}
    const [, , file, p, runs] = process.argv.slice(2);
    const bytes = require("node:fs").readFileSync(file);
    console.log(JSON.stringify({ matrix: [...new Float64Array(Uint8Array.from(bytes).buffer)], p, runs }));`,
});
chmodSync(join(withFlexmix, "Rscript"), 0o755);
chmodSync(join(withPython, "python"), 0o755);

function timed(folder: string, of: Parameters<ReturnType<typeof baselines>["time"]>[0]) {
  const said: string[] = [];
  const { time, close } = baselines(folder, join(folder, "python"), undefined, (line) => said.push(line));
  try {
    return { found: time(of), said };
  } finally {
    close();
  }
}

test("without flexmix its case has no other side, and one line says so", () => {
  const { found, said } = timed(empty, fit);
  expect(found).toBeUndefined();
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^flexmix is not timed: /);
});

test("flexmix is run once, on the rows that our side reads, and its seconds become milliseconds", () => {
  vi.stubEnv("PATH", `${withFlexmix}${delimiter}${process.env.PATH}`);
  try {
    expect(timed(withFlexmix, fit)).toEqual({ found: { medianMs: 2500, minMs: 2500, logLikelihood: -7 }, said: [] });
  } finally {
    vi.unstubAllEnvs();
  }
});

test("scipy is given the matrix of which our side finds the eigenvalues", () => {
  const of = { name: "eigenvalues", n: 5, d: 5, ...size, beside: "scipy" } as const;
  const { found } = timed(withPython, of);
  expect(found).toEqual({ matrix: [...randomSymmetric(5)], p: "5", runs: "4" });
});

test("pandas reads the file that our side reads, and is not timed where there is none", () => {
  const of = { name: "read", n: 5, d: 3, labels: 1, ...size, beside: "pandas" } as const;
  const withPandas = scratch({
    python: `${node}
      const [, code, csv, runs] = process.argv.slice(2);
      if (code === "import pandas") process.exit(0);
      console.log(JSON.stringify({ text: require("node:fs").readFileSync(csv, "utf8"), runs }));`,
  });
  chmodSync(join(withPandas, "python"), 0o755);
  expect(timed(withPandas, of)).toEqual({ found: { text: randomCsv(of), runs: "4" }, said: [] });
  expect(timed(empty, of)).toEqual({ found: undefined, said: ["pandas is not timed: the python has none"] });
});

test("a case that is timed alone has no other side", () => {
  const { beside: _, ...alone } = fit;
  expect(timed(empty, alone)).toEqual({ found: undefined, said: [] });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { datasetPath } from "../../src/datasets/dataset-path.ts";
import { mixlens, scratch } from "./scratch.ts";

const folder = scratch({});
const data = [datasetPath("iris"), "--response", "petal_width", "--features", "petal_length", "--gate", "constant"];
const select = (...flags: string[]): ReturnType<typeof mixlens> =>
  mixlens(folder, "select", ...data, "--starts", "3", ...flags);

test("mixlens select chooses a number of experts, as a table and as JSON, and writes its model", async () => {
  const { code, stdout } = await select("--k", "1..2");
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^k +log-likelihood +parameters +AIC +BIC +ICL +result\n1 .*converged\n2 .*converged\n[12] experts? by bic\n$/,
  );
  const json = await select("--k", "2,1", "--by", "icl", "--json", "--model-out", "chosen.json");
  const found = JSON.parse(json.stdout);
  expect([found.by, found.models.map(({ k }: { k: number }) => k)]).toEqual(["icl", [1, 2]]);
  expect(Object.keys(found.models[0])).toEqual(
    expect.arrayContaining([
      "k",
      "logLikelihood",
      "parameters",
      "aic",
      "bic",
      "sabic",
      "icl",
      "iclSoft",
      "result",
      "messages",
    ]),
  );
  const best = found.models.toSorted((a: { icl: number }, b: { icl: number }) => a.icl - b.icl)[0].k;
  expect(found.best).toBe(best);
  expect(JSON.parse(readFileSync(join(folder, "chosen.json"), "utf8")).make.k).toBe(best);
});

test.each([
  [["--k", "4..1"], '--k to be numbers of experts such as 1..4 or 1,2,4, up to 100, got "4..1"'],
  [["--k", "1,1"], 'up to 100, got "1,1"'],
  [["--k", "0..2"], 'up to 100, got "0..2"'],
  [["--k", "1..1000000000"], 'up to 100, got "1..1000000000"'],
  [["--k", ""], 'up to 100, got ""'],
  [["--by", "bci"], '--by to be bic, aic, sabic, icl, iclSoft, cv or blrt, got "bci"'],
  [["--folds", "1"], "--folds to be a whole number from 2"],
  [["--start-columns", "a,b"], "an option that"],
])("mixlens select %j is refused in one line", async (flags, message) => {
  const { code, stdout, stderr } = await select(...flags);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^Cannot run mixlens[^\n]*\n$/);
  expect(stderr).toContain(message);
});

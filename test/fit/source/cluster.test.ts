import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { STRETCH_ROWS } from "../../../src/compute/blocks.ts";
import { partOf, readOptions } from "../../../src/errors/options.ts";
import { FIT, type FitOptions } from "../../../src/fit/fit-options.ts";
import { mixtureFor } from "../../../src/fit/fitted-mixture.ts";
import { answerExecutor } from "../../../src/fit/source/block-worker.ts";
import { rowsOfSource } from "../../../src/fit/source/cache.ts";
import { rowsOnCluster } from "../../../src/fit/source/cluster.ts";
import { source } from "../../../src/fit/source/source.ts";
import { random } from "../../../src/math/random.ts";
import { MAKE } from "../../../src/models/make.ts";
import type { Call, Found } from "../../../src/spark/messages.ts";
import type { Spark } from "../../../src/spark/session.ts";

// What executors are asked, and answer, without a cluster: their part is played by this process, block by block.

const folder = mkdtempSync(join(tmpdir(), "mixlens-blocks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Plays executors that keep blocks in a folder, and find their sums in an order of their own. */
function executors(): Spark {
  const play: Record<string, (task: never, over: never) => Found[]> = {
    listing: ({ place }: { place: string }) => {
      mkdirSync(place, { recursive: true });
      return readdirSync(place).map((name) => ({
        number: statSync(join(place, name)).size,
        found: Buffer.from(name),
      }));
    },
    keeping: (
      { place, names }: { place: string; names: Record<number, string> },
      { numbers, blocks }: { numbers: number[]; blocks: Uint8Array[] },
    ) => {
      numbers.forEach((number, at) => void writeFileSync(join(place, names[number]), blocks[at]));
      return numbers.map((number) => ({ number, found: new Uint8Array() }));
    },
    summing: ({ place, names, ...task }: { place: string; names: Record<number, string> }) => {
      const numbers = Object.keys(names).map(Number).reverse();
      const blocks = numbers.map((number) => {
        const sum = Number.parseInt(names[number].slice(-14, -6), 16);
        return { number, file: join(place, names[number]), sum };
      });
      const answers: Uint8Array[] = [];
      answerExecutor(JSON.stringify({ ...task, blocks }), (bytes) => answers.push(bytes.slice()));
      return numbers.map((number, at) => ({ number, found: answers[at] }));
    },
  };
  return {
    version: "4.0.0",
    setting: () => folder,
    run: (_, { name, task, over }: Call) => play[name](task as never, over as never),
    close: () => {},
  };
}

const rng = random(3);
const ages = Array.from({ length: 9000 }, () => rng.normal());
const rows = source(
  Array.from({ length: 2 * STRETCH_ROWS + 5000 }, () => {
    const person = rng.integer(ages.length);
    const [x, year] = [rng.normal(), 1990 + rng.integer(30)];
    const y = (ages[person] > 0 ? 1 + x : -0.5 - x + 0.05 * (year - 2005)) + rng.normal();
    return { x, year, y, n: Math.round(Math.exp(y / 3)), w: (person % 4) / 2, age: ages[person], id: `p${person}` };
  }),
);

test.each<[string, FitOptions, "as they are" | "scaled" | "centred"]>([
  ["rows", { formula: "y ~ x + year | age" }, "as they are"],
  ["weighted counts", { formula: "n ~ x | age", experts: "poisson", weights: "w" }, "as they are"],
  ["groups", { formula: "y ~ x | age", group: "id", weights: "w" }, "as they are"],
  ["rows", { formula: "y ~ x + year | age", weights: "w" }, "scaled"],
  ["rows of one design", { formula: "y ~ x + year" }, "scaled"],
  ["rows", { formula: "y ~ x + year | age + year" }, "centred"],
  ["counts", { formula: "n ~ x + year | age", experts: "poisson" }, "centred"],
  ["groups", { formula: "y ~ x + year | age", group: "id" }, "scaled"],
])("executors find the sums of %s to the bit: %j, %s", (_, asked, how) => {
  const plan = readOptions("fit", { ...asked, k: 2 }, FIT);
  const own = rowsOfSource(rows, plan);
  const model = mixtureFor(own.formula, partOf(plan, MAKE));
  const theta = Float64Array.from(model.names, (_, j) => Math.sin(j + 1) / 3);
  const [here, there] = [own.observations, rowsOnCluster(executors(), own, model)].map((data) => {
    const about =
      how === "as they are" ? { model, data } : how === "scaled" ? model.standardised(data) : model.centred(data);
    if (about === undefined) throw new Error("columns that are far from 0 were expected");
    return { ...about.model.stepSums(theta, about.data), calls: about.data.stretches?.stepSums !== undefined };
  });
  expect(there.sums.every(Number.isFinite)).toBe(true);
  expect(there.sums).toEqual(here.sums);
  expect([here.calls, there.calls]).toEqual([false, true]);
});

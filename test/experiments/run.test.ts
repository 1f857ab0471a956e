import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { curvePlot } from "../../src/display/curve-plot.ts";
import { InputError, WorkFailure } from "../../src/errors.ts";
import { experiment } from "../../src/experiments/experiment.ts";
import { instanceText } from "../../src/experiments/partial-file.ts";
import type { Worker } from "../../src/experiments/process-worker.ts";
import { writeReport } from "../../src/experiments/report.ts";
import { type RunOptions, type RunProgress, run } from "../../src/experiments/run.ts";
import { random } from "../../src/math/random.ts";

const root = mkdtempSync(join(tmpdir(), "mixlens-run-"));
afterAll(() => rmSync(root, { recursive: true }));

// An experiment of a few numbers, some of which JSON is hard on.
interface Instance {
  readonly draws: ArrayLike<number>;
  readonly seed: number;
  readonly odd: number | null;
}
interface Json {
  readonly means: readonly number[];
  readonly odd: readonly (number | null)[];
  readonly seeds: readonly number[];
}
const draws = (scale: number) =>
  experiment<Instance, Json>({
    id: "draws",
    title: "Normal draws",
    instances: 5,
    settings: { scale },
    instance: (seed) => {
      const rng = random(seed);
      return { seed, draws: Float64Array.from({ length: 3 }, () => (scale * rng.normal()) / 3), odd: Number.NaN };
    },
    summary: (instances) => {
      const means = instances.map((one) => Array.from(one.draws).reduce((sum, x) => sum + x, 0) / 3);
      return {
        json: { means, odd: instances.map(({ odd }) => odd), seeds: instances.map(({ seed }) => seed) },
        tables: [{ columns: [{ name: "mean" }], rows: means.map((mean) => [mean]) }],
        figures: { means: curvePlot([{ name: "mean", y: means }], { title: "Means", x: "instance", y: "mean" }) },
      };
    },
  });
const study = draws(1);

/** Seeds in the order in which a worker of this process was asked for them. */
let asked: number[] = [];
const here = (of = study): Worker => ({
  compute: async ({ seed }) => {
    asked.push(seed);
    return { text: instanceText(await of.instance(seed)), seconds: 1 };
  },
  end: () => {},
});
const options = (name: string, more: Partial<RunOptions> = {}): RunOptions => {
  asked = [];
  return { folder: join(root, name), now: () => performance.now(), hire: () => here(), ...more };
};
const partial = (name: string, number: number): string => join(root, name, `instances/000${number}.json`);
const whole = await run(study, options("whole"));

test("the results are those of the instances, each with a seed of its own, whatever computes them", async () => {
  const { seeds } = whole.manifest;
  expect(new Set(seeds).size).toBe(5);
  expect(whole.summary.json).toMatchObject({ seeds, odd: [null, null, null, null, null] });
  const [, second] = whole.manifest.seeds;
  const rng = random(second);
  const mean = [1, 2, 3].map(() => rng.normal() / 3).reduce((sum, x) => sum + x, 0) / 3;
  expect((whole.summary.json.means as number[])[1]).toBe(mean);
  for (const workers of [1, 4]) {
    expect((await run(study, options("other", { workers }))).summary).toEqual(whole.summary);
  }
  const other = await run(study, options("other", { seed: 2 }));
  expect(other.manifest.seeds.some((seed) => seeds.includes(seed))).toBe(false);
});

test("fewer instances are the first of more, and a run can be continued to more", async () => {
  const few = await run(study, options("few", { instances: 2 }));
  expect(few.manifest.seeds).toEqual(whole.manifest.seeds.slice(0, 2));
  const more = await run(study, options("few", { resume: true }));
  expect(asked).toEqual(whole.manifest.seeds.slice(2));
  expect(more.summary).toEqual(whole.summary);
});

test("a run that was ended continues at the next instance, with the same results to the bit", async () => {
  const controller = new AbortController();
  const onProgress = ({ done }: RunProgress): void => {
    if (done === 2) controller.abort();
  };
  const broken = run(study, options("broken", { workers: 1, signal: controller.signal, onProgress }));
  await expect(broken).rejects.toThrow(/abort/);
  const seen: RunProgress[] = [];
  const told = (progress: RunProgress): unknown => seen.push(progress);
  const found = await run(study, options("broken", { resume: true, workers: 1, onProgress: told }));
  expect(asked).toEqual(whole.manifest.seeds.slice(2));
  expect(found.summary).toEqual(whole.summary);
  expect(seen.map(({ done, total }) => [done, total])).toEqual([2, 3, 4, 5].map((done) => [done, 5]));
  expect(seen.map(({ left }) => left === undefined)).toEqual([true, false, false, false]);
  expect(seen[3].left).toBe(0);
  for (const name of ["whole", "broken"]) {
    await writeReport(join(root, name), name === "whole" ? whole : found);
  }
  for (const file of ["summary.json", "results.md", "results.html", "means.svg"]) {
    expect(readFileSync(join(root, "broken", file), "utf8")).toBe(readFileSync(join(root, "whole", file), "utf8"));
  }
  expect(readFileSync(join(root, "whole/results.md"), "utf8")).toMatch(
    /^# Normal draws\n[\s\S]*\| mean \|[\s\S]*\(means\.svg\)/,
  );
});

test("without being told to continue it starts anew", async () => {
  await run(study, options("anew"));
  await run(study, options("anew"));
  expect(asked).toEqual(whole.manifest.seeds);
});

describe("a partial file that is not what was written is named, and its instance computed again", () => {
  test.each<[string, (file: string) => void]>([
    ["cut short", (file) => truncateSync(file, 40)],
    ["empty", (file) => truncateSync(file, 0)],
    ["a digit altered", (file) => writeFileSync(file, readFileSync(file, "utf8").replace(/(\d)(\],"odd")/, "1$12$2"))],
    ["another instance's", (file) => copyFileSync(file.replace("0003", "0002"), file)],
    ["not of this shape", (file) => writeFileSync(file, "[1, 2]\n")],
    ["null", (file) => writeFileSync(file, "null\n")],
  ])("%s", async (_, damage) => {
    await run(study, options("damaged"));
    const before = readFileSync(partial("damaged", 3), "utf8");
    damage(partial("damaged", 3));
    expect(readFileSync(partial("damaged", 3), "utf8")).not.toBe(before);
    const named: string[] = [];
    const found = await run(study, options("damaged", { resume: true, onDamaged: (file) => named.push(file) }));
    expect([named, asked]).toEqual([[partial("damaged", 3)], [whole.manifest.seeds[2]]]);
    expect(found.summary).toEqual(whole.summary);
    expect(readFileSync(partial("damaged", 3), "utf8")).toBe(before);
  });
});

test("a run of another seed or other settings is not continued", async () => {
  await run(study, options("mine"));
  for (const [of, more] of [
    [study, { seed: 2 }],
    [draws(2), {}],
  ] as const) {
    const wanted = "Cannot continue draws: expected a run of the same experiment, settings, seed and versions in";
    await expect(run(of, options("mine", { resume: true, ...more }))).rejects.toThrow(wanted);
  }
  expect(asked).toEqual([]);
});

test("an instance that fails ends the run, by its number and seed; those that are done stay", async () => {
  const third = whole.manifest.seeds[2];
  const hire = (): Worker => ({
    ...here(),
    compute: async (order) => (order.seed === third ? { failure: "no limit" } : here().compute(order)),
  });
  const error = await run(study, options("failing", { hire, workers: 1 })).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WorkFailure);
  const line = `Cannot reproduce draws: expected instance 3 (seed ${third}) to succeed, got "no limit"`;
  expect((error as Error).message).toBe(line);
  await run(study, options("failing", { resume: true }));
  expect(asked).toEqual(whole.manifest.seeds.slice(2));
});

test.each([
  [{ instances: 0 }, "Cannot reproduce draws: expected instances to be a whole number from 1 on, got 0"],
  [{ instances: 1.5 }, "expected instances to be a whole number from 1 on, got 1.5"],
  [{ seed: 2 ** 40 }, "expected a 32-bit integer for the seed, got 1099511627776"],
  [{ folder: "/dev/null/run" }, 'Cannot write "/dev/null/run/run.json": expected a file that can be written, got'],
])("a run that cannot be is refused: %#", async (more, message) => {
  const error = await run(study, options("refused", more)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).toContain(message);
});

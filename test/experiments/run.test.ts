import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { FetchOptions } from "../../src/datasets/download.ts";
import { curvePlot } from "../../src/display/curve-plot.ts";
import { figure } from "../../src/display/figure.ts";
import { mimeBundle } from "../../src/display/mime.ts";
import { InputError, WorkFailure } from "../../src/errors.ts";
import { experiment } from "../../src/experiments/runner/experiment.ts";
import { instanceText } from "../../src/experiments/runner/partial-file.ts";
import type { Worker } from "../../src/experiments/runner/process-worker.ts";
import { type ReproduceOptions, type Reproduction, reproduction } from "../../src/experiments/runner/reproduce.ts";
import type { RunProgress } from "../../src/experiments/runner/run.ts";
import { draftOf } from "../../src/files/draft.ts";
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
type Options = ReproduceOptions<Json>;
const run = (more: Options = {}, of = study, startWorker = () => here()): Promise<Reproduction<Json>> => {
  asked = [];
  return reproduction(of, more, startWorker);
};
const folder = (name: string): string => join(root, name);
const partial = (name: string, number: number): string => join(root, name, `instances/000${number}.json`);
const whole = await run({ folder: folder("whole") });
const { seeds } = whole;
const summaryOf = ({ json, tables, figures }: Reproduction<Json>): object => ({ json, tables, figures });

test("the results are those of the instances, each with a seed of its own, whatever computes them", async () => {
  expect(new Set(seeds).size).toBe(5);
  expect(whole.json).toMatchObject({ seeds, odd: [null, null, null, null, null] });
  const rng = random(seeds[1]);
  const mean = [1, 2, 3].map(() => rng.normal() / 3).reduce((sum, x) => sum + x, 0) / 3;
  expect(whole.json.means[1]).toBe(mean);
  for (const workers of [1, 4]) expect(summaryOf(await run({ workers }))).toEqual(summaryOf(whole));
  const other = await run({ seed: 2 });
  expect(other.seeds.some((seed) => seeds.includes(seed))).toBe(false);
});

test("after each instance there is what the instances so far add up to, and it is waited for", async () => {
  const seen: Reproduction<Json>[] = [];
  let open = 0;
  const onInstance = async (found: Reproduction<Json>): Promise<void> => {
    expect(++open).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    open--;
    seen.push(found);
  };
  const last = await run({ workers: 2, onInstance });
  expect(seen.map(({ done, total, json }) => [done, total, json.means.length])).toEqual(
    [1, 2, 3, 4, 5].map((done) => [done, 5, done]),
  );
  expect(seen[4]).toBe(last);
  const parts: Reproduction<Json>[] = [];
  await run({ workers: 1, onInstance: (found) => parts.push(found) });
  expect(summaryOf(parts[2])).toEqual(summaryOf(await run({ instances: 3 })));
  const bundle = await mimeBundle(seen[1]);
  expect(bundle["text/plain"]).toMatch(/^2 of 5 instances from seed 1[^\n]*\n +mean\n[\s\S]*\n\[figure\] Means/);
  expect(bundle["text/html"]).toMatch(/^2 of 5[\s\S]*<table[\s\S]*<img/);
});

test("a download that instances wait for is told of before any of them, and not where all are done", async () => {
  const told: unknown[] = [];
  const bytes = { file: "images", received: 7 };
  const prepare = async ({ onProgress }: FetchOptions): Promise<void> => onProgress?.(bytes);
  const listening: Options = {
    ...{ folder: folder("prepared"), instances: 1, resume: true },
    onDownload: (progress) => told.push(progress),
    onProgress: ({ done }) => told.push(done),
  };
  await run(listening, { ...study, prepare });
  await run(listening, { ...study, prepare });
  expect(told).toEqual([bytes, 0, 1, 1]);
});

test("a signal ends the download, and no instance is begun", async () => {
  const controller = new AbortController();
  const prepare = async ({ signal }: FetchOptions): Promise<void> => {
    controller.abort();
    signal?.throwIfAborted();
  };
  await expect(run({ signal: controller.signal }, { ...study, prepare })).rejects.toThrow(/abort/);
  expect(asked).toEqual([]);
});

test("whoever is told and fails ends the run and its workers", async () => {
  let ended = 0;
  const startWorker = (): Worker => ({ ...here(), end: () => ended++ });
  const onInstance = (): never => {
    throw new Error("no place to show it");
  };
  await expect(run({ workers: 2, onInstance }, study, startWorker)).rejects.toThrow("no place to show it");
  expect([ended, asked.length < 5]).toEqual([2, true]);
});

test("fewer instances are the first of more, and a run can be continued to more", async () => {
  const few = await run({ folder: folder("few"), instances: 2 });
  expect(few.seeds).toEqual(seeds.slice(0, 2));
  const more = await run({ folder: folder("few"), resume: true });
  expect(asked).toEqual(seeds.slice(2));
  expect(summaryOf(more)).toEqual(summaryOf(whole));
});

test("a run that was ended continues at the next instance, with the same results to the bit", async () => {
  const controller = new AbortController();
  const abort = ({ done }: RunProgress): void => {
    if (done === 2) controller.abort();
  };
  const broken = { folder: folder("broken"), workers: 1 };
  await expect(run({ ...broken, signal: controller.signal, onProgress: abort })).rejects.toThrow(/abort/);
  const told: RunProgress[] = [];
  const found = await run({ ...broken, resume: true, onProgress: (progress) => told.push(progress) });
  expect(asked).toEqual(seeds.slice(2));
  expect(summaryOf(found)).toEqual(summaryOf(whole));
  // Every worker here says that it took a second.
  expect(told).toEqual([2, 3, 4, 5].map((done) => ({ done, total: 5, left: 5 - done })));
  for (const file of ["summary.json", "results.md", "results.html", "means.svg"]) {
    expect(readFileSync(join(root, "broken", file), "utf8")).toBe(readFileSync(join(root, "whole", file), "utf8"));
  }
  expect(readFileSync(join(root, "whole/results.md"), "utf8")).toMatch(
    /^# Normal draws\n[\s\S]*\| mean \|[\s\S]*\(means\.svg\)/,
  );
});

test("a figure that can't be drawn is named and left out, on a machine that is as slow as it likes", async () => {
  const surface = figure("a surface", [{ type: "surface", z: [[1, 2]] }], {});
  const summary: typeof study.summary = (instances) => {
    const found = study.summary(instances);
    return { ...found, figures: { surface, ...found.figures } };
  };
  const told: string[] = [];
  mkdirSync(folder("undrawn"));
  writeFileSync(join(root, "undrawn/surface.svg"), "of an earlier run");
  const onLeftOut = (reason: string): unknown => told.push(reason);
  const found = await run({ folder: folder("undrawn"), onLeftOut }, { ...study, summary });
  expect(found.json).toEqual(whole.json);
  expect(told).toEqual([
    'The figure "surface" is left out: Cannot draw "a surface": expected a chart plotly can draw, got the type surface, which only a browser can draw.',
  ]);
  const files = readdirSync(folder("undrawn")).toSorted();
  expect(files).toEqual(["instances", "means.svg", "results.html", "results.md", "run.json", "summary.json"]);
  const [markdown, page] = ["results.md", "results.html"].map((name) =>
    readFileSync(join(root, "undrawn", name), "utf8"),
  );
  expect(markdown).toContain(told[0]);
  expect(markdown).toMatch(/\| mean \|[\s\S]*\(means\.svg\)/);
  expect(markdown).not.toContain("(surface.svg)");
  expect(page).toMatch(/<table[\s\S]*<img[\s\S]*The figure &quot;surface&quot; is left out/);
});

test("what can't be written once the run goes on is told, and the results are there", async () => {
  const told: string[] = [];
  const onProgress = ({ done }: RunProgress): void => {
    // The folder of the instances gives way to a file.
    if (done === 0) writeFileSync(join(root, "spoilt/instances"), "");
  };
  const found = await run({ folder: folder("spoilt"), onProgress, onUnwritten: ({ message }) => told.push(message) });
  expect(summaryOf(found)).toEqual(summaryOf(whole));
  expect(told).toHaveLength(5);
  expect(told[0]).toMatch(
    /^Cannot write ".*000\d\.json": expected a file that can be written, got a file as the folder /,
  );
  expect(JSON.parse(readFileSync(join(root, "spoilt/summary.json"), "utf8"))).toEqual(whole.json);
  rmSync(folder("spoilt"), { recursive: true });
  await expect(run({ folder: folder("spoilt"), onProgress })).rejects.toThrow(WorkFailure);
});

test("drafts that a killed run left in the folder go with the next", async () => {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  const drafts = [partial("killed", 9), join(root, "killed/summary.json")].map((file) =>
    draftOf(file, hostname(), pid),
  );
  mkdirSync(join(root, "killed/instances"), { recursive: true });
  for (const draft of drafts) writeFileSync(draft, "half");
  await run({ folder: folder("killed") });
  expect(drafts.filter((draft) => existsSync(draft))).toEqual([]);
});

test("without being told to continue it starts anew", async () => {
  await run({ folder: folder("anew") });
  await run({ folder: folder("anew") });
  expect(asked).toEqual(seeds);
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
    await run({ folder: folder("damaged") });
    const before = readFileSync(partial("damaged", 3), "utf8");
    damage(partial("damaged", 3));
    expect(readFileSync(partial("damaged", 3), "utf8")).not.toBe(before);
    const named: string[] = [];
    const found = await run({
      folder: folder("damaged"),
      resume: true,
      onDamaged: (file) => named.push(file),
    });
    expect([named, asked]).toEqual([[partial("damaged", 3)], [seeds[2]]]);
    expect(summaryOf(found)).toEqual(summaryOf(whole));
    expect(readFileSync(partial("damaged", 3), "utf8")).toBe(before);
  });
});

test("a run of another seed or other settings is not continued", async () => {
  await run({ folder: folder("mine") });
  for (const [of, more] of [
    [study, { seed: 2 }],
    [draws(2), {}],
  ] as const) {
    const wanted = "Cannot continue draws: expected a run of the same experiment, settings, seed and versions in";
    await expect(run({ folder: folder("mine"), resume: true, ...more }, of)).rejects.toThrow(wanted);
  }
  expect(asked).toEqual([]);
});

test("an instance that fails ends the run, by its number and seed; those that are done stay", async () => {
  const third = seeds[2];
  const startWorker = (): Worker => ({
    ...here(),
    compute: async (order) => (order.seed === third ? { failure: "no limit" } : here().compute(order)),
  });
  const error = await run({ folder: folder("failing"), workers: 1 }, study, startWorker).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WorkFailure);
  const line = `Cannot reproduce draws: expected instance 3 (seed ${third}) to succeed, got "no limit"`;
  expect((error as Error).message).toBe(line);
  await run({ folder: folder("failing"), resume: true });
  expect(asked).toEqual(seeds.slice(2));
});

test.each([
  [{ instances: 0 }, "Cannot reproduce draws: expected instances to be a whole number from 1 on, got 0"],
  [{ instances: 1.5 }, "expected instances to be a whole number from 1 on, got 1.5"],
  [{ workers: 0 }, "expected workers to be a whole number from 1 on, got 0"],
  [{ resume: true }, "Cannot continue draws: expected the folder of the run that is to be continued, got none"],
  [{ seed: 2 ** 40 }, "expected a 32-bit integer for the seed, got 1099511627776"],
  [{ folder: "/dev/null/run" }, 'Cannot write "/dev/null/run/run.json": expected a file that can be written, got'],
])("a run that cannot be is refused: %#", async (more, message) => {
  const error = await run(more).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).toContain(message);
});

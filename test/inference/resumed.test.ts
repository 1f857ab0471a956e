import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { InputError } from "../../src/errors.ts";
import { fit } from "../../src/fit/fit.ts";
import { crossValidate } from "../../src/inference/cross-validation.ts";
import { likelihoodRatioTest } from "../../src/inference/likelihood-ratio.ts";
import { type SelectModelOptions, selectModel } from "../../src/inference/select-model.ts";
import { random } from "../../src/math/random.ts";

// A choice, a cross-validation or a test that is ended anywhere, and one that goes on from its checkpoint: together they are
// the one that was not.
const folder = mkdtempSync(join(tmpdir(), "mixlens-resumed-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "checkpoint");
const noted = { checkpoint: file, resume: true } as const;

// A clock that is far ahead whenever somebody looks, and at which a process may end.
let [now, looks, last] = [0, 0, Infinity];
const killed = new Error("killed");
vi.spyOn(performance, "now").mockImplementation(() => {
  if (++looks > last) throw killed;
  now += 1000 + now / 10;
  return now;
});
function restart(): void {
  [now, looks, last] = [0, 0, Infinity];
}
beforeEach(() => {
  restart();
  rmSync(file, { force: true });
});

const rng = random(4);
const x = Array.from({ length: 60 }, () => rng.normal());
const rows = { x, y: x.map((value, i) => (i % 3 === 0 ? 4 + value : -4 - value) + 0.6 * rng.normal()) };
const plain = { response: "y", features: "x", gate: "constant", starts: 2, k: [1, 2, 3] } as const;

/** What is found, but for the sentence of the process that found nothing to go on from. */
function said<T extends { readonly messages: readonly string[] }>(found: T): T {
  const messages = found.messages.filter((message) => !message.startsWith("There was no checkpoint"));
  return { ...found, messages };
}

/** The looks at the clock of work that is not ended, and what it finds with a checkpoint when it is ended at some of them. */
function endedAndResumed<T>(work: () => T, parts: readonly number[]): T {
  work();
  const all = looks;
  rmSync(file);
  let kills = 0;
  for (const part of parts) {
    restart();
    last = Math.max(2, Math.floor(part * all));
    // The later of them have less to do.
    try {
      work();
    } catch (error) {
      expect(error).toBe(killed);
      kills++;
    }
  }
  expect(kills).toBeGreaterThan(1);
  restart();
  return work();
}

const choose = (options: Partial<SelectModelOptions> = {}) => selectModel(rows, { ...plain, ...options });

describe("a choice of the number of experts that is ended goes on to the same bits:", () => {
  test.each([
    ["by BIC", { by: "bic" }],
    ["by cross-validation", { by: "cv", folds: 7 }],
    ["by tests", { by: "blrt", replicates: 9 }],
  ] as const)("%s", (_, options) => {
    const { fit: wanted, ...whole } = choose(options);
    const { fit: found, ...rest } = endedAndResumed(() => choose({ ...options, ...noted }), [0.1, 0.4, 0.7]);
    expect(said(rest)).toEqual(said(whole));
    expect([found.theta, found.trace, found.starts]).toEqual([wanted.theta, wanted.trace, wanted.starts]);
  });

  test("what is done is not done again, and may be judged otherwise, or by more replicates", () => {
    choose(noted);
    const size = statSync(file).size;
    expect(choose(noted).messages).toEqual([]);
    expect(statSync(file).size).toBe(size);
    const found = choose({ ...noted, by: "cv", folds: 5 });
    const { models } = choose({ by: "cv", folds: 5 });
    expect(found.models).toEqual(models);
    // Five numbers and what they are of, and no step of a fit.
    expect(statSync(file).size).toBeLessThan(1.5 * size);
    choose({ ...noted, by: "blrt", replicates: 9 });
    expect(choose({ ...noted, by: "blrt", replicates: 11 }).models).toEqual(
      choose({ by: "blrt", replicates: 11 }).models,
    );
  });

  test("that there was nothing to go on from is said", () => {
    expect(choose(noted).messages).toEqual([
      `There was no checkpoint ${JSON.stringify(file)} to resume from: the work began anew.`,
    ]);
  });

  test.each<[string, Partial<SelectModelOptions>, RegExp]>([
    ["other numbers", { k: [1, 2] }, /the same k, \[1,2\], got \[1,2,3\]; ask for the same/],
    ["another seed", { seed: 2 }, /the same seed, 2, got 1; ask for the same/],
    ["other folds", { by: "cv", folds: 5 }, /the same folds, 5, got 4; ask for the same/],
  ])("of %s is refused by name, and left as it is", (_, options, message) => {
    choose({ ...noted, by: "cv", folds: 4 });
    const before = readFileSync(file);
    expect(() => choose({ ...noted, by: "cv", folds: 4, ...options })).toThrow(InputError);
    expect(() => choose({ ...noted, by: "cv", folds: 4, ...options })).toThrow(message);
    expect(readFileSync(file)).toEqual(before);
  });

  test("a checkpoint of something else, one that is not to be gone on from, and a name that is missing are refused", () => {
    fit(rows, { response: "y", features: "x", starts: 1, ...noted });
    expect(() => choose(noted)).toThrow(/a checkpoint of the same work, choose the number of experts, got fit;/);
    rmSync(file);
    choose({ checkpoint: file });
    expect(() => choose({ checkpoint: file })).toThrow(/expected no file yet, got a checkpoint; resume from it/);
    expect(() => choose({ resume: true })).toThrow("expected resume with a checkpoint, got none");
  });
});

describe("without a choice around them:", () => {
  const [one, two] = [1, 2].map((k) => fit(rows, { ...plain, k }));

  test("a cross-validation that is ended goes on to the same bits, with random starts, too", () => {
    const options = { folds: 20, starts: 1 };
    const wanted = crossValidate(two, options);
    expect(said(endedAndResumed(() => crossValidate(two, { ...options, ...noted }), [0.2, 0.5, 0.7]))).toEqual(wanted);
    expect(() => crossValidate(one, { ...options, ...noted })).toThrow("a checkpoint of the same k, 1, got 2;");
  });

  test("so does a test against more experts, with any number of workers", () => {
    const options = { replicates: 20, starts: 1 };
    const wanted = likelihoodRatioTest(one, two, { ...options, workers: 2 });
    const alone = () => likelihoodRatioTest(one, two, { ...options, ...noted, workers: 1 });
    expect(said(endedAndResumed(alone, [0.2, 0.5, 0.7]))).toEqual(wanted);
    const others = { ...options, ...noted, tolerance: 1e-3 };
    expect(() => likelihoodRatioTest(one, two, others)).toThrow(
      "a checkpoint of the same tolerance, 0.001, got 0.0001;",
    );
  });

  test("nothing is written where no checkpoint is named", () => {
    crossValidate(one, { folds: 3 });
    expect(existsSync(file)).toBe(false);
  });
});

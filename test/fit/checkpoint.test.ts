import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { ALGORITHM_NAMES, type FitAlgorithm, namedAlgorithms } from "../../src/algorithms/named.ts";
import { InputError } from "../../src/errors.ts";
import { openJournal } from "../../src/files/journal.ts";
import { fit, fitAsync } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import type { Fit } from "../../src/fit/fit-result.ts";
import { modelText } from "../../src/fit/model-file.ts";
import { random } from "../../src/math/random.ts";

// A fit that is ended at any step, and one that goes on from its checkpoint: together they are the fit that was not.
const folder = mkdtempSync(join(tmpdir(), "mixlens-checkpoint-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "fit.checkpoint");

// A clock that every step sets so far ahead that the next is noted.
let now = 0;
vi.spyOn(performance, "now").mockImplementation(() => now);
function tick(): void {
  now += 1000 + now / 50;
}
beforeEach(() => {
  now = 0;
  rmSync(file, { force: true });
});

const rng = random(3);
const x = Array.from({ length: 120 }, () => rng.normal());
const rows = {
  x,
  y: x.map((value, i) => (i % 3 === 0 ? 1 + value : -1 - value) + 0.6 * rng.normal()),
  label: x.map((value, i) => (value + (i % 4 === 0 ? 1 : -1) * rng.normal() > 0 ? "up" : "down")),
};
const plain: FitOptions = { response: "y", features: "x", starts: 3, maxIterations: 60 };

/** All of a fit that is a number or a word. */
function said(found: Fit): object {
  const { theta, logLikelihood, objective, iterations, result, trace, starts, search, start } = found;
  // The first of several processes says that there was nothing to go on from.
  const messages = found.messages.filter((message) => !message.startsWith("There was no checkpoint"));
  return { theta, logLikelihood, objective, iterations, result, messages, trace, starts, search, start };
}

const killed = new Error("killed");
/** A fit that ends at a step, counted from 1. */
function endedAt(step: number, options: FitOptions): void {
  let steps = 0;
  const onStep = (): void => {
    tick();
    if (++steps === step) throw killed;
  };
  expect(() => fit(rows, { ...options, checkpoint: file, resume: true, onStep })).toThrow(killed);
}

/** An algorithm that counts the steps it computes. */
function counted(algorithm: FitAlgorithm): { algorithm: FitAlgorithm; count: () => number } {
  let steps = 0;
  const step: FitAlgorithm["step"] = (...given) => {
    steps++;
    return algorithm.step(...given);
  };
  return { algorithm: { ...algorithm, step }, count: () => steps };
}

describe("a fit that was ended goes on to the same bits, and computes only what was not done:", () => {
  test.each(ALGORITHM_NAMES)("%s", (name) => {
    const whole = counted(namedAlgorithms[name].make());
    const wanted = fit(rows, { ...plain, algorithm: whole.algorithm });
    const total = whole.count();
    for (const part of [0.02, 0.3, 0.55, 0.98]) {
      rmSync(file, { force: true });
      const ended = Math.ceil(part * total);
      endedAt(ended, { ...plain, algorithm: name });
      const rest = counted(namedAlgorithms[name].make());
      const found = fit(rows, { ...plain, algorithm: rest.algorithm, checkpoint: file, resume: true });
      expect(said(found)).toEqual(said(wanted));
      expect(rest.count()).toBeLessThanOrEqual(total - ended + 8);
      expect(modelText(found)).toBe(modelText(wanted));
    }
  });

  test("the default, past the step at which it is accelerated, saddles, separation and starts that are made, and ended more than once", async () => {
    const slow: FitOptions = { response: "y", features: "x", k: 3, starts: 2, ridge: 1e-3 };
    const separated: FitOptions = { response: "label", features: "x", experts: "logistic", starts: 3 };
    const { starts: _, ...made } = slow;
    for (const options of [slow, separated, { ...slow, scale: true }, made]) {
      rmSync(file, { force: true });
      let steps = 0;
      const wanted = fit(rows, { ...options, onStep: () => void steps++ });
      if (options === slow) expect(wanted.iterations).toBeGreaterThan(100);
      for (const part of [0.1, 0.4, 0.7, 0.9]) endedAt(Math.ceil(part * steps), options);
      const found = await fitAsync(rows, { ...options, checkpoint: file, resume: true });
      expect(said(found)).toEqual(said(wanted));
    }
  });

  test("one that is finished, too: nothing is computed again", () => {
    const wanted = fit(rows, { ...plain, checkpoint: file });
    const size = statSync(file).size;
    const again = counted(em());
    expect(said(fit(rows, { ...plain, algorithm: em(), checkpoint: join(folder, "em"), resume: true }))).toEqual(
      said(fit(rows, { ...plain, algorithm: again.algorithm, checkpoint: join(folder, "em"), resume: true })),
    );
    expect(again.count()).toBe(0);
    expect(said(fit(rows, { ...plain, checkpoint: file, resume: true }))).toEqual(said(wanted));
    expect(statSync(file).size).toBe(size);
  });
});

describe("a checkpoint is refused", () => {
  const resumed = (options: Partial<FitOptions>, data: object = rows): Fit =>
    fit(data as typeof rows, { ...plain, checkpoint: file, resume: true, ...options });

  test.each<[string, Partial<FitOptions>, RegExp]>([
    ["of another seed", { seed: 2 }, /expected a checkpoint of the same seed, 2, got 1; ask for the same/],
    ["of other starts", { starts: 4 }, /the same starts, 4, got 3/],
    ["of another tolerance", { tolerance: 1e-3 }, /the same tolerance, 0.001, got none/],
    ["of another k", { k: 3 }, /the same k, 3, got 2;/],
    ["of other columns", { features: [] }, /the same features, \[\], got \["x"\];/],
    ["of another algorithm", { algorithm: "anderson" }, /the same algorithm, {"name":"anderson",/],
  ])("%s, by name", (_, options, message) => {
    endedAt(50, plain);
    const before = readFileSync(file);
    expect(() => resumed(options)).toThrow(InputError);
    expect(() => resumed(options)).toThrow(message);
    expect(readFileSync(file)).toEqual(before);
    expect(resumed({}).result).toBe("converged");
  });

  test("of an algorithm that was told something else, and of one that remembers nothing", () => {
    endedAt(50, { ...plain, algorithm: namedAlgorithms.adam.make({ stepSize: 0.02 }) });
    expect(() => resumed({ algorithm: "adam" })).toThrow(
      /the same algorithm, {"name":"adam","stepSize":0\.01.* got {"name":"adam","stepSize":0\.02/,
    );
    rmSync(file);
    const { memory: _, ...forgetful } = em();
    expect(() => resumed({ algorithm: forgetful })).toThrow("an algorithm with a memory for a checkpoint, as em() has");
  });

  test("of other rows, and of the same in another order", () => {
    endedAt(50, plain);
    const y = rows.y.with(3, rows.y[3] + 1e-12);
    expect(() => resumed({}, { ...rows, y })).toThrow(/a checkpoint of the same data, 120 rows, .* got 120 rows, /);
    const turned = { x: x.toReversed(), y: rows.y.toReversed() };
    expect(() => resumed({}, turned)).toThrow("a checkpoint of the same data");
  });

  test("where it is there and not to be gone on from, where it is none, and where none is named", () => {
    endedAt(50, plain);
    expect(() => resumed({ resume: false })).toThrow(/expected no file yet, got a checkpoint; resume from it/);
    writeFileSync(file, "y,x\n1,2\n");
    expect(() => resumed({})).toThrow(/expected a checkpoint, or no file yet, got another file; name another/);
    expect(readFileSync(file, "utf8")).toBe("y,x\n1,2\n");
    expect(() => fit(rows, { ...plain, resume: true })).toThrow("expected resume with a checkpoint, got none");
    expect(() => resumed({ checkpoint: folder })).toThrow("expected a file that can be written, got a folder");
    expect(() => resumed({ checkpoint: join(folder, "no", "f") })).toThrow("got no folder");
    expect(() => resumed({ checkpoint: "/dev/null" })).toThrow("expected a file that can be read again");
    writeFileSync(file, "");
    expect(resumed({ resume: false }).result).toBe("converged");
  });

  test("where it is damaged anywhere; where its end is missing it is gone on from what is whole", () => {
    endedAt(60, plain);
    const wanted = said(fit(rows, plain));
    const bytes = readFileSync(file);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = Buffer.from(bytes);
        other[at] ^= change;
        writeFileSync(file, other);
        expect(() => resumed({})).toThrow(/^Cannot go on from "[^\n]*: expected a checkpoint[^\n]*, got [^\n]*$/);
        expect(readFileSync(file)).toEqual(other);
      }),
      { numRuns: 60 },
    );
    fc.assert(
      fc.property(fc.nat(bytes.length), (length) => {
        writeFileSync(file, bytes);
        truncateSync(file, length);
        expect(said(resumed({}))).toEqual(wanted);
      }),
      { numRuns: 12 },
    );
  });
});

test("without a checkpoint nothing is written", () => {
  fit(rows, plain);
  expect(existsSync(file)).toBe(false);
});

test.each([
  [{ steps: [] }, "that belong to no run"],
  [{ begin: { theta: Float64Array.of(1), logLikelihood: 0, objective: 0 }, steps: [], kept: null }, "of another start"],
  [{ begin: { theta: [1], logLikelihood: 0, objective: 0 }, steps: [] }, "that are none"],
  [null, "that are nothing"],
])("notes %j, %s, are refused", (note, _) => {
  endedAt(1, { ...plain, starts: 1 });
  const bytes = readFileSync(file);
  rmSync(file);
  // The first note says what the checkpoint is of.
  const { past, note: add } = openJournal({ file, resume: true, of: {} });
  expect(past).toEqual([]);
  add(note);
  const own = readFileSync(file);
  const length = (from: Buffer): number => 21 + 40 + from.readUInt32LE(21);
  writeFileSync(file, Buffer.concat([bytes.subarray(0, length(bytes)), own.subarray(length(own))]));
  expect(() => fit(rows, { ...plain, starts: 1, checkpoint: file, resume: true })).toThrow(
    /^Cannot go on from "[^\n]*": expected the steps of this fit on this machine, got others; name another file/,
  );
});

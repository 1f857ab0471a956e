import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import type { FittedMixture } from "../../src/fit/fitted.ts";
import { predict } from "../../src/fit/predict.ts";
import { observe } from "../../src/frame/observe.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { summary } from "../../src/inference/summary.ts";
import { counts, linear, logistic, poisson, readIn, table } from "../support/model-files.ts";
import { scratch } from "./scratch.ts";

const folder = scratch({});
const reading = (text: string): FittedMixture | string => readIn(folder, text);

/** Every place in a JSON document. */
function places(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, entry]) => places(entry, [...path, name]))];
}

function replaced(value: unknown, [name, ...rest]: string[], entry: unknown): unknown {
  if (name === undefined) return entry;
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...(value as object) };
  copy[name] = replaced(copy[name], rest, entry);
  return copy;
}

test.each([
  ["linear", linear, table],
  ["Poisson", poisson, counts],
  ["logistic", logistic, table],
])("any change to a %s model file is refused in one line or leaves a model that works", (_, text, rows) => {
  const model: unknown = JSON.parse(text);
  const entry = fc.oneof(
    fc.constantFrom(null, true, false, "", "x1", "y", 0, -1, 1.5, 3, 1e9, 1e49, -1e49, [], {}, ["x1"], ["x1", 1]),
    fc.jsonValue({ maxDepth: 2 }),
  );
  let usable = 0;
  fc.assert(
    fc.property(fc.constantFrom(...places(model)), entry, (place, value) => {
      const found = reading(JSON.stringify(replaced(model, place, value)));
      if (typeof found === "string") return;
      usable++;
      for (const use of [
        () => predict(found, rows),
        () => spectrum(found.mixture, found.theta, observe(rows, found.formula)).eigenvalues,
        // Of what is not known there is no number, and null says so.
        () => summary(found, { rows }).parameters.map((row) => Object.values(row).map((value) => value ?? "unknown")),
      ]) {
        try {
          expect(JSON.stringify(use(), (__, v) => (ArrayBuffer.isView(v) ? [...(v as Float64Array)] : v))).not.toMatch(
            /null/,
          );
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
        }
      }
    }),
    { numRuns: 1500 },
  );
  expect(usable).toBeGreaterThan(20);
});

test("a model file that is cut, spliced or overwritten is refused in one line, or says the same model as before or another", () => {
  const letter = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "e",
    "-",
    ".",
    "9",
    "0",
    "\0",
    " ",
    "\ud800",
    "",
  );
  fc.assert(
    fc.property(fc.nat(linear.length), fc.nat(12), fc.array(letter, { maxLength: 4 }), (at, length, letters) => {
      reading(linear.slice(0, at) + letters.join("") + linear.slice(at + length));
      reading(linear.slice(0, at));
    }),
    { numRuns: 500 },
  );
});

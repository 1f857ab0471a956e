import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { FitFailure } from "../../src/fit/fit-failure.ts";
import { source } from "../../src/fit/source/source.ts";
import { random } from "../../src/math/random.ts";
import { folder } from "../support/row-files.ts";

// One row that is far from all others, of several laws, from memory and from a source: what is said is the same, and works.

const rng = random(4);
const x = Array.from({ length: 60 }, () => rng.normal());
const FAR = 7;
const far = (of: (x: number) => number): number[] => x.map((value, i) => (i === FAR ? 1e6 : of(value)));
const of = {
  linear: far((value) => value + rng.normal()),
  gamma: far(() => Math.exp(0.5 * rng.normal())),
  "negative-binomial": far(() => rng.integer(6)),
};
type Of = keyof typeof of;
const optionsOf = (experts: Of) =>
  ({ response: "y", features: ["x"], experts, gate: "constant", starts: 5, seed: 1 }) as const;
const ways = (experts: Of) => {
  const path = join(folder, "far.csv");
  writeFileSync(path, `x,y\n${x.map((value, i) => `${value},${of[experts][i]}`).join("\n")}\n`);
  return [{ x, y: of[experts] }, source(path)] as const;
};

function failure(of: () => unknown): string {
  try {
    of();
  } catch (error) {
    if (error instanceof FitFailure) return error.message;
    throw error;
  }
  throw new Error("nothing failed");
}

test.each([
  ["linear", "row 8 is far from all others: leave it out, take student-t experts or set a sigmaFloor, such as 0.3"],
  ["gamma", "row 8 is far from all others: leave it out, or try fewer experts or more starts"],
] as const)("of %s experts it is named where every start fails, and the advice works", (experts, advice) => {
  const [memory, rows] = ways(experts);
  const said = failure(() => fit(memory, optionsOf(experts)));
  expect(said).toMatch(new RegExp(`; ${advice}$`));
  expect(failure(() => fit(rows, optionsOf(experts)))).toBe(said);
  const without = { x: x.toSpliced(FAR, 1), y: of[experts].toSpliced(FAR, 1) };
  expect(fit(without, optionsOf(experts)).result).toBe("converged");
  if (experts !== "linear") return;
  const held = /^The standard deviation of expert 2( \(rows 8 and 40\))? is held at its floor, 0\.3\./;
  for (const data of ways(experts)) {
    expect(fit(data, { ...optionsOf(experts), sigmaFloor: 0.3 }).messages[0]).toMatch(held);
  }
});

test("a source says which scale is at its least, in the words of its law", () => {
  const [memory, rows] = ways("negative-binomial").map((data) => fit(data, optionsOf("negative-binomial")).messages[0]);
  const held = (named: string) =>
    `The dispersion of expert 1 and 2${named} is held at its least, 0.000001: its counts vary no more than Poisson counts.`;
  expect(memory.startsWith(held(" (row 8)"))).toBe(true);
  expect(rows.startsWith(held(""))).toBe(true);
});

test("a scale that is fixed below its floor is what it was fixed at, and said to be held nowhere", () => {
  const y = x.map((value, i) => (i % 2 ? 1 + value : -1 - value) + 0.3 * Math.sin(9 * i));
  const count = x.map((_, i) => i % 3);
  const lines = { response: "y", features: ["x"], gate: "constant", k: 2, starts: 3, sigmaFloor: 0.6 } as const;
  for (const [options, name, others] of [
    [{ ...lines, k: 1 }, "expert1.log(sigma)", 0],
    [{ ...lines, sharedVariance: true }, "experts.log(sigma)", 0],
    [lines, "expert1.log(sigma)", 1],
    [{ response: "count", features: ["x"], experts: "negative-binomial", k: 1 }, "expert1.log(dispersion)", 0],
  ] as const) {
    const value = name.includes("sigma") ? Math.log(0.3) : -50;
    const found = fit({ x, y, count }, { ...options, fixed: { [name]: value } });
    const { spec, names } = found.mixture;
    expect([found.result, found.theta[names.indexOf(name)], spec.fixed?.[name]]).toEqual(["converged", value, value]);
    expect(Object.keys(spec.fixed ?? {})).toHaveLength(1 + others);
    expect(found.messages.some((message) => message.includes("is held at its"))).toBe(others === 1);
  }
});

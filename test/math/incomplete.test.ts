import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { betaTails, gammaTails } from "../../src/math/incomplete.ts";
import { normalTails } from "../../src/math/normal.ts";

/** Arguments far apart and near together, of which R knows both sides. */
const shapes = [1e-3, 0.1, 0.5, 1, 2.5, 9.5, 10.5, 40, 1e3, 1e5];
const ratios = [1e-8, 0.01, 0.3, 0.9, 0.99, 1, 1.01, 1.1, 2, 10];
const gammas = shapes.flatMap((a) => ratios.map((ratio) => [a, a * ratio] as const));
const betas = shapes.flatMap((a) =>
  shapes.flatMap((b) => ratios.filter((r) => (a / (a + b)) * r < 1).map((r) => [a, b, (a / (a + b)) * r] as const)),
);

test("incomplete Gamma and Beta functions are R's, both sides, to 1e-10 of themselves", () => {
  const numbers = (list: readonly (readonly number[])[]): string => list.map((row) => row.join(" ")).join("\n");
  const script = `
    input <- file("stdin"); lines <- readLines(input)
    for (line in strsplit(lines, " ")) {
      v <- as.numeric(line)
      if (length(v) == 2) cat(sprintf("%.17g %.17g\\n", pgamma(v[2], v[1]), pgamma(v[2], v[1], lower.tail = FALSE)))
      else cat(sprintf("%.17g %.17g\\n", pbeta(v[3], v[1], v[2]), pbeta(v[3], v[1], v[2], lower.tail = FALSE)))
    }`;
  const given = { encoding: "utf8", input: `${numbers(gammas)}\n${numbers(betas)}\n` } as const;
  const { status, stdout, stderr } = spawnSync("Rscript", ["--vanilla", "-e", script], given);
  expect([status, stderr]).toEqual([0, ""]);
  const known = stdout
    .trim()
    .split("\n")
    .map((line) => line.split(" ").map(Number));
  const found = [...gammas.map(([a, x]) => gammaTails(a, x)), ...betas.map(([a, b, x]) => betaTails(a, b, x))];
  expect(known).toHaveLength(found.length);
  found.forEach(({ lower, upper }, at) => {
    [lower, upper].forEach((value, side) => {
      const right = known[at][side];
      const given = [...gammas, ...betas][at];
      // Where a law is steep at an end a side may be what is left of 1, and has the digits that 1 has.
      const isSteep = Math.min(...given.slice(0, -1)) < 1;
      const slack = 1e-10 * right + (isSteep ? 2e-12 : 1e-14);
      expect(Math.abs(value - right), `${given}, side ${side}`).toBeLessThan(slack);
    });
  });
});

test("both sides add up to 1, and grow and fall with x", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 1e4, noNaN: true }),
      fc.double({ min: 0.01, max: 1e4, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (a, b, u, v) => {
        const [low, high] = [Math.min(u, v), Math.max(u, v)];
        for (const tails of [(x: number) => betaTails(a, b, x), (x: number) => gammaTails(a, 3 * a * x)]) {
          const [first, second] = [tails(low), tails(high)];
          expect(first.lower + first.upper).toBeCloseTo(1, 12);
          expect(second.lower).toBeGreaterThanOrEqual(first.lower - 1e-12);
        }
      },
    ),
  );
});

test("ends: nothing below 0, all from 1 or infinity on; halves of symmetric laws", () => {
  expect(gammaTails(2, 0)).toEqual({ lower: 0, upper: 1 });
  expect(gammaTails(2, Number.POSITIVE_INFINITY)).toEqual({ lower: 1, upper: 0 });
  expect(betaTails(2, 3, 0)).toEqual({ lower: 0, upper: 1 });
  expect(betaTails(2, 3, 1)).toEqual({ lower: 1, upper: 0 });
  expect(betaTails(7, 7, 0.5).lower).toBeCloseTo(0.5, 13);
  expect(normalTails(0).lower).toBeCloseTo(0.5, 14);
  expect(normalTails(-40).upper).toBe(1);
});

import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { random } from "../../src/math/random.ts";

const rng = random(5);
const x = Array.from({ length: 50 }, () => rng.normal());
const y = x.map((value) => value + 0.5 * rng.normal());
const share = x.map(() => 0.5 + rng.uniform());
const options = { response: "y", features: ["x"], weights: "w", k: 1 } as const;
const said = (w: readonly number[], more: Record<string, unknown> = {}) => fit({ x, y, w, ...more }, options).messages;

test("weights whose sum is far from the number of rows: the fit says what BIC and standard errors make of it", () => {
  const mean = share.reduce((sum, w) => sum + w, 0) / 50;
  for (const factor of [0.01, 0.4, 3, 1000]) {
    const w = share.map((value) => (factor * value) / mean);
    const [message, ...rest] = said(w);
    expect(rest).toEqual([]);
    expect(message).toBe(
      `The weights "w" of 50 rows sum to ${50 * factor}, and BIC and standard errors are those of ${50 * factor} rows: if they are only relative, divide them by their mean, ${factor}.`,
    );
    expect(said(w.map((value) => value / factor))).toEqual([]);
  }
});

test("nothing is said of weights near the number of rows, nor of counts", () => {
  expect(said(share)).toEqual([]);
  expect(said(share.map((value) => 1.8 * value))).toEqual([]);
  expect(said(share.map((value) => Math.ceil(100 * value)))).toEqual([]);
  expect(said(share.map((_, i) => (i < 40 ? 0 : 1)))).toEqual([]);
});

test("rows without weight are none of the rows", () => {
  expect(said(share.map((value, i) => (i < 40 ? 0 : value)))).toEqual([]);
  expect(said(share.map((value, i) => (i < 25 ? 0 : 3 * value)))[0]).toContain("of 25 rows sum to");
});

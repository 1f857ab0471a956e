import { expect, test } from "vitest";
import { type AblationCell, ablation } from "../../src/experiments/ablation.ts";

const instance = await ablation.instance(4);
const cell = (factor: string, value: number): AblationCell =>
  instance.find((one) => one.factor === factor && one.value === value)!;

test("EM arrives about when λ_max predicts, and never after gradient descent", () => {
  expect(instance.length).toBe(17);
  for (const { factor, value, iterations, predicted } of instance) {
    // Gradient EM may come first: steps above 1 go beyond the M-step's own.
    const { EM, "gradient descent": descent } = iterations;
    if (EM === null) throw new Error(`${factor} ${value}: EM is not there`);
    expect(Math.abs(EM - predicted)).toBeLessThan(2 + 0.5 * predicted);
    expect(descent === null || descent >= EM).toBe(true);
  }
});

test("a setting that is the base is the same whatever factor it is a value of", () => {
  const { iterations } = cell("rows", 1000);
  for (const [factor, value] of [
    ["features", 5],
    ["gateNorm", 2],
    ["expertNorm", 2],
    ["off", 0.5],
  ] as const) {
    expect(cell(factor, value).iterations).toEqual(iterations);
  }
});

test("less signal slows EM, a steeper gate gradient descent; medians count what doesn't arrive as last", () => {
  expect(cell("expertNorm", 1).iterations.EM).toBeGreaterThan(cell("expertNorm", 4).iterations.EM!);
  const descent = (gateNorm: number) => cell("gateNorm", gateNorm).iterations["gradient descent"] ?? 300;
  expect(descent(4)).toBeGreaterThan(descent(1));
  const lost = instance.map((one) => ({ ...one, iterations: { ...one.iterations, "gradient descent": null } }));
  const { json, tables } = ablation.summary([instance, instance, lost]);
  const { rows } = json;
  expect(rows[0].iterations).toEqual(instance[0].iterations);
  expect(rows[0].arrived).toEqual({ EM: 3, "gradient EM": 3, "gradient descent": 2 });
  const none = ablation.summary([instance, lost, lost]);
  expect(none.tables[0].rows[0]).toContain("> 300 (1 arrive)");
  expect(tables[0].rows[0][4]).toBe(`${instance[0].iterations["gradient descent"]} (2 arrive)`);
});

import { expect, test } from "vitest";
import { fit, fitAsync } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import { draw } from "../support/problems.ts";

const { data } = draw({ experts: "linear", k: 2, rows: 300, features: 1, seed: 61 });
const table = { x: Array.from(data.expert.values[1]), y: Array.from(data.response) };
const options: FitOptions = { response: "y", starts: 4 };

test("the numbers are those of fit, to the bit, and so are the steps", async () => {
  const steps: [number, number, number][][] = [[], []];
  const note = (at: number): Pick<FitOptions, "onStep"> => ({
    onStep: ({ start, iteration, objective }) => steps[at].push([start, iteration, objective]),
  });
  const [one, other] = [fit(table, { ...options, ...note(0) }), await fitAsync(table, { ...options, ...note(1) })];
  expect(other.theta).toEqual(one.theta);
  expect(other.starts).toEqual(one.starts);
  expect(steps[0].length).toBeGreaterThan(20);
  expect(steps[1]).toEqual(steps[0]);
});

test("timers fire during a fit, and an abort ends it between two steps with the signal's reason", async () => {
  const controller = new AbortController();
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  let steps = 0;
  const run = fitAsync(table, {
    ...options,
    tolerance: 0,
    signal: controller.signal,
    onStep: () => {
      steps++;
      if (ticks >= 3) controller.abort(new Error("enough"));
    },
  });
  await expect(run).rejects.toThrow("enough");
  clearInterval(timer);
  expect(ticks).toBeGreaterThanOrEqual(3);
  const after = steps;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(steps).toBe(after);
});

test("a fit that does not wait can be ended by whoever hears its steps, or before its first", () => {
  const controller = new AbortController();
  let steps = 0;
  const stop = (): void => {
    if (++steps === 7) controller.abort();
  };
  expect(() => fit(table, { ...options, signal: controller.signal, onStep: stop })).toThrow(
    expect.objectContaining({ name: "AbortError" }),
  );
  expect(steps).toBe(7);
  expect(() => fit(table, { ...options, signal: AbortSignal.abort() })).toThrow(/abort/);
});

test("bad input rejects the promise", async () => {
  await expect(fitAsync(table, { response: "z" })).rejects.toThrow(
    /^Cannot read the columns: expected a column such as/,
  );
});

import { expect, onTestFinished, test } from "vitest";
import { KernelClient } from "./kernel-client.ts";
import { kinds, soak } from "./soak.ts";

const things = Number(process.env.SOAK ?? 60);
const seed = Number(process.env.PROPERTY_SEED ?? 1);

test(`${things} cells of random kinds come to what they must`, { timeout: 60_000 + 10_000 * things }, async () => {
  const kernel = await KernelClient.start();
  onTestFinished(() => kernel.close());
  const deaths: unknown[] = [];
  kernel.process.on("exit", (...how) => deaths.push(how));
  const { counts, longest, memory } = await soak(kernel, things, seed);
  expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(things);
  expect(Object.keys(counts)).toEqual(Object.keys(kinds));
  expect(deaths).toEqual([]);
  // What the first tenths load and compile stays; what later ones leave does not.
  const [half, end] = [memory[4], memory.at(-1) ?? Number.NaN];
  expect(end).toBeLessThan(1.25 * half);
  if (process.env.SOAK !== undefined)
    console.log({ seed, counts, longest, memory: memory.map((one) => Math.round(one / 2 ** 20)) });
});

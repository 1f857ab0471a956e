import { expect, test } from "vitest";
import { figure1 } from "../../src/experiments/figures/figures.ts";
import { experiment } from "../../src/experiments/runner/experiment.ts";
import type { ExperimentId } from "../../src/experiments/runner/registry.ts";
import { reproduce } from "../../src/experiments/runner/reproduce.ts";
import { run } from "../../src/experiments/runner/run.ts";

const processes = (): number => process.getActiveResourcesInfo().filter((name) => name === "ProcessWrap").length;

test("what processes find is what the instances are here, to the bit, and no process is left", async () => {
  const before = processes();
  const { json, seeds, done, total, left } = await reproduce("figure1", { instances: 1, seed: 7 });
  const here = JSON.parse(JSON.stringify(await figure1.instance(seeds[0])));
  expect(json).toEqual(figure1.summary([here]).json);
  expect([done, total, left]).toEqual([1, 1, 0]);
  await expect.poll(processes, { timeout: 10_000 }).toBe(before);
}, 120_000);

test("a signal, or a listener that stops listening, ends the processes", async () => {
  const before = processes();
  const controller = new AbortController();
  const seen: number[] = [];
  const running = reproduce("figure1", {
    signal: controller.signal,
    onProgress: () => setTimeout(() => seen.push(processes()) && controller.abort(), 50),
  });
  await expect(running).rejects.toMatchObject({ name: "AbortError" });
  expect(seen[0]).toBeGreaterThan(before);
  await expect.poll(processes, { timeout: 10_000 }).toBe(before);
  for await (const { done } of run(experiment(figure1), { workers: 1 })) if (done === 1) break;
  await expect.poll(processes, { timeout: 10_000 }).toBe(before);
}, 120_000);

test("an unknown name is refused with the known ones", async () => {
  const line = /^Cannot reproduce: expected "figure1", .*"ablation", "theorems" or "deep", got "figure9"$/;
  await expect(reproduce("figure9" as ExperimentId)).rejects.toThrow(line);
});

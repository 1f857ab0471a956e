import { onePassEm } from "../../algorithms/one-pass-em.ts";
import { sparseEm } from "../../algorithms/sparse-em.ts";
import { computing, setThreads } from "../../compute/engine.ts";
import { own } from "../../compute/own.ts";
import type { BenchProblem, BenchRow, BenchSize } from "./bench-rows.ts";

/** Steps that are timed together: in one of ten all experts are looked at. */
const STEPS = 10;

/**
 * Times steps of sparse EM with some active experts, and in turn with them steps that are dense: those of one-pass EM, the
 * cheapest that are compiled.
 *
 * @param now a clock, in milliseconds
 */
export function benchSparse(
  { model, data: given, truth }: BenchProblem,
  { active = 2, ...size }: BenchSize & { readonly active?: number },
  runs: number,
  now: () => number,
): BenchRow {
  setThreads(size.threads);
  const data = own(given);
  const [sparse, dense] = [sparseEm({ activeExperts: active, finish: false }), onePassEm()];
  let few = { theta: truth, state: sparse.init(model, truth, data) };
  const all = { theta: truth, state: dense.init(model, truth, data) };
  const takeFew = (): void => {
    const step = sparse.step(model, few.theta, few.state, data);
    if (!("failure" in step)) few = step;
  };
  takeFew();
  const times = Array.from({ length: runs }, () => {
    const began = now();
    for (let step = 0; step < STEPS; step++) takeFew();
    const between = now();
    dense.step(model, all.theta, all.state, data);
    return [(between - began) / STEPS, now() - between];
  });
  const [fewMs, denseMs] = [0, 1].map((of) => times.map((time) => time[of]).sort((a, b) => a - b));
  const { engine } = computing();
  return {
    ...{ name: "sparse", ...size, active, engine, runs, medianMs: fewMs[runs >> 1], minMs: fewMs[0] },
    denseMs: denseMs[runs >> 1],
  };
}

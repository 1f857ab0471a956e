import { afterEach, expect, test, vi } from "vitest";
import { fit, fitAsync } from "../../src/fit/fit.ts";
import { watcherName } from "../../src/text/watcher.ts";

const x = Array.from({ length: 60 }, (_, i) => 3 * Math.sin(i));
const y = x.map((value, i) => (i % 2 === 0 ? value : 2 - value) + Math.cos(7 * i));
const options = { response: "y", starts: 3, maxIterations: 30 } as const;

afterEach(() => {
  Object.assign(globalThis, { [watcherName]: undefined });
  vi.restoreAllMocks();
});

/** What is said of the work of `body`, when its clock moves on by so much each time that it is read. */
async function said(
  milliseconds: number,
  body: () => unknown,
): Promise<{ lines: string[]; begun: number; ended: number }> {
  const heard = { lines: [] as string[], begun: 0, ended: 0 };
  const watcher = () => {
    heard.begun += 1;
    const end = (): void => {
      heard.ended += 1;
    };
    return { say: (line: string) => void heard.lines.push(line), end };
  };
  Object.assign(globalThis, { [watcherName]: watcher });
  let reads = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    reads += 1;
    return milliseconds * reads;
  });
  await body();
  return heard;
}

test("a long fit says its start, its step, its log-likelihood and the time that is left, and ends that with itself", async () => {
  const { lines, begun, ended } = await said(300, () => fit({ x, y }, options));
  expect([begun, ended]).toEqual([1, 1]);
  expect(lines[0]).toMatch(
    /^fit: start 1 of 3, step \d+, log-likelihood −\d+\.\d\d; about \d+ (s|min) left for the starts$/,
  );
  expect(lines.some((line) => line.startsWith("fit: start 3 of 3, "))).toBe(true);
});

test("a short fit says nothing, nor does one that nobody watches", async () => {
  expect(await said(0.001, () => fit({ x, y }, options))).toEqual({ lines: [], begun: 0, ended: 0 });
  Object.assign(globalThis, { [watcherName]: undefined });
  expect(fit({ x, y }, options).theta).toEqual((await fitAsync({ x, y }, options)).theta);
});

test("a fit that is ended on the way ends what is said of it", async () => {
  const fails = (): never => {
    throw new Error("enough");
  };
  let steps = 0;
  const onStep = (): void => void (++steps > 20 && fails());
  const sync = await said(300, () => expect(() => fit({ x, y }, { ...options, onStep })).toThrow("enough"));
  expect([sync.begun, sync.ended]).toEqual([1, 1]);
  steps = 0;
  const later = await said(300, () => expect(fitAsync({ x, y }, { ...options, onStep })).rejects.toThrow("enough"));
  expect([later.begun, later.ended]).toEqual([1, 1]);
});

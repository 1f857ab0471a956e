import { setTimeout } from "node:timers/promises";
import { JSDOM } from "jsdom";
import { afterEach, expect, test, vi } from "vitest";
import { figure } from "../../src/display/figure.ts";
import { button, progress, select, slider } from "../../src/display/live/controls.ts";
import { liveFigure } from "../../src/display/live/live-figure.ts";
import { liveMime, placeOf, type StateMessage } from "../../src/display/live/live-state.ts";
import { paced } from "../../src/display/live/pace.ts";
import { jupyterDisplay, mimeBundle } from "../../src/display/mime.ts";
import { type CommHandlers, type Comms, hostName, type NotebookHost } from "../../src/display/notebook-host.ts";
import { drawNext } from "../../src/display/render/picture.ts";

const dot = (y: number) => figure(`a point at ${y}`, [{ x: [0], y: [y] }], {});
const scale = () => slider({ label: "scale", min: 0, max: 10, step: 0.1, value: 2 });

afterEach(() => {
  Object.assign(globalThis, { [hostName]: undefined });
  vi.useRealTimers();
});

/** A page that opens lines to what is accepted, as JupyterLab does. */
class FakePage {
  readonly #targets = new Map<string, { opened: Parameters<Comms["accept"]>[1]; ended: (() => void) | undefined }>();

  constructor() {
    const comms: Comms = {
      open: () => expect.fail("nothing is opened by the cell"),
      accept: (target, opened, ended) => {
        this.#targets.set(target, { opened, ended });
        return () => {};
      },
    };
    const host: NotebookHost = {
      comms,
      describe: (error) => `described: ${String(error)}`,
      later: () => async (code) => code(),
      hold: (work) => void work().catch(() => {}),
      draw: drawNext,
    };
    Object.assign(globalThis, { [hostName]: host });
  }

  open(id: string): { states: StateMessage[]; last: () => StateMessage["state"]; send: (value: number) => unknown } {
    const states: StateMessage[] = [];
    const comm = {
      id: "line",
      send: (data: object) => void ("state" in data && states.push(data as StateMessage)),
      close: () => {},
    };
    const handlers = this.#targets.get(id)!.opened(comm, {}) as CommHandlers;
    let count = 0;
    return {
      states,
      last: () => states.at(-1)!.state,
      send: (value) => {
        count += 1;
        return handlers.message?.({ value, count }, []);
      },
    };
  }

  end(id: string): void {
    this.#targets.get(id)!.ended?.();
  }
}

const idsOf = (bundle: Record<string, string>): string[] => bundle[liveMime].split(" ");

test("what is asked for often is done at once, then at its pace, and once after the last time", async () => {
  vi.useFakeTimers();
  let value = 0;
  const done: number[] = [];
  const act = paced(() => done.push(value), 100);
  for (value = 1; value <= 5; value++) act();
  value = 5;
  expect(done).toEqual([1]);
  await vi.advanceTimersByTimeAsync(100);
  expect(done).toEqual([1, 5]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(done).toEqual([1, 5]);
});

test("a loop that awaits nothing still acts in time", () => {
  let calls = 0;
  const act = paced(() => (calls += 1), 5);
  for (const end = performance.now() + 60; performance.now() < end; ) act();
  expect(calls).toBeGreaterThan(2);
  expect(calls).toBeLessThan(14);
});

test("a control has its value in words, and no place is taken for another's", async () => {
  const kinds = [
    scale(),
    select({ label: "experts", options: ["linear", "logistic"], value: "logistic" }),
    button({ label: "Again" }),
    progress({ label: "starts", total: 20 }),
  ];
  const bundles = await Promise.all(kinds.map(mimeBundle));
  expect(bundles.map((bundle) => bundle["text/plain"])).toEqual([
    "scale: 2 (0 to 10)",
    "experts: logistic (of 2)",
    "[Again]",
    "starts: 0 of 20",
  ]);
  const again = await mimeBundle(scale());
  const places = [...bundles, again].map(placeOf);
  expect(new Set(places).size).toBe(5);
  expect(places[4]).toBe(places[0]?.replace(/\d+$/, (n) => String(Number(n) + 1)));
});

test("what stands still says where it moves: once above a figure, and not for what nobody moves", async () => {
  const hints = (bundle: { readonly "text/html"?: string }) => bundle["text/html"]?.split("moves in JupyterLab").length;
  expect(hints(await mimeBundle(scale()))).toBe(2);
  expect(hints(await mimeBundle(liveFigure([scale(), scale()], () => dot(0))))).toBe(2);
  expect(hints(await mimeBundle(progress({ label: "starts", total: 20 })))).toBe(1);
  expect(hints(await mimeBundle(liveFigure([], () => dot(0))))).toBe(1);
});

const hostile = `</script><img src=x onerror=alert(1)><style>*{display:none}</style>"'`;

test("no label, option, note or error gets out of its control", async () => {
  const bar = progress({ label: hostile });
  bar.note = hostile;
  const failing = liveFigure([], () => Promise.reject(new Error(hostile)));
  const page = new FakePage();
  const chart = liveFigure([slider({ label: hostile, min: 0, max: 1 })], (value) => {
    if (value === 0) return dot(0);
    throw new Error(hostile);
  });
  const [control, id] = idsOf(await chart[jupyterDisplay]());
  await page.open(control).send(1);
  await expect(chart.figure()).rejects.toThrow(hostile);
  const shown = [
    slider({ label: hostile, min: 0, max: 1 })[jupyterDisplay](),
    select({ label: hostile, options: [hostile] })[jupyterDisplay](),
    button({ label: hostile })[jupyterDisplay](),
    bar[jupyterDisplay](),
  ];
  for (const bundle of shown) {
    const { document } = new JSDOM(bundle["text/html"]).window;
    expect(document.querySelectorAll("img, script, style")).toHaveLength(0);
    expect(document.body.textContent).toContain(hostile);
  }
  expect(page.open(id).last()).toEqual({ kind: "error", message: `described: Error: ${hostile}` });
  await expect(failing[jupyterDisplay]()).rejects.toThrow(hostile);
});

test("what a control cannot be is refused, with its name", () => {
  expect(() => slider({ label: "a", min: 1, max: 1 })).toThrow(
    'Cannot make the slider "a": expected min to be a number below max, got 1 and 1',
  );
  expect(() => slider({ label: "a", min: 0, max: 1, step: 0 })).toThrow("expected a step above 0 and up to 1");
  expect(() => slider({ label: "a", min: 0, max: 1, value: Number.NaN })).toThrow(
    "expected a value from 0 to 1, got NaN",
  );
  expect(() => select({ label: "b", options: [] })).toThrow("expected at least one option, got none");
  expect(() => progress({ label: "c", total: 0 })).toThrow("expected total to be a number above 0, got 0");
  const control = scale();
  expect(() => (control.value = 11)).toThrow('Cannot set the slider "scale": expected a value from 0 to 10, got 11');
  const list = select<string>({ label: "b", options: ["x"] });
  expect(() => (list.value = "y")).toThrow('Cannot set the list "b": expected one of "x", got "y"');
  expect([control.value, list.value]).toEqual([2, "x"]);
});

test("values of the page are taken in the steps of the slider, and others are not", async () => {
  const page = new FakePage();
  const control = slider({ label: "s", min: -1, max: 1, step: 0.1 });
  const line = page.open(placeOf(control[jupyterDisplay]())!);
  const got: number[] = [];
  control.onChange((value) => got.push(value));
  for (const sent of [0.30000000000000004, 1e-17, 99, Number.NaN, "0.5" as never, -0.7000000001]) await line.send(sent);
  expect(got).toEqual([0.3, 0, 1, -0.7]);
  const plain = slider({ label: "default", min: 0, max: 9 });
  await page.open(placeOf(plain[jupyterDisplay]())!).send(3.071);
  expect(plain.value).toBe(3.05);
  const list = select({ label: "l", options: ["a", "b"] });
  const choice = page.open(placeOf(list[jupyterDisplay]())!);
  for (const sent of [1, 2, -1, 0.5, "length" as never]) await choice.send(sent);
  expect(list.value).toBe("b");
});

test("all pages see a control's value, and each how many of its own messages were seen", async () => {
  const page = new FakePage();
  const control = scale();
  const id = placeOf(control[jupyterDisplay]())!;
  const [one, other] = [page.open(id), page.open(id)];
  await one.send(3);
  await one.send(4);
  await setTimeout(60);
  expect(one.states.at(-1)).toMatchObject({ seen: 2, state: { value: 4 } });
  expect(other.states.at(-1)).toMatchObject({ seen: 0, state: { value: 4 } });
  expect(page.open(id).states).toMatchObject([{ state: { value: 4 } }]);
});

test("a page is told once of each value that it sends, whether it changes anything or is kept, too", async () => {
  const page = new FakePage();
  const [kept, free] = [scale(), select({ label: "l", options: ["a", "b"] })];
  const chart = liveFigure([free], () => dot(0));
  const [freeId] = idsOf(await chart[jupyterDisplay]());
  const lines = [page.open(placeOf(kept[jupyterDisplay]())!), page.open(freeId)];
  // The second of each is the value that is there already, the last none that the control could have.
  for (const values of [
    [3, 1],
    [3, 1],
    [Number.NaN, 7],
  ]) {
    const before = lines.map(({ states }) => states.length);
    await Promise.all(lines.map((line, at) => line.send(values[at])));
    await setTimeout(100);
    expect(lines.map(({ states }, at) => states.length - before[at])).toEqual([1, 1]);
    await setTimeout(200);
  }
});

test("what a page is told with its own last count is what became of that value, never the one before it", async () => {
  const page = new FakePage();
  const control = scale();
  const line = page.open(placeOf(control[jupyterDisplay]())!);
  for (let count = 1; count <= 4; count++) {
    await line.send(count + 1);
    await setTimeout(45);
  }
  const told = (line.states as { seen: number; state: { value: number } }[]).filter(({ seen }) => seen > 0);
  expect(new Set(told.map(({ seen }) => seen))).toEqual(new Set([1, 2, 3, 4]));
  for (const { seen, state } of told) expect(state.value).toBe(seen + 1);
});

test("who stopped to listen is told no more, and one that throws does not keep others from hearing", async () => {
  const page = new FakePage();
  const control = scale();
  const line = page.open(placeOf(control[jupyterDisplay]())!);
  const heard: number[] = [];
  const stop = control.onChange(() => heard.push(-1));
  control.onChange(() => {
    throw new Error("mine");
  });
  control.onChange((value) => heard.push(value));
  await expect(line.send(5)).rejects.toThrow("mine");
  stop();
  await expect(line.send(6)).rejects.toThrow("mine");
  expect(heard).toEqual([-1, 5, 6]);
});

test("a slow drawing is followed by one of the last values, and none in between", async () => {
  const page = new FakePage();
  const control = scale();
  const drawn: number[] = [];
  const chart = liveFigure([control], async (value) => {
    drawn.push(value);
    await setTimeout(80);
    return dot(value);
  });
  const [controlId, id] = idsOf(await chart[jupyterDisplay]());
  const [line, view] = [page.open(controlId), page.open(id)];
  for (let value = 3; value <= 10; value += 0.1) {
    await line.send(value);
    await setTimeout(2);
  }
  expect((await chart.figure()).alt).toBe("a point at 10");
  expect(drawn[0]).toBe(2);
  expect(drawn.at(-1)).toBe(10);
  expect(drawn.length).toBeLessThan(40);
  await setTimeout(60);
  expect(view.last()).toMatchObject({ kind: "figure", alt: "a point at 10" });
});

test("a drawing that fails stands in the figure's place until one succeeds", async () => {
  const page = new FakePage();
  const control = scale();
  const chart = liveFigure([control], (value) => {
    if (value > 5) throw new RangeError("too much");
    return dot(value);
  });
  const [controlId, id] = idsOf(await chart[jupyterDisplay]());
  const [line, view] = [page.open(controlId), page.open(id)];
  await line.send(6);
  await expect(chart.figure()).rejects.toThrow("too much");
  await setTimeout(60);
  expect(view.last()).toEqual({ kind: "error", message: "described: RangeError: too much" });
  await line.send(4);
  expect((await chart.figure()).alt).toBe("a point at 4");
  await setTimeout(60);
  expect(view.last()).toMatchObject({ kind: "figure" });
});

test("one control moves several figures, and those whose cell ran again no more", async () => {
  const page = new FakePage();
  const control = scale();
  const counts = [0, 0];
  const charts = counts.map((_, at) =>
    liveFigure([control], (value) => {
      counts[at] += 1;
      return dot(value);
    }),
  );
  const [[controlId], [, id]] = (await Promise.all(charts.map((chart) => chart[jupyterDisplay]()))).map(idsOf);
  const line = page.open(controlId);
  await line.send(3);
  await Promise.all(charts.map((chart) => chart.figure()));
  expect(counts).toEqual([2, 2]);
  page.end(id);
  await line.send(4);
  await charts[0].figure();
  await setTimeout(60);
  expect(counts).toEqual([3, 2]);
});

test("a button rests until what it was pressed for has ended", async () => {
  const page = new FakePage();
  const pressed: number[] = [];
  const control = button({
    label: "Go",
    onClick: async (clicks) => {
      pressed.push(clicks);
      await setTimeout(100);
      if (clicks === 2) throw new Error("second");
    },
  });
  const line = page.open(placeOf(control[jupyterDisplay]())!);
  const first = line.send(0);
  await line.send(0);
  await setTimeout(50);
  expect(line.last()).toMatchObject({ isBusy: true });
  await first;
  await expect(line.send(0)).rejects.toThrow("second");
  await setTimeout(60);
  expect(line.last()).toMatchObject({ isBusy: false });
  expect([pressed, control.value]).toEqual([[1, 2], 2]);
});

test("a live figure is the picture of the present values, with its controls, where nothing lives", async () => {
  const control = scale();
  const chart = liveFigure([control], dot);
  control.value = 7;
  const bundle = await mimeBundle(chart);
  expect(bundle["text/plain"]).toBe("scale: 7 (0 to 10)\n[figure] a point at 7");
  const { document } = new JSDOM(bundle["text/html"]).window;
  expect(document.querySelector("img")!.alt).toBe("a point at 7");
  expect(idsOf(bundle)).toHaveLength(2);
});

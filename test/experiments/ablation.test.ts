import { describe, expect, test } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { gradientDescent } from "../../src/algorithms/gradient-descent.ts";
import { iterate } from "../../src/algorithms/iterate.ts";
import { ablation } from "../../src/experiments/ablation/ablation.ts";
import { type ListInstance, listInstance } from "../../src/experiments/ablation/ablation-algorithms.ts";
import { type FactorCell, factorCells } from "../../src/experiments/ablation/ablation-factors.ts";
import { type AblationSettings, arrival, drawRace, errorOf, fewest } from "../../src/experiments/figures/arrival.ts";

const { base, weak } = ablation.settings as Readonly<Record<"base" | "weak", AblationSettings>>;
const cells = factorCells(base, 4);
// On fewer rows, so that all of it is seen in seconds.
const few: AblationSettings = { ...weak, rows: 250, gateNorm: 2, expertNorm: 2 };
const list = listInstance(few, 4);
const instance = { list, cells };
const cell = (factor: string, value: number): FactorCell =>
  cells.find((one) => one.factor === factor && one.value === value)!;

describe("a race", () => {
  const race = drawRace(few, 4);
  const { model, data, start } = race;

  test("ends at the first iterate within 0.01 of the limit, which is EM's own", () => {
    const path = [...iterate(em(), model, start, data, { tolerance: 0, maxIterations: 200 })];
    const first = path.findIndex(({ theta }) => errorOf(race, theta) < 0.01);
    expect(arrival(em(), race, 1000)).toBe(first);
    expect(arrival(em(), race, first)).toBe(first);
    expect(arrival(em(), race, first - 1)).toBe("late");
    expect(errorOf(race, path[path.length - 1].theta)).toBeLessThan(1e-8);
  });

  test("of gradient descent near the limit is lost with steps 2% above 2 divided by the largest curvature only", () => {
    const near = { ...race, start: race.limit.map((value, j) => value + (j % 2 === 0 ? 1e-3 : -1e-3)) };
    const end = (stepSize: number): number => {
      const path = [
        ...iterate(gradientDescent({ stepSize }), model, near.start, data, { tolerance: 0, maxIterations: 2000 }),
      ];
      return errorOf(race, path[path.length - 1].theta) / errorOf(race, near.start);
    };
    expect(end(0.98 * list.longestStep)).toBeLessThan(1e-3);
    expect(end(1.02 * list.longestStep)).toBeGreaterThan(1);
  });

  test("diverges with a step that is far too long, and the fewest of some step sizes is the least of all", () => {
    expect(arrival(gradientDescent({ stepSize: 1000 }), race, 100)).toBe("diverges");
    const sizes = [0.5, 1000, 0.1, 1];
    const counts = sizes.map((stepSize) => arrival(gradientDescent({ stepSize }), race, 3000));
    const least = Math.min(...counts.filter((count) => typeof count === "number"));
    const best = fewest((stepSize) => gradientDescent({ stepSize }), sizes, race, 3000);
    expect(best).toEqual({ iterations: least, stepSize: sizes[counts.indexOf(least)] });
    expect(fewest((stepSize) => gradientDescent({ stepSize }), [1000], race, 100)).toBeNull();
  });
});

describe("the paper's list", () => {
  test("has no step that diverges here: short ones need iterations in proportion to 1/γ, to 5%", () => {
    const [long, short] = [list.arrivals["gradient-descent-0.1"], list.arrivals["gradient-descent-0.01"]];
    expect(Math.abs(Number(short) / Number(long) / 10 - 1)).toBeLessThan(0.05);
    expect(list.arrivals["gradient-descent-0.001"]).toBe("late");
    expect(list.longestStep).toBeGreaterThan(0.1);
  });

  test("is printed beside ours; claims are borne out by differences, and the divergence by what diverges", () => {
    const more = (extra: number, arrivals: Partial<ListInstance["arrivals"]> = {}): typeof instance => ({
      cells,
      list: { ...list, arrivals: { ...list.arrivals, em: 30 + extra, "warm-restarts": 20 + extra, ...arrivals } },
    });
    const { json, tables } = ablation.summary([more(0), more(1), more(2, { "gradient-descent-0.01": "diverges" })]);
    expect(json.list[0]).toEqual({
      ...{ algorithm: "em", published: 45, arrived: 3, diverged: 0 },
      iterations: { median: 31, fewest: 30, most: 32 },
    });
    expect(json.claims[0]).toEqual({
      ...{ fewer: "warm-restarts", more: "em", published: 7 },
      ...{ mean: 10, error: 0, verdict: "holds" },
    });
    const [listed, claims] = tables;
    expect(listed.rows.map(([, published]) => published)).toEqual(["45", "120", "diverges", "350", "85", "38"]);
    expect(listed.rows[2].at(-1)).toBe("2 of 3, 1 diverge");
    expect(claims.rows.at(-1)?.slice(2)).toEqual(["1 of 3 diverge", null, "holds of some"]);
    const swapped = ablation.summary([more(0, { "warm-restarts": 60 }), more(0, { "warm-restarts": 61 })]);
    expect(swapped.json.claims[0].verdict).toBe("the other way round");
  });
});

test("EM arrives about when λₘₐₓ predicts, and never after gradient descent", () => {
  expect(cells.length).toBe(17);
  for (const { factor, value, iterations, predicted } of cells) {
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
  const lost = {
    list,
    cells: cells.map((one) => ({ ...one, iterations: { ...one.iterations, "gradient descent": null } })),
  };
  const { json, tables } = ablation.summary([instance, instance, lost]);
  const { rows } = json;
  expect(rows[0].iterations).toEqual(cells[0].iterations);
  expect(rows[0].arrived).toEqual({ EM: 3, "gradient EM": 3, "gradient descent": 2 });
  const none = ablation.summary([instance, lost, lost]);
  expect(none.tables[2].rows[0]).toContain("> 300 (1 arrive)");
  expect(tables[2].rows[0][4]).toBe(`${cells[0].iterations["gradient descent"]} (2 arrive)`);
});

import { expect, test } from "vitest";
import { type HeatMapOptions, heatMap } from "../../src/display/heat-map.ts";
import { mimeBundle } from "../../src/display/mime.ts";

const options: HeatMapOptions = {
  title: "Plane",
  x: { title: "x", from: 0, to: 2 },
  y: { title: "y", from: 10, to: 30 },
  value: "value",
  points: 3,
};

const trace = (value: (x: number, y: number) => number, more: Partial<HeatMapOptions> = {}, at = 0) =>
  JSON.parse(JSON.stringify(heatMap(value, { ...options, ...more }).data[at]));

test("the value is found at each place of the plane, and what is not finite is a gap", () => {
  const { x, y, z } = trace((a, b) => (a === 2 && b === 30 ? 1 / 0 : 100 * a + b));
  expect({ x, y }).toEqual({ x: [0, 1, 2], y: [10, 20, 30] });
  expect(z).toEqual([
    [10, 110, 210],
    [20, 120, 220],
    [30, 130, null],
  ]);
});

test("colours change at round values, and part at the level, which is a line of its own", () => {
  expect(trace((a) => a).contours).toMatchObject({ start: 0, size: 0.2, end: 2 });
  const more = { level: 1.03, range: [0.93, 1.23] } as const;
  const { contours, zmin, zmax } = trace((a) => a, more);
  expect((1.03 - contours.start) / contours.size).toBeCloseTo(5, 9);
  expect([zmin, zmax].map((end) => end.toFixed(9))).toEqual(["0.830000000", "1.230000000"]);
  expect(trace((a) => a, more, 1)).toMatchObject({ name: "value = 1.03", contours: { start: 1.03, end: 1.03 } });
});

test("a colour bar says where the colours are clipped, and is plotly's own where they are not", () => {
  const axis = { title: "a", from: 0, to: 10 };
  const bar = (range?: [number, number], level?: number) => {
    const more = { ...(range && { range }), ...(level !== undefined && { level }) };
    const { data } = heatMap((x) => x, { title: "t", x: axis, y: axis, value: "v", ...more });
    return (data[0] as { colorbar: { ticktext?: string[]; tickvals?: number[] } }).colorbar;
  };
  expect(bar().ticktext).toBeUndefined();
  expect(bar([0, 10]).ticktext).toBeUndefined();
  expect(bar([0, 4]).ticktext?.at(-1)).toBe("≥ 4");
  expect(bar([0, 4]).ticktext?.[0]).toBe("0");
  expect(bar([2, 8]).ticktext).toEqual(["≤ 2", expect.any(String), ...bar([2, 8]).ticktext!.slice(2, -1), "≥ 8"]);
  expect(bar([2, 8], 5).tickvals).toContain(5);
});

test("a curve is a path on the plane, and marks are points of it", () => {
  const curves = [{ name: "EM", x: Float64Array.of(0, 1), y: Float64Array.of(10, 20) }];
  const marks = [{ name: "maximum", x: [1], y: [20] }];
  expect(trace((a) => a, { curves }, 1)).toMatchObject({ mode: "lines+markers", x: [0, 1], y: [10, 20] });
  expect(trace((a) => a, { curves, marks }, 2)).toMatchObject({ mode: "markers", x: [1], y: [20] });
  expect(heatMap((a) => a, { ...options, curves, marks }).alt).toBe("Plane: value from 0 to 2; EM; maximum.");
});

test("a plane without change is drawn, and names are shown to the letter", async () => {
  const { "text/html": html } = await mimeBundle(heatMap(() => 1, { ...options, value: "<b>", level: 2 }));
  expect(html).not.toContain("no static picture");
  expect(html).not.toMatch(/<b>/);
});

test("what cannot be drawn is refused", () => {
  const drawn = (more: Partial<HeatMapOptions>) => () => heatMap((x) => x, { ...options, ...more });
  expect(drawn({ points: 1 })).toThrow("expected points to be a whole number from 2 on, got 1");
  expect(drawn({ x: { title: "x", from: 1, to: 1 } })).toThrow(
    'expected "x" to rise from a number to another, got 1 to 1',
  );
  expect(drawn({ range: [1, 0] })).toThrow("expected a range that rises, got 1 to 0");
  expect(drawn({ range: [0, 1], level: 1 })).toThrow("expected a range with the level 1 in it, got 0 to 1");
  expect(() => heatMap(() => Number.NaN, options)).toThrow("expected a finite value somewhere, got none");
});

test("a picture keeps coordinates to a hundredth of a pixel, and the live chart nine digits", async () => {
  const { "text/html": html } = await mimeBundle(
    heatMap((x) => x, { ...options, x: { title: "x", from: 0, to: 2 / 3 } }),
  );
  const svg = Buffer.from(/base64,([^"]*)/.exec(html)![1], "base64").toString();
  expect(svg).not.toMatch(/ (d|transform|x|y)="[^"]*\.\d{3}/);
  expect(html).toContain('"x":[0,0.333333333,0.666666667]');
});

import { type Change, type Columns, LAWS } from "./metamorphic.ts";

// Changes of a problem that must not matter, or matter in one way.

const all = (columns: Columns, of: (cells: (number | string)[], name: string) => (number | string)[]): Columns =>
  Object.fromEntries(Object.entries(columns).map(([name, cells]) => [name, of(cells, name)]));
export const changed = (columns: Columns, name: string, of: (cell: number) => number | string): Columns => ({
  ...columns,
  [name]: columns[name].map((cell) => of(Number(cell))),
});
export const added = (columns: Columns, name: string, of: (row: number) => number): Columns => ({
  ...columns,
  [name]: columns.y.map((_, row) => of(row)),
});

const isSlope = (name: string): boolean => name.endsWith(".x");
const isScale = (name: string): boolean => /log\(sigma\)$/.test(name);
const isGate = (name: string): boolean => name.startsWith("gate");
const isIntercept = (name: string): boolean => name.endsWith("(intercept)");
const slopeBeside = (name: string, theta: ReadonlyMap<string, number>): number =>
  theta.get(name.replace("(intercept)", "x")) ?? 0;

/** Laws whose rows are units of their own here. */
const BY_ROW = LAWS.filter((law) => law !== "logistic");

/** The row that comes to a place where the first rows of all groups of eight come first, then the second ones, and so on. */
function apart(row: number, rows: number): number {
  const groups = rows / 8;
  return (row % groups) * 8 + Math.floor(row / groups);
}

export const changes: readonly Change[] = [
  {
    name: "rows in reverse order",
    of: (columns) => all(columns, (cells) => cells.toReversed()),
    rowOf: (row, rows) => rows - 1 - row,
  },
  { name: "columns in another order", of: (columns) => columns, options: { features: ["f", "v", "x"] } },
  {
    name: "a feature in other units",
    of: (columns) => changed(columns, "x", (x) => 30 * x),
    theta: (value, name) => (isSlope(name) ? value / 30 : value),
    error: (value, name) => (isSlope(name) ? value / 30 : value),
  },
  {
    name: "a feature from another zero",
    of: (columns) => changed(columns, "x", (x) => x - 2),
    theta: (value, name, theta) => (isIntercept(name) ? value + 2 * slopeBeside(name, theta) : value),
    error: (value, name) => (isIntercept(name) ? Number.NaN : value),
  },
  {
    name: "a response in other units",
    laws: ["linear", "student-t"],
    of: (columns) => changed(columns, "y", (y) => 4 * y + 7),
    logLikelihood: (value, rows) => value - rows * Math.log(4),
    theta: (value, name) =>
      isGate(name) ? value : isScale(name) ? value + Math.log(4) : 4 * value + (isIntercept(name) ? 7 : 0),
    error: (value, name) => (isGate(name) || isScale(name) ? value : 4 * value),
    response: (value) => 4 * value + 7,
  },
  {
    name: "a response above 0 in other units",
    laws: ["gamma"],
    of: (columns) => changed(columns, "y", (y) => 4 * y),
    logLikelihood: (value, rows) => value - rows * Math.log(4),
    theta: (value, name) => (!isGate(name) && isIntercept(name) ? value + Math.log(4) : value),
    response: (value) => 4 * value,
  },
  {
    name: "every row twice",
    laws: BY_ROW,
    of: (columns) => all(columns, (cells) => [...cells, ...cells]),
    copies: 2,
  },
  {
    name: "weights of 2",
    of: (columns) => added(columns, "u", () => 2),
    options: { weights: "u" },
    copies: 2,
  },
  {
    name: "the first row in two halves",
    laws: BY_ROW,
    of: (columns) =>
      added(
        all(columns, (cells) => [...cells, cells[0]]),
        "u",
        (row) => (row === 0 || row === columns.y.length ? 0.5 : 1),
      ),
    options: { weights: "u" },
  },
  {
    name: "a row of weight 0 at the end",
    laws: BY_ROW,
    of: (columns) =>
      added(
        all(columns, (cells, name) => [...cells, name === "x" ? 50 : cells[1]]),
        "u",
        (row) => (row < columns.y.length ? 1 : 0),
      ),
    options: { weights: "u" },
  },
  {
    name: "groups of a row each",
    laws: BY_ROW,
    of: (columns) => added(columns, "g", (row) => row),
    options: { group: "g" },
  },
  {
    name: "the rows of each group apart",
    laws: ["logistic"],
    of: (columns) => all(columns, (cells) => cells.map((_, row) => cells[apart(row, cells.length)])),
    rowOf: apart,
  },
  {
    name: "the first group in two, of which one weighs nothing",
    laws: ["logistic"],
    of: (columns) =>
      added(
        all(columns, (cells, name) => [...cells, ...cells.slice(0, 8).map((cell) => (name === "q" ? "other" : cell))]),
        "u",
        (row) => (row < columns.y.length ? 1 : 0),
      ),
    options: { weights: "u" },
  },
  {
    name: "another level of the factor first",
    of: (columns) => ({ ...columns, f: columns.f.map((level) => ({ a: "z", b: "b", c: "c" })[String(level)] ?? "") }),
    isRecoded: true,
  },
  {
    name: "experts in the other order",
    of: (columns) => columns,
    options: { startColumns: ["r2", "r1"] },
    isExchanged: true,
    theta: (value, name) => (isGate(name) ? -value : value),
  },
  {
    name: "an offset along a feature",
    laws: LAWS.filter((law) => law !== "logistic"),
    of: (columns) => added(columns, "o", (row) => 0.7 * Number(columns.x[row])),
    options: { offset: "o" },
    theta: (value, name) => (isSlope(name) && !isGate(name) ? value - 0.7 : value),
  },
  {
    name: "an offset far from 0",
    laws: LAWS.filter((law) => law !== "logistic"),
    of: (columns) => added(columns, "o", () => -60),
    options: { offset: "o" },
    theta: (value, name) => (isIntercept(name) && !isGate(name) ? value + 60 : value),
  },
  {
    name: "failures in place of successes",
    laws: ["binomial"],
    of: (columns) => changed(columns, "y", (y) => 8 - y),
    theta: (value, name) => (isGate(name) ? value : -value),
    response: (value) => 8 - value,
  },
  {
    name: "another label first",
    laws: ["logistic"],
    of: (columns) => ({ ...columns, y: columns.y.map((label) => (label === "above" ? "upper" : label)) }),
    isRecoded: true,
    labelOf: (label, labels) => (label + labels - 1) % labels,
  },
  {
    name: "a factor's columns made by hand",
    of: (columns) =>
      added(
        added(columns, "fb", (row) => Number(columns.f[row] === "b")),
        "fc",
        (row) => Number(columns.f[row] === "c"),
      ),
    options: { features: ["x", "v", "fb", "fc"] },
  },
  {
    name: "features turned",
    of: (columns) =>
      added(
        added(columns, "sum", (row) => Number(columns.x[row]) + Number(columns.v[row])),
        "difference",
        (row) => Number(columns.x[row]) - 2 * Number(columns.v[row]),
      ),
    options: { features: ["sum", "difference", "f"] },
    isRecoded: true,
  },
  {
    name: "columns standardised on the way",
    of: (columns) => columns,
    options: { scale: true },
  },
  {
    name: "weights of a third",
    of: (columns) => added(columns, "u", () => 1 / 3),
    options: { weights: "u" },
    copies: 1 / 3,
  },
];

import { expect, test } from "vitest";
import { History } from "../../src/jupyter/protocol/history.ts";

const cells = ["fit(rows)", "const x = 1;\nx + 1", "fit(more)", "fit(rows)", ""];
const history = new History();
cells.forEach((code, at) => void history.add(at + 1, code));

/** The numbers of the cells that are like a pattern. */
function like(pattern: string, unique: boolean = false): number[] {
  const { history: found } = history.answer({ hist_access_type: "search", pattern, unique });
  return (found as [number, number, string][]).map(([, line]) => line);
}

test.each([
  ["*", [1, 2, 3, 4, 5]],
  ["", [5]],
  ["fit*", [1, 3, 4]],
  ["*x*", [2]],
  ["f?t(*s)", [1, 4]],
  ["*(*)", [1, 3, 4]],
  ["fit(rows", []],
  ["fit(rows)?", []],
  ["**fit(**rows***)**", [1, 4]],
  ["[f]it*", []],
  [".*", []],
])("cells like %j are found", (pattern, lines) => {
  expect(like(pattern)).toEqual(lines);
});

test("of cells that are the same the last alone is told, where that is asked for", () => {
  expect(like("fit*", true)).toEqual([3, 4]);
});

test("no pattern keeps the kernel from its work", () => {
  history.add(6, "a".repeat(5000));
  expect(like(`${"*a".repeat(2000)}*b`)).toEqual([]);
  expect(like(`${"*".repeat(5000)}x`)).toEqual([]);
  expect(like(`${"*".repeat(5000)}a`)).toEqual([6]);
});

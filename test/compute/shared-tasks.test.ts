import { beforeEach, describe, expect, test } from "vitest";
import { sharedTasks } from "../../src/compute/shared-tasks.ts";
import type { Journal } from "../../src/files/journal.ts";

// Tasks whose results are noted, ended at one of them, and gone on with.
const tasks = { count: 12, width: 2, job: null, program: "none" };
const result = (task: number): number[] => [task / 3, Number.NaN];
const wanted = Float64Array.from(Array.from({ length: 12 }, (_, task) => result(task)).flat());

let notes: unknown[];
let computed: number[];
beforeEach(() => {
  notes = [];
  computed = [];
});

function journal(isDue: () => boolean): Journal {
  return {
    file: "f",
    notes: [],
    past: structuredClone(notes),
    isDue,
    note: (value) => void notes.push(structuredClone(value)),
  };
}

/** Computes the tasks until one throws. */
function run(ending: number, isDue: () => boolean, count: number = tasks.count): Float64Array {
  const compute = (task: number): number[] => {
    if (task === ending) throw new Error("ended");
    computed.push(task);
    return result(task);
  };
  return sharedTasks({ ...tasks, count }, 1, compute, journal(isDue));
}

describe("results that are noted are not computed again:", () => {
  test("each where each is due, and all that are done where it seldom is", () => {
    expect(() => run(7, () => true)).toThrow("ended");
    expect(run(-1, () => false)).toEqual(wanted);
    expect(computed).toEqual(Array.from({ length: 12 }, (_, task) => task));
    expect(run(0, () => true)).toEqual(wanted);
    expect(notes).toHaveLength(8);
  });

  test("what was not noted in time is computed again, to the same numbers", () => {
    let looks = 0;
    expect(() => run(7, () => ++looks % 3 === 0)).toThrow("ended");
    expect(run(-1, () => true)).toEqual(wanted);
    expect(computed).toEqual([0, 1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 10, 11]);
  });

  test("fewer of them, and more", () => {
    run(-1, () => true, 6);
    expect(run(0, () => true, 4)).toEqual(wanted.slice(0, 8));
    expect(run(-1, () => true)).toEqual(wanted);
    expect(computed).toHaveLength(12);
  });
});

test.each([[{}], [null], [{ tasks: Int32Array.of(1), found: new Float64Array(1) }], [{ tasks: [1], found: [1, 2] }]])(
  "notes of other tasks are refused: %j",
  (note) => {
    notes.push(note);
    expect(() => run(-1, () => true)).toThrow('Cannot go on from "f": expected results of these tasks');
  },
);

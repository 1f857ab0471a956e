import { expect, test } from "vitest";
import { random } from "../../src/math/random.ts";

const numbers = (seed: number, stream?: number): number[] => {
  const rng = random(seed, stream);
  return Array.from({ length: 5 }, () => rng.uniform());
};

test("a stream is the same whichever were asked for, and read from, before", () => {
  const orders = [
    [0, 1, 2, 7],
    [7, 2, 1, 0],
    [2, 2, 7, 7, 0, 1],
  ];
  const found = orders.map((order) => new Map(order.map((stream) => [stream, numbers(5, stream)])));
  for (const stream of [0, 1, 2, 7]) {
    numbers(stream, 3);
    expect(found.map((each) => each.get(stream))).toEqual(found.map(() => numbers(5, stream)));
  }
  expect(numbers(5)).toEqual(numbers(5, 0));
  expect(new Set([0, 1, 2, 7].map((stream) => numbers(5, stream).join())).size).toBe(4);
  expect(numbers(6, 7)).not.toEqual(numbers(5, 7));
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Matrix, type Products, plainProducts } from "../../src/compute/picked-products.ts";
import { singleProducts } from "../../src/compute/single-products.ts";
import { random } from "../../src/math/random.ts";
import { deviation } from "../support/differences.ts";

/** The numbers of a matrix that are its own. */
function own({ values, columns, width }: Matrix): number[] {
  return Array.from(values).filter((_, at) => at % width < columns);
}

/** All three products of matrices that a seed draws, of so many rows, inputs and outputs. */
function found(products: Products, seed: number, rows: number, inputs: number, outputs: number): number[][] {
  const rng = random(seed);
  const first = Math.floor(rows / 3);
  products.open(64 * (rows + inputs + 2) * (inputs + outputs + 8));
  const filled = (count: number, columns: number): Matrix => {
    const matrix = products.matrix(count, columns);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < columns; j++) matrix.values[i * matrix.width + j] = rng.normal();
    }
    return matrix;
  };
  const [x, weights] = [filled(rows, inputs), filled(1 + inputs, outputs)];
  const [slopes, sums] = [filled(rows, outputs), filled(1 + inputs, outputs)];
  const into = filled(rows, inputs);
  const out = products.matrix(rows, outputs);
  const index = products.index(rows);
  for (let i = 0; i < rows; i++) index[i] = rows - 1 - i;
  products.apply(x, index, weights, out, first, rows);
  products.addOuter(x, index, slopes, sums, first, rows);
  products.addBack(slopes, index, weights, into, first, rows);
  return [out, sums, into].map(own);
}

const size = fc.integer({ min: 1, max: 21 });

test("the kernel's products have the bits of the plain code in single precision, and its numbers in double to 1e-5", () => {
  fc.assert(
    fc.property(fc.integer(), size, size, size, (seed, rows, inputs, outputs) => {
      const kernel = found(singleProducts(), seed, rows, inputs, outputs);
      expect(kernel).toEqual(found(plainProducts("single"), seed, rows, inputs, outputs));
      const exact = found(plainProducts("double"), seed, rows, inputs, outputs);
      kernel.forEach((values, at) => {
        expect(deviation(values, exact[at])).toBeLessThan(1e-4);
      });
    }),
  );
});

test("the plain products are sums by definition", () => {
  const products = plainProducts("double");
  const matrix = (values: number[], columns: number): Matrix => ({
    values: Float64Array.from(values),
    columns,
    width: columns,
  });
  const [x, weights] = [matrix([1, 2, 3, 4], 2), matrix([10, 20, 1, -1, 0.5, 2], 2)];
  const out = products.matrix(2, 2);
  products.apply(x, Int32Array.of(1, 0), weights, out, 0, 2);
  // Row (3, 4): 10 + 3 + 2 and 20 − 3 + 8; row (1, 2): 10 + 1 + 1 and 20 − 1 + 4.
  expect(own(out)).toEqual([15, 25, 12, 23]);
  const sums = products.matrix(3, 2);
  products.addOuter(x, Int32Array.of(1, 0), matrix([1, 0, 0, 2], 2), sums, 0, 2);
  expect(own(sums)).toEqual([1, 2, 3, 2, 4, 4]);
  const into = products.matrix(2, 2);
  products.addBack(matrix([1, 0, 0, 2], 2), Int32Array.of(1, 0), weights, into, 0, 2);
  expect(own(into)).toEqual([-2, 4, 1, 0.5]);
});

test("a product beyond the room that was opened fails, and writes nowhere else", () => {
  const products = singleProducts();
  products.open(1000);
  expect(() => products.matrix(2 ** 15, 2 ** 12)).toThrow(RangeError);
});

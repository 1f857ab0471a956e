import { apply1x1, apply1x2, apply4x1, apply4x2, outer1x1, outer1x2, outer4x1, outer4x2 } from "./picked-tiles";

// Products of matrices whose rows are picked by number. Every product and every sum is rounded once: no fused
// operations, so that the bits are the same on every machine, and those of the plain code.

/** Row number i of an index; of none, i itself. */
// @ts-ignore: decorator
@inline
function picked(index: usize, i: i32): usize {
  return <usize>(index === 0 ? i : load<i32>(index + (<usize>i << 2)));
}

/**
 * Rows of out: the intercept, or what was there, and a picked row of x times w. Strides in bytes, those of w and out
 * whole vectors.
 */
export function apply(
  x: usize,
  xStride: usize,
  xIndex: usize,
  inputs: i32,
  w: usize,
  stride: usize,
  intercept: usize,
  out: usize,
  outIndex: usize,
  count: i32,
): void {
  const bytes = <usize>inputs << 2;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x0 = x + picked(xIndex, i) * xStride;
    const x1 = x + picked(xIndex, i + 1) * xStride;
    const x2 = x + picked(xIndex, i + 2) * xStride;
    const x3 = x + picked(xIndex, i + 3) * xStride;
    const o0 = out + picked(outIndex, i) * stride;
    const o1 = out + picked(outIndex, i + 1) * stride;
    const o2 = out + picked(outIndex, i + 2) * stride;
    const o3 = out + picked(outIndex, i + 3) * stride;
    let j: usize = 0;
    for (; j + 32 <= stride; j += 32) {
      apply4x2(x0, x1, x2, x3, o0 + j, o1 + j, o2 + j, o3 + j, w + j, stride, bytes, intercept === 0 ? 0 : intercept + j);
    }
    if (j < stride) {
      apply4x1(x0, x1, x2, x3, o0 + j, o1 + j, o2 + j, o3 + j, w + j, stride, bytes, intercept === 0 ? 0 : intercept + j);
    }
  }
  for (; i < count; i++) {
    const x0 = x + picked(xIndex, i) * xStride;
    const o0 = out + picked(outIndex, i) * stride;
    let j: usize = 0;
    for (; j + 32 <= stride; j += 32) {
      apply1x2(x0, o0 + j, w + j, stride, bytes, intercept === 0 ? 0 : intercept + j);
    }
    if (j < stride) apply1x1(x0, o0 + j, w + j, stride, bytes, intercept === 0 ? 0 : intercept + j);
  }
}

/** Added to sums, inputs × columns: the picked rows of x, transposed, times the slopes. */
export function outer(
  x: usize,
  xStride: usize,
  xIndex: usize,
  inputs: i32,
  slopes: usize,
  stride: usize,
  sums: usize,
  count: i32,
): void {
  let p = 0;
  for (; p + 4 <= inputs; p += 4, x += 16, sums += 4 * stride) {
    let j: usize = 0;
    for (; j + 32 <= stride; j += 32) outer4x2(x, xStride, xIndex, slopes + j, stride, sums + j, count);
    if (j < stride) outer4x1(x, xStride, xIndex, slopes + j, stride, sums + j, count);
  }
  for (; p < inputs; p++, x += 4, sums += stride) {
    let j: usize = 0;
    for (; j + 32 <= stride; j += 32) outer1x2(x, xStride, xIndex, slopes + j, stride, sums + j, count);
    if (j < stride) outer1x1(x, xStride, xIndex, slopes + j, stride, sums + j, count);
  }
}

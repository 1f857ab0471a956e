// Four numbers in single precision at a time.

/** a·b + c: rounded once in the relaxed build, twice otherwise. */
// @ts-ignore: decorator
@inline
export function maddSingle(a: v128, b: v128, c: v128): v128 {
  if (RELAXED) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Sums of four lanes in two, with all digits from here on. */
// @ts-ignore: decorator
@inline
export function widened(sums: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(sums), f64x2.promote_low_f32x4(v128.shuffle<i64>(sums, sums, 1, 1)));
}

/** So many bytes of numbers in single precision, in half as many. */
export function narrowed(from: usize, to: usize, bytes: usize): void {
  for (const end = from + bytes; from < end; from += 32, to += 16) {
    const a = f32x4.demote_f64x2_zero(v128.load(from));
    const b = f32x4.demote_f64x2_zero(v128.load(from, 16));
    v128.store(to, v128.shuffle<i64>(a, b, 0, 2));
  }
}

/** c − a·b */
// @ts-ignore: decorator
@inline
function nmaddSingle(a: v128, b: v128, c: v128): v128 {
  if (RELAXED) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

// Constants are loaded from memory where they are used, as in vector.ts. ln 2 is in two parts, the first short enough for
// its multiples to be exact.
const EXP = memory.data<f32>([
  -87.0, 1.44269504088896341, 12582912.0, 0.693359375, -2.1219444e-4,
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1.0,
]);

// @ts-ignore: decorator
@inline
function constant(at: usize): v128 {
  return v128.load32_splat(EXP + (at << 2));
}

/**
 * exp of numbers up to 88, within 2 ulp; below −87, where results are nearly denormal, 0.
 *
 * x = n ln 2 + r, a polynomial of degree 7 in r, and n added to the exponent.
 *
 * @remarks the coefficients of Cephes' expf.c
 */
// @ts-ignore: decorator
@inline
export function expSingle(x: v128): v128 {
  const low = constant(0);
  const bounded = f32x4.pmax(x, low);
  // Rounded to a whole number, n stands in the last bits.
  const round = constant(2);
  const m = maddSingle(bounded, constant(1), round);
  const n = f32x4.sub(m, round);
  const r = nmaddSingle(n, constant(4), nmaddSingle(n, constant(3), bounded));
  let p = maddSingle(r, constant(5), constant(6));
  p = maddSingle(r, p, constant(7));
  p = maddSingle(r, p, constant(8));
  p = maddSingle(r, p, constant(9));
  p = maddSingle(r, p, constant(10));
  p = f32x4.add(maddSingle(f32x4.mul(r, r), p, r), constant(11));
  return v128.andnot(i32x4.add(p, i32x4.shl(m, 23)), f32x4.lt(x, low));
}

const LOG = memory.data<f32>([
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1, 1.0, 0.5, -2.1219444e-4, 0.693359375,
]);

// @ts-ignore: decorator
@inline
function logConstant(at: usize): v128 {
  return v128.load32_splat(LOG + (at << 2));
}

/**
 * log of a normal positive number, within 2 ulp: x = 2ⁿ(1 + f) and a polynomial in f.
 *
 * @remarks the coefficients of Cephes' logf.c
 */
// @ts-ignore: decorator
@inline
export function logSingle(x: v128): v128 {
  // 1 + f from √½ to √2.
  const shifted = i32x4.add(x, i32x4.splat(0x3f800000 - 0x3f3504f3));
  const n = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(shifted, 23), i32x4.splat(127)));
  const m = i32x4.add(v128.and(shifted, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const f = f32x4.sub(m, logConstant(9));
  const square = f32x4.mul(f, f);
  let p = maddSingle(f, logConstant(0), logConstant(1));
  p = maddSingle(f, p, logConstant(2));
  p = maddSingle(f, p, logConstant(3));
  p = maddSingle(f, p, logConstant(4));
  p = maddSingle(f, p, logConstant(5));
  p = maddSingle(f, p, logConstant(6));
  p = maddSingle(f, p, logConstant(7));
  p = maddSingle(f, p, logConstant(8));
  p = f32x4.mul(f32x4.mul(p, f), square);
  p = maddSingle(n, logConstant(11), p);
  p = nmaddSingle(square, logConstant(10), p);
  return maddSingle(n, logConstant(12), f32x4.add(f, p));
}

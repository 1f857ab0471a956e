// Four numbers in single precision at a time.

/** a·b + c: rounded once in the relaxed build, twice otherwise. */
// @ts-ignore: decorator
@inline
export function maddSingle(a: v128, b: v128, c: v128): v128 {
  if (RELAXED) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c − a·b */
// @ts-ignore: decorator
@inline
function nmaddSingle(a: v128, b: v128, c: v128): v128 {
  if (RELAXED) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

// ln 2 in two parts, the first short enough for its multiples to be exact.
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;

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
  const low = f32x4.splat(-87.0);
  const bounded = f32x4.pmax(x, low);
  const n = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(1.44269504088896341)));
  const r = nmaddSingle(n, f32x4.splat(LN2_LOW), nmaddSingle(n, f32x4.splat(LN2_HIGH), bounded));
  let p = maddSingle(r, f32x4.splat(1.9875691500e-4), f32x4.splat(1.3981999507e-3));
  p = maddSingle(r, p, f32x4.splat(8.3334519073e-3));
  p = maddSingle(r, p, f32x4.splat(4.1665795894e-2));
  p = maddSingle(r, p, f32x4.splat(1.6666665459e-1));
  p = maddSingle(r, p, f32x4.splat(5.0000001201e-1));
  p = f32x4.add(maddSingle(f32x4.mul(r, r), p, r), f32x4.splat(1.0));
  p = i32x4.add(p, i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 23));
  return v128.andnot(p, f32x4.lt(x, low));
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
  const f = f32x4.sub(m, f32x4.splat(1.0));
  const square = f32x4.mul(f, f);
  let p = maddSingle(f, f32x4.splat(7.0376836292e-2), f32x4.splat(-1.1514610310e-1));
  p = maddSingle(f, p, f32x4.splat(1.1676998740e-1));
  p = maddSingle(f, p, f32x4.splat(-1.2420140846e-1));
  p = maddSingle(f, p, f32x4.splat(1.4249322787e-1));
  p = maddSingle(f, p, f32x4.splat(-1.6668057665e-1));
  p = maddSingle(f, p, f32x4.splat(2.0000714765e-1));
  p = maddSingle(f, p, f32x4.splat(-2.4999993993e-1));
  p = maddSingle(f, p, f32x4.splat(3.3333331174e-1));
  p = f32x4.mul(f32x4.mul(p, f), square);
  p = maddSingle(n, f32x4.splat(LN2_LOW), p);
  p = nmaddSingle(square, f32x4.splat(0.5), p);
  return maddSingle(n, f32x4.splat(LN2_HIGH), f32x4.add(f, p));
}

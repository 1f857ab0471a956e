// Two numbers at a time: the arithmetic that the kernels share.

/** a·b + c: rounded once in the relaxed build, twice otherwise. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (RELAXED) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}

/** c − a·b */
// @ts-ignore: decorator
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (RELAXED) return f64x2.relaxed_nmadd(a, b, c);
  return f64x2.sub(c, f64x2.mul(a, b));
}

// @ts-ignore: decorator
@inline
export function splat(value: f64): v128 {
  return f64x2.splat(value);
}

// Constants are loaded from memory where they are used: the compiler would otherwise build each from integers, anew in
// every turn of a loop, and run out of registers.
const EXP = memory.data<f64>([
  -708.0, 1.4426950408889634, 6755399441055744.0, 0.6931471803691238, 1.9082149292705877e-10,
  2.5000018833187374e-8, 2.76303062502936e-7, 2.7557586803895326e-6, 2.480149294963387e-5, 1.9841269505773776e-4,
  1.3888888943759965e-3, 8.333333333494976e-3, 4.1666666666529725e-2, 1.666666666666641e-1, 5.000000000000011e-1,
  1.0,
]);

// @ts-ignore: decorator
@inline
function constant(at: usize): v128 {
  return v128.load64_splat(EXP + (at << 3));
}

/**
 * exp of a run of numbers up to 709, within 2 ulp; below −708, where results are denormal, 0.
 *
 * x = n ln 2 + r, 1 + r + r² q(r) with q of degree 9, and n added to the exponent. Two vectors at a time share the
 * constants that are loaded, and hide each other's latency.
 */
export function exp(from: usize, to: usize, bytes: usize): void {
  const low = constant(0);
  for (let i: usize = 0; i < bytes; i += 32) {
    const x = v128.load(from + i);
    const y = v128.load(from + i, 16);
    let c = constant(1);
    // Rounded to a whole number, n stands in the last bits.
    const round = constant(2);
    const m = madd(f64x2.pmax(x, low), c, round);
    const n = madd(f64x2.pmax(y, low), c, round);
    let r = f64x2.sub(m, round);
    let s = f64x2.sub(n, round);
    c = constant(3);
    const d = constant(4);
    r = nmadd(r, d, nmadd(r, c, f64x2.pmax(x, low)));
    s = nmadd(s, d, nmadd(s, c, f64x2.pmax(y, low)));
    // Odd powers of r and even ones: two chains of products at a time for each vector.
    const rr = f64x2.mul(r, r);
    const ss = f64x2.mul(s, s);
    let p = constant(5);
    let q = p;
    let e = constant(6);
    let f = e;
    for (let j: usize = 7; j < 15; j += 2) {
      c = constant(j);
      p = madd(rr, p, c);
      q = madd(ss, q, c);
      c = constant(j + 1);
      e = madd(rr, e, c);
      f = madd(ss, f, c);
    }
    p = madd(r, p, e);
    q = madd(s, q, f);
    c = constant(15);
    p = f64x2.add(madd(rr, p, r), c);
    q = f64x2.add(madd(ss, q, s), c);
    p = i64x2.add(p, i64x2.shl(m, 52));
    q = i64x2.add(q, i64x2.shl(n, 52));
    v128.store(to + i, v128.andnot(p, f64x2.lt(x, low)));
    v128.store(to + i, v128.andnot(q, f64x2.lt(y, low)), 16);
  }
}

const LOG = memory.data<f64>([
  1.531383769920937332e-1, 2.222219843214978396e-1, 3.999999999940941908e-1,
  1.479819860511658591e-1, 1.818357216161805012e-1, 2.857142874366239149e-1, 6.66666666666673513e-1,
  1.9082149292705877e-10, 0.6931471803691238, 0.5, 1.0, 2.0, 4503599627371519.0,
]);

// @ts-ignore: decorator
@inline
function logConstant(at: usize): v128 {
  return v128.load64_splat(LOG + (at << 3));
}

/**
 * log of a normal positive number, within 2 ulp: x = 2ⁿ(1 + f) and a polynomial in f/(2 + f).
 *
 * @remarks the reduction and coefficients of FreeBSD's e_log.c
 */
// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  // 1 + f from √½ to √2.
  const shifted = i64x2.add(x, i64x2.splat(0x3ff0000000000000 - 0x3fe6a09e667f3bcd));
  const n = f64x2.sub(v128.or(i64x2.shr_u(shifted, 52), i64x2.splat(0x4330000000000000)), logConstant(12));
  const m = i64x2.add(v128.and(shifted, i64x2.splat(0x000fffffffffffff)), i64x2.splat(0x3fe6a09e667f3bcd));
  const f = f64x2.sub(m, logConstant(10));
  const s = f64x2.div(f, f64x2.add(f, logConstant(11)));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  const even = madd(w, madd(w, logConstant(0), logConstant(1)), logConstant(2));
  let odd = madd(w, logConstant(3), logConstant(4));
  odd = madd(w, odd, logConstant(5));
  odd = madd(w, odd, logConstant(6));
  const r = madd(w, even, f64x2.mul(z, odd));
  const square = f64x2.mul(f64x2.mul(f, f), logConstant(9));
  const low = madd(s, f64x2.add(square, r), f64x2.mul(n, logConstant(7)));
  return madd(n, logConstant(8), f64x2.sub(f, f64x2.sub(square, low)));
}

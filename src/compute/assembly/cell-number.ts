import { BLANK, columns, constant, isEnd, MINUS, PLUS, POINT, QUOTE, separator, TAB } from "./cell-letters";

// Numbers in decimal notation. Daniel Lemire, Number parsing at a gigabyte per second, 2021.

/** Letters as digits, which are up to 9. */
// @ts-ignore: decorator
@inline
function digitsAt(at: usize): v128 {
  return i8x16.sub(v128.load(at), constant(1));
}

/** A bit for each that is no digit, and one beyond the last. */
// @ts-ignore: decorator
@inline
function others(digits: v128): i32 {
  return i8x16.bitmask(i8x16.add_sat_u(digits, constant(2))) | 0x10000;
}

/** Where digits come from, so that the last of so many is the last of all: from nowhere, if it is below 0. */
// @ts-ignore: decorator
@inline
function lastly(count: i32): v128 {
  return i8x16.add(constant(0), i8x16.splat(<i8>(count - 16)));
}

/** The number that sixteen digits make. */
// @ts-ignore: decorator
@inline
function numberOf(digits: v128): u64 {
  const tens = i16x8.mul(v128.and(digits, constant(3)), constant(4));
  const twos = i16x8.add(tens, i16x8.shr_u(digits, 8));
  const fours = i32x4.dot_i16x8_s(twos, constant(5));
  const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_u(fours, fours), constant(6));
  const both = <u64>i64x2.extract_lane(eights, 0);
  return (both & 0xffffffff) * 100000000 + (both >> 32);
}

/** 10ⁿ for n up to 19. */
// @ts-ignore: decorator
@inline
function tens(n: i32): u64 {
  return load<u64>(POWERS + (<usize>n << 3));
}

/** Digits that a mantissa can have. */
const MOST_DIGITS = 19;

/** Reads a cell that is a number or blank, and returns where it ends; 0 where it is neither. */
// @ts-ignore: decorator
@inline
export function readNumber(start: usize, out: usize, mayHavePoint: bool): usize {
  let at = start;
  let c: u32 = load<u8>(at);
  while (c === BLANK || (c === TAB && separator !== TAB)) c = load<u8>(++at);
  const inQuotes = c === QUOTE;
  if (inQuotes) c = load<u8>(++at);
  const isNegative = c === MINUS;
  // Signs come at random: there is nothing to be foretold, so nothing branches on them.
  at += <usize>isNegative | <usize>(c === PLUS);
  const first = at;
  let digits = digitsAt(at);
  let ends = others(digits);
  const whole = ctz(ends);
  let hasPoint = <i32>(<u32>load<u8>(at + whole) === POINT) & <i32>(whole < 16);
  // Past the point, where there is one; digits before it move over it.
  let run = ctz(ends & (ends - hasPoint));
  const from = lastly(run);
  const point = i8x16.splat(hasPoint ? <i8>(whole + 1) : <i8>-128);
  let mantissa = numberOf(i8x16.swizzle(digits, i8x16.add(from, i8x16.gt_s(point, from))));
  let count = run - hasPoint;
  let exponent = hasPoint ? whole + 1 - run : 0;
  at += run;
  c = load<u8>(at);
  while (run === 16) {
    if (c === POINT && !hasPoint) {
      hasPoint = 1;
      at++;
    }
    digits = digitsAt(at);
    run = ctz(others(digits));
    mantissa = mantissa * tens(run) + numberOf(i8x16.swizzle(digits, lastly(run)));
    count += run;
    exponent -= hasPoint ? run : 0;
    at += run;
    c = load<u8>(at);
    if (c === POINT && !hasPoint) run = 16;
  }
  if (hasPoint && !mayHavePoint) return 0;
  if (count === 0) {
    // A line of one blank cell is none.
    if (inQuotes || columns === 1 || !isEnd(c) || (at > start && load<u8>(at - 1) > BLANK)) return 0;
    store<f64>(out, NaN);
    return at;
  }
  const end = at;
  if ((c | 32) === 101) {
    at = readExponent(at + 1);
    if (at === 0) return 0;
    exponent += exponentRead;
    c = load<u8>(at);
  }
  if (inQuotes) {
    if (c !== QUOTE) return 0;
    c = load<u8>(++at);
  }
  while (c === BLANK || (c === TAB && separator !== TAB)) c = load<u8>(++at);
  if (!isEnd(c)) return 0;
  let value: f64;
  // Fifteen digits and a power of ten up to the 22nd are exact numbers, and their quotient is rounded once.
  if (count <= 15 && exponent <= 0 && exponent >= -EXACT) value = <f64>mantissa / load<f64>(power(-exponent));
  else value = count <= MOST_DIGITS ? valueOf(mantissa, exponent) : longValue(first, end, exponent);
  if (value !== value) return 0;
  store<u64>(out, reinterpret<u64>(value) | (<u64>isNegative << 63));
  return at;
}

let exponentRead: i32 = 0;

function readExponent(at: usize): usize {
  let c: u32 = load<u8>(at);
  const isNegative = c === MINUS;
  if (isNegative || c === PLUS) c = load<u8>(++at);
  const first = at;
  let value = 0;
  for (; c - 48 < 10 && at - first < 5; c = load<u8>(++at)) value = 10 * value + <i32>(c - 48);
  exponentRead = isNegative ? -value : value;
  return at === first || c - 48 < 10 ? 0 : at;
}

/** The number of more digits than a mantissa has: one that all the digits left out would not change, or NaN. */
function longValue(at: usize, end: usize, exponent: i32): f64 {
  let first: u64 = 0;
  let digits = 0;
  let isCut = false;
  for (; at < end; at++) {
    const digit = <u32>load<u8>(at) - 48;
    if (digit > 9) continue;
    if (digits === MOST_DIGITS) {
      isCut = isCut || digit > 0;
      exponent++;
    } else {
      first = first * 10 + digit;
      if (first > 0) digits++;
    }
  }
  const value = valueOf(first, exponent);
  return !isCut || value === valueOf(first + 1, exponent) ? value : NaN;
}

/** Powers of ten: as whole numbers, up to 19; then each as a sum of two numbers, and the halves of the first. */
const POWERS: usize = 2048;
const PARTS: usize = POWERS + 20 * 8;
/** Powers that are one number, and those that there are. */
const EXACT = 22;
const MOST_POWER = 60;

/** 1 + 2⁻⁴⁰ */
const CLEAR: f64 = 1.0000000000009095;

// @ts-ignore: decorator
@inline
function power(e: i32): usize {
  return PARTS + (<usize>(e + MOST_POWER) << 5);
}

/** m·10ᵉ, rounded once: the number that is nearest. NaN where that is not certain. */
function valueOf(m: u64, e: i32): f64 {
  if (m === 0 || e === 0) return <f64>m;
  if (e < -MOST_POWER || e > MOST_POWER) return NaN;
  // To 100 bits, as sums of two numbers. T. J. Dekker, A floating-point technique, 1971.
  const a = <f64>m;
  const b = <f64>(<i64>(m - <u64>a));
  const c = load<f64>(power(e));
  const d = load<f64>(power(e), 8);
  const product = a * c;
  const a1 = reinterpret<f64>(reinterpret<u64>(a) & 0xfffffffffc000000);
  const a2 = a - a1;
  const c1 = load<f64>(power(e), 16);
  const c2 = load<f64>(power(e), 24);
  const rest = a1 * c1 - product + a1 * c2 + a2 * c1 + a2 * c2 + (a * d + b * c);
  const value = product + rest;
  // What is left of the sum decides unless it is half of the last bit, to 40 bits.
  if (value + (rest - (value - product)) * CLEAR === value) return value;
  if (m > 0x20000000000000 || e < -EXACT || e > EXACT) return NaN;
  return e < 0 ? a / load<f64>(power(-e)) : a * c;
}

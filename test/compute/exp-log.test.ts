import { expect, test } from "vitest";
import { binary } from "../../src/compute/binaries.ts";
import { random } from "../../src/math/random.ts";

const COUNT = 1_000_000;

/** a·b and its rounding error (Dekker 1971). */
function product(a: number, b: number): [number, number] {
  const halves = (x: number): [number, number] => {
    const c = 134217729 * x;
    const high = c - (c - x);
    return [high, x - high];
  };
  const [ah, al] = halves(a);
  const [bh, bl] = halves(b);
  const p = a * b;
  return [p, ah * bh - p + ah * bl + al * bh + al * bl];
}

/** A sum of two numbers of which the first is the larger, and its rounding error. */
function sum(a: number, b: number): [number, number] {
  const s = a + b;
  return [s, b - (s - a)];
}

/** exp(x) = 2ⁿ(high + low) to 100 bits: Taylor's series of x/512 less a multiple of ln 2, squared nine times. */
function exact(x: number): { high: number; low: number; n: number } {
  const n = Math.round(x / Math.LN2);
  // ln 2 in two parts; the product of n with the first is exact, and so is what it leaves of x.
  const first = x - n * 0.6931471803691238;
  const second = n * 1.9082149292705877e-10;
  let [r, q] = [first - second, 0];
  q = first - r - second;
  [r, q] = [r / 512, q / 512];
  let [high, low] = [1, 0];
  for (let term = 12; term > 0; term--) {
    const [p, error] = product(high, r);
    const quotient = p / term;
    const [back, rest] = product(quotient, term);
    [high, low] = sum(1, quotient);
    low += (p - back - rest + error) / term + (q * quotient) / r;
  }
  for (let times = 0; times < 9; times++) {
    const [p, error] = product(high, high);
    [high, low] = sum(p, error + 2 * high * low);
  }
  return { high, low, n };
}

const builds = [
  { name: "128-bit vectors", binary: binary("simd") },
  { name: "fused multiply and add", binary: binary("relaxed") },
].filter(({ binary }) => WebAssembly.validate(binary));

function run(binary: Uint8Array<ArrayBuffer>, name: "expOf" | "logOf", x: Float64Array): Float64Array {
  const memory = new WebAssembly.Memory({ initial: 300, maximum: 65_536, shared: true });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(binary)), { env: { memory } });
  new Float64Array(memory.buffer, 65_536, x.length).set(x);
  (exports[name] as (from: number, to: number, n: number) => void)(65_536, 65_536 + 8 * x.length, x.length);
  return new Float64Array(memory.buffer, 65_536 + 8 * x.length, x.length).slice();
}

test.each(builds)("exp is within 2 units of the last place of 10⁶ numbers from −708 to 709, by $name", ({ binary }) => {
  const rng = random(1);
  const x = Float64Array.from({ length: COUNT }, (_, i) => {
    const size = i % 2 === 0 ? 1 : 0.002;
    return size * (-708 + 1417 * rng.uniform());
  });
  const found = run(binary, "expOf", x);
  let worst = 0;
  for (let i = 0; i < COUNT; i++) {
    const { high, low, n } = exact(x[i]);
    const scaled = found[i] * 2 ** -Math.trunc(n / 2) * 2 ** -(n - Math.trunc(n / 2));
    const unit = 2 ** (Math.floor(Math.log2(high)) - 52);
    worst = Math.max(worst, Math.abs(scaled - high - low) / unit);
  }
  expect(worst).toBeLessThan(2);
  // A wrong reference would agree with nothing.
  expect(worst).toBeGreaterThan(0.4);
});

test.each(builds)("log is within 2 units of the last place of 10⁶ normal numbers, by $name", ({ binary }) => {
  const rng = random(2);
  const x = Float64Array.from({ length: COUNT }, (_, i) => {
    return i % 2 === 0 ? 2 ** (-1021 + 2040 * rng.uniform()) : 0.5 + 1.5 * rng.uniform();
  });
  const found = run(binary, "logOf", x);
  let worst = 0;
  for (let i = 0; i < COUNT; i++) {
    // log x = y + log(x exp(−y)), and the last is so small that it is x exp(−y) − 1.
    const { high, low, n } = exact(-found[i]);
    const scaled = x[i] * 2 ** Math.trunc(n / 2) * 2 ** (n - Math.trunc(n / 2));
    const [p, error] = product(scaled, high);
    const rest = p - 1 + error + scaled * low;
    worst = Math.max(worst, Math.abs(rest) / 2 ** (Math.floor(Math.log2(Math.abs(found[i]))) - 52));
  }
  expect(worst).toBeLessThan(2);
  expect(worst).toBeGreaterThan(0.4);
});

test.each(builds)("exp of what is too small is 0, and of what is no number none, by $name", ({ binary }) => {
  const x = Float64Array.of(-708.5, -1e300, Number.NEGATIVE_INFINITY, Number.NaN, 0, -0, 1e-300, -1e-300);
  expect([...run(binary, "expOf", x)]).toEqual([0, 0, 0, Number.NaN, 1, 1, 1, 1]);
});

import { readFileSync } from "node:fs";

/**
 * The reference cases: rows drawn from a mixture of linear experts by xoshiro128**, every number rounded to six decimals.
 *
 * Written anew here from the description of the generator, so that the estimates found for them elsewhere (by other
 * programs, to a gradient of 1e-10) can be compared. The digests of the files hold it to the letter.
 */
export interface ReferenceCase {
  readonly name: "a" | "b";
  readonly rows: number;
  /** Columns, with the intercept. */
  readonly d: number;
  readonly k: number;
  readonly seed: number;
  readonly sha256: string;
}

export const cases: readonly ReferenceCase[] = [
  {
    name: "a",
    rows: 10_000,
    d: 5,
    k: 2,
    seed: 20_240_501,
    sha256: "60ff7286e1de06f348a35aec87a0b4f69b1309507655db3253eb7da0b8d020aa",
  },
  {
    name: "b",
    rows: 100_000,
    d: 10,
    k: 3,
    seed: 20_240_502,
    sha256: "185b4d00b0d35cff66a33624866da6774ad1c9f09dc2f8826a596369c3e254c4",
  },
];

/** What others found for a case. */
export interface Oracle {
  readonly ll: number;
  readonly beta: number[][];
  readonly sigma: number[];
  readonly gate: number[][];
  readonly se_beta: number[][];
  readonly se_log_sigma: number[];
  readonly se_gate: number[][];
  readonly em_rate: number;
  readonly missing_information_eigenvalues: number[];
}

export function oracleOf({ name }: ReferenceCase): Oracle {
  return JSON.parse(readFileSync(new URL(`../golden/case-${name}.json`, import.meta.url), "utf8"));
}

/** The case as CSV: columns x1 …, y, z (the expert it came from), r1 … (noisy responsibilities to start from). */
export function caseCsv({ rows, d, k, seed }: ReferenceCase): string {
  const { uniform, normal } = generator(seed);
  const beta: number[][] = [];
  const gate: number[][] = [];
  for (let z = 0; z < k; z++) {
    beta.push(Array.from({ length: d }, () => 0.6 * normal()));
    gate.push(Array.from({ length: d }, () => (z === 0 ? 0 : 0.7 * normal())));
  }
  const dot = (x: number[], coefficients: number[]): number =>
    x.reduce((sum, value, j) => sum + value * coefficients[j], 0);
  const numbered = (name: string, count: number): string[] =>
    Array.from({ length: count }, (_, j) => `${name}${j + 1}`);
  const lines = [[...numbered("x", d - 1), "y", "z", ...numbered("r", k)].join(",")];
  for (let i = 0; i < rows; i++) {
    const cells = Array.from({ length: d - 1 }, () => normal().toFixed(6));
    const x = [1, ...cells.map(Number)];
    const eta = gate.map((coefficients) => dot(x, coefficients));
    const top = Math.max(...eta);
    const odds = eta.map((value) => Math.exp(value - top));
    let left = uniform() * odds.reduce((sum, value) => sum + value, 0);
    let z = 0;
    while (z < k - 1) {
      left -= odds[z];
      if (left <= 0) break;
      z++;
    }
    const y = (dot(x, beta[z]) + 0.5 * normal()).toFixed(6);
    const noise = Array.from({ length: k }, () => uniform());
    const total = noise.reduce((sum, value) => sum + value, 0);
    const start = noise.map((value, c) => (0.5 * (c === z ? 1 : 0) + (0.5 * value) / total).toFixed(6));
    lines.push([...cells, y, String(z + 1), ...start].join(","));
  }
  return `${lines.join("\n")}\n`;
}

/** xoshiro128** seeded by splitmix32; 53-bit uniforms; normals by Marsaglia's polar method. */
function generator(seed: number): { uniform: () => number; normal: () => number } {
  let mix = seed >>> 0;
  const state = Uint32Array.from({ length: 4 }, () => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let word = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return word ^ (word >>> 16);
  });
  const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));
  const word = (): number => {
    const result = Math.imul(rotate(Math.imul(state[1], 5), 7), 9) >>> 0;
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 11);
    return result;
  };
  const uniform = (): number => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
  let spare: number | undefined;
  const normal = (): number => {
    if (spare !== undefined) {
      const second = spare;
      spare = undefined;
      return second;
    }
    for (;;) {
      const [a, b] = [2 * uniform() - 1, 2 * uniform() - 1];
      const square = a * a + b * b;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = b * factor;
      return a * factor;
    }
  };
  return { uniform, normal };
}

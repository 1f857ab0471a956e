import { StretchSums, sumOverBlocks } from "../compute/blocks.ts";

/** Orthogonal polynomials, by the centres and squared lengths of their recurrence. */
export interface PolynomialBasis {
  readonly centres: readonly number[];
  readonly norms: readonly number[];
}

/**
 * The orthogonal polynomials of many numbers, which are read once, from those of some of them.
 *
 * The polynomials q of some numbers are almost orthogonal on all: of the sums Σ q_i q_j, on which little cancels, follow
 * those p that are. With x q_i = q_{i+1} + a_i q_i + b_i q_{i−1} the recurrence of p goes on in coefficients of q.
 *
 * @param some centres and squared lengths of the polynomials of some of the numbers
 */
export class PolynomialMoments {
  readonly #about: number;
  /** a_i less the mean of some, and b_i. */
  readonly #centres: readonly number[];
  readonly #ratios: readonly number[];
  readonly #sums: StretchSums;

  constructor({ centres, norms }: PolynomialBasis) {
    this.#about = centres[0];
    this.#centres = centres.map((centre) => centre - centres[0]);
    this.#ratios = centres.map((_, j) => (j === 0 ? 0 : norms[j + 1] / norms[j]));
    this.#sums = new StretchSums((centres.length + 1) ** 2);
  }

  /** Adds numbers. */
  add(x: Float64Array): void {
    const d = this.#centres.length + 1;
    const q = new Float64Array(d);
    const found = sumOverBlocks(x.length, d * d, (start, end, sums) => {
      for (let i = start; i < end; i++) {
        this.#powers(x[i] - this.#about, q);
        for (let a = 0; a < d; a++) for (let b = 0; b <= a; b++) sums[a * d + b] += q[a] * q[b];
      }
    });
    this.#sums.add(found);
  }

  /** The polynomials of all numbers that were added. */
  basis(): PolynomialBasis {
    const gram = this.#sums.total();
    const d = this.#centres.length + 1;
    const product = (p: readonly number[], r: readonly number[]): number => {
      let sum = 0;
      for (let a = 0; a < d; a++) for (let b = 0; b < d; b++) sum += p[a] * r[b] * gram[a > b ? a * d + b : b * d + a];
      return sum;
    };
    let before: readonly number[] = new Array(d).fill(0);
    let current: readonly number[] = before.map((_, j) => (j === 0 ? 1 : 0));
    const centres: number[] = [];
    const norms = [1, product(current, current)];
    for (let j = 0; j + 1 < d; j++) {
      const times = this.#timesX(current);
      const centre = product(times, current) / norms[j + 1];
      const ratio = j === 0 ? 0 : norms[j + 1] / norms[j];
      const [own, last] = [current, before];
      const next = times.map((value, i) => value - centre * own[i] - ratio * last[i]);
      centres.push(this.#about + centre);
      norms.push(product(next, next));
      [before, current] = [current, next];
    }
    return { centres, norms };
  }

  /** q_0 … q_d at a number less the mean of some. */
  #powers(x: number, out: Float64Array): void {
    let before = 0;
    out[0] = 1;
    for (let j = 0; j + 1 < out.length; j++) {
      out[j + 1] = (x - this.#centres[j]) * out[j] - this.#ratios[j] * before;
      before = out[j];
    }
  }

  /** Coefficients of (x less the mean of some) times a polynomial of a degree below d. */
  #timesX(p: readonly number[]): number[] {
    const out = new Array<number>(p.length).fill(0);
    for (let i = 0; i + 1 < p.length; i++) {
      out[i + 1] += p[i];
      out[i] += this.#centres[i] * p[i];
      if (i > 0) out[i - 1] += this.#ratios[i] * p[i];
    }
    return out;
  }
}

import { jacobian } from "./differences.ts";

/** Gradient of a function of p numbers, by differences. */
export function slopeOf(f: (theta: Float64Array) => number, theta: Float64Array): Float64Array {
  return jacobian((at) => Float64Array.of(f(at)), theta)[0];
}

/** Goes downhill from `start` by the quasi-Newton method of Broyden, Fletcher, Goldfarb and Shanno, gradients by differences. */
export function minimise(f: (theta: Float64Array) => number, start: Float64Array, steps: number = 400): Float64Array {
  const p = start.length;
  let theta = start;
  let value = f(theta);
  let gradient = slopeOf(f, theta);
  let inverse = identity(p);
  for (let step = 0; step < steps; step++) {
    let direction = inverse.map((row) => -dot(row, gradient));
    if (!(dot(direction, gradient) < 0)) {
      inverse = identity(p);
      direction = Array.from(gradient, (g) => -g);
    }
    let length = Math.min(1, 1 / Math.hypot(...direction));
    let next = theta;
    for (; length > 1e-12; length /= 2) {
      next = theta.map((t, j) => t + length * direction[j]);
      if (f(next) < value + 1e-4 * length * dot(direction, gradient)) break;
    }
    if (length <= 1e-12) break;
    const there = slopeOf(f, next);
    const s = Array.from(next, (t, j) => t - theta[j]);
    const y = Array.from(there, (g, j) => g - gradient[j]);
    const sy = dot(s, y);
    if (sy > 1e-14) {
      const hy = inverse.map((row) => dot(row, y));
      const factor = (1 + dot(y, hy) / sy) / sy;
      inverse = inverse.map((row, i) =>
        row.map((entry, j) => entry + factor * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / sy),
      );
    }
    [theta, value, gradient] = [next, f(next), there];
  }
  return theta;
}

function identity(p: number): number[][] {
  return Array.from({ length: p }, (_, i) => Array.from({ length: p }, (_, j) => (i === j ? 1 : 0)));
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}

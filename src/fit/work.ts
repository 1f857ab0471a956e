import { kernelOf } from "../laws/law.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Observations } from "../rows/observations.ts";

/** Multiplications that a step takes for each row and coefficient, beside those of the informations: logits, densities, scores. */
const EACH_COEFFICIENT = 10;
/** As many that a law without a kernel takes for each row and expert: special functions, and several steps of Newton's method. */
const EACH_DENSITY = 800;

/**
 * Work of a step of EM, in multiplications, about: for each row the squares of the gate's and of every expert's coefficients, ten for
 * each coefficient, and 800 for each expert whose law has no kernel.
 *
 * No clock: the same for any machine and number of workers.
 *
 * @remarks cost 1. One is about 2 ns.
 */
export function workOfStep(model: Mixture, data: Observations): number {
  const { gate, experts } = model;
  const sizes = [gate, ...experts].map((part) => part.reduce((sum, { at }) => sum + at.length, 0));
  const eachExpert = kernelOf(model, data) === undefined ? EACH_DENSITY : 0;
  const each = sizes.reduce((sum, size) => sum + size * (size + EACH_COEFFICIENT), eachExpert * experts.length);
  return data.rows * each;
}

import { BLOCK_ROWS } from "../compute/blocks.ts";
import type { Expand, Law } from "./law.ts";

/** Scores and curvatures of a law of m predictors that finds both at once, with log p. */
export function byExpansion(m: number, expand: Expand): Pick<Law, "expand" | "scores" | "curvature"> {
  const density = new Float64Array(BLOCK_ROWS);
  const unusedScores = new Float64Array(m * BLOCK_ROWS);
  const unusedCurvature = new Float64Array(m * m * BLOCK_ROWS);
  return {
    expand,
    scores: (block, eta, at, out, to) => expand(block, eta, at, density, out, to, unusedCurvature),
    curvature: (block, eta, at, out) => expand(block, eta, at, density, unusedScores, 0, out),
  };
}

import { seed } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type OptionsOf, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { type FitRows, fittedParts, rowsOfFit, type Whole } from "../fit/fitted.ts";
import type { Parts } from "../laws/law.ts";
import { normalQuantile } from "../math/normal.ts";
import { random } from "../math/random.ts";
import { mean, sd } from "../math/statistics.ts";
import { eachDistribution } from "../models/distribution.ts";
import type { Observations } from "../rows/observations.ts";
import { printed } from "../text/printed.ts";

/** Table of the option of residuals. */
export class ResidualTable {
  readonly seed: Defaulted<number> = defaulted(seed, 1, "seed of what is drawn within a count's probability");
}

export const RESIDUALS: ResidualTable = new ResidualTable();

/** How residuals are found. */
export interface ResidualOptions extends OptionsOf<ResidualTable> {}

/** Residuals of a fit, which are standard normal where the fit is the truth. */
export interface Residuals {
  readonly rows: number;
  /** One of each row (n). */
  readonly residuals: Float64Array;
}

/** Tails count as this at the least: 37 standard deviations. */
const LEAST = 1e-300;

const ACT = "find residuals";

/**
 * Randomised quantile residuals of a fit: Φ⁻¹(F(y | x)) with the mixture's distribution function F(y | x) = Σ_z P(z | x) P_z(Y ≤ y | x).
 *
 * Of counts F jumps at y: the residual is that of a number drawn evenly between F(y − 1) and F(y). Where the fit is the truth
 * the residuals are standard normal, whatever the experts' law.
 *
 * @param rows those of the fit, or others with responses; default: those of the fit
 * @throws InputError for a response of labels, which have no order
 * @remarks cost: a distribution function of each expert and row. Dunn and Smyth, Journal of Computational and Graphical
 *   Statistics 5 (1996).
 * @example
 * ```ts
 * import { datasetPath, fit, quantileResiduals } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const { residuals } = quantileResiduals(iris);
 * const square = residuals.reduce((sum, r) => sum + r * r, 0) / residuals.length;
 * if (Math.abs(square - 1) > 0.2) throw new Error("about standard normal");
 * ```
 */
export function quantileResiduals(fit: Whole, rows?: FitRows, options: ResidualOptions = {}): Residuals {
  const { seed } = readOptions(ACT, options, RESIDUALS);
  const { mixture, theta } = fittedParts(ACT, fit);
  const data = rowsOfFit(ACT, fit, rows, "quantileResiduals(model, rows)");
  const residuals = residualsAt(mixture, theta, data, seed);
  if (residuals) return printed({ rows: data.rows, residuals }, inWords);
  throw new InputError(ACT, "a response of numbers", "labels", "predict gives their probabilities");
}

/** The residuals of rows; nothing where the response has no order. */
export function residualsAt(
  parts: Parts,
  theta: Float64Array,
  data: Observations,
  seed: number,
): Float64Array | undefined {
  const rng = random(seed);
  const residuals = new Float64Array(data.rows);
  const isOrdered = eachDistribution(parts, theta, data, (row, { tails, isCount }) => {
    const y = data.response[row];
    const at = tails(y);
    if (!isCount) residuals[row] = normalOf(at.lower, at.upper);
    else {
      const below = tails(y - 1);
      const share = rng.uniform();
      residuals[row] = normalOf(
        below.lower + share * (at.lower - below.lower),
        at.upper + (1 - share) * (below.upper - at.upper),
      );
    }
  });
  return isOrdered ? residuals : undefined;
}

/** The normal number with these tails, from the smaller: no residual is infinite but where the density is 0. */
function normalOf(lower: number, upper: number): number {
  const smaller = Math.max(Math.min(lower, upper), LEAST);
  const size = smaller >= 0.5 ? 0 : normalQuantile(smaller);
  return lower <= upper ? size : -size;
}

function inWords({ rows, residuals }: Residuals): string {
  const far = residuals.reduce((count, r) => count + (Math.abs(r) > 3 ? 1 : 0), 0);
  const moments = `mean ${mean(residuals).toFixed(3)}, standard deviation ${sd(residuals).toFixed(3)}`;
  return `${rows} residuals, standard normal where the fit is the truth: ${moments}, ${far} beyond ±3`;
}

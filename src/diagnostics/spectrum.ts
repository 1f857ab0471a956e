import { InputError } from "../errors.ts";
import { cholesky, inverseDiagonal } from "../math/cholesky.ts";
import { generalisedEigen } from "../math/generalised-eigen.ts";
import { dot } from "../math/vector.ts";
import { checkModelAt } from "../models/checks.ts";
import type { InformedModel } from "../models/model.ts";
import { freeInformation } from "./free-information.ts";
import { stepsPerDigit } from "./rates.ts";

/** What the missing information at a point says about EM there. */
export interface Spectrum {
  /** Eigenvalues of I_c⁻¹ I_m, descending, one for each of the q parameters that are fitted: the factors by which EM shrinks distances along its eigenvectors. */
  readonly eigenvalues: Float64Array;
  /** The largest: the predicted rate of EM. */
  readonly rate: number;
  /** EM steps for each further decimal digit, ln 10 / −ln(rate); Infinity from a rate of 1 on. */
  readonly predictedIterationsPerDigit: number;
  /** Eigenvectors, as rows in the order of the eigenvalues, of unit length in the metric I_c (q × p). */
  readonly eigenvectors: Float64Array;
  /** Fraction of missing information of each parameter, 1 − (I_c⁻¹)_jj / (I_o⁻¹)_jj (p); NaN where I_o is not positive definite, 0 for a parameter that is fixed. */
  readonly missingFraction: Float64Array;
  /**
   * The combination of parameters that most is missing of: Σ_j a_j θ_j / s_j has the fraction λ_max of missing
   * information, and no other has more. a by parameter, the largest 1; s_j = √(I_c⁻¹)_jj, the standard error that
   * complete data would leave, so that the units of columns do not count; fixed parameters are left out.
   */
  readonly worstCombination: Readonly<Record<string, number>>;
  /** Standard errors, the square roots of the diagonal of I_o⁻¹ (p); NaN and 0 as above. */
  readonly standardErrors: Float64Array;
  /** Whether I_o = I_c − I_m, the curvature of the objective, is that of a maximum. */
  readonly observedInformation: "positive definite" | "not positive definite";
  /** Norm of the gradient of L, in nats per row; a spectrum is the Jacobian of EM where this is 0. */
  readonly gradientNorm: number;
  /** Names of the parameters (p). */
  readonly names: readonly string[];
}

/**
 * The missing-information spectrum: eigenvalues of M = I_c⁻¹ I_m at θ.
 *
 * Solves I_m v = λ I_c v by a Cholesky reduction and a symmetric eigensolver. At a fixed point M is the Jacobian of the
 * EM map, so λ_max is the rate at which EM converges; every λ is at least 0, and below 1 exactly where the objective is
 * curved like at a maximum. For thousands of parameters there is {@link topSpectrum}.
 *
 * @throws InputError when the complete information is singular, so that M does not exist
 * @remarks cost n·p² for the informations and about 4p³ for the eigenproblem. arXiv 2411.06056, Theorem B.2; standard
 *   errors, Louis 1982.
 * @example
 * ```ts
 * import { datasetPath, fit, spectrum } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const { rate } = spectrum(iris.mixture, iris.theta, iris.observations);
 * if (!(rate > 0 && rate < 1)) throw new Error(String(rate));
 * ```
 */
export function spectrum<Data>(model: InformedModel<Data>, theta: Float64Array, data: Data): Spectrum {
  checkModelAt("compute the spectrum", model, { theta }, data, ["information"]);
  const p = theta.length;
  const { free, complete, missing } = freeInformation(model, theta, data);
  const q = free.length;
  /** Vectors of the free parameters as vectors of all, one after the other. */
  const embedded = (vectors: Float64Array): Float64Array => {
    const out = new Float64Array((vectors.length / q) * p);
    vectors.forEach((value, at) => {
      out[Math.floor(at / q) * p + free[at % q]] = value;
    });
    return out;
  };
  const factor = cholesky(complete, q);
  if (typeof factor === "number") {
    throw new InputError(
      "compute the spectrum",
      "positive definite complete information",
      `no information about ${JSON.stringify(model.names[free[factor]])} beyond that about the parameters before it`,
      "fit to convergence, or with a ridge above 0",
    );
  }
  const { values, vectors } = generalisedEigen(missing, factor, q);
  const [rate = 0] = values;
  const observed = cholesky(
    complete.map((entry, at) => entry - missing[at]),
    q,
  );
  const definite = typeof observed !== "number";
  const variance = definite ? inverseDiagonal(observed, q) : new Float64Array(q).fill(Number.NaN);
  const completeVariance = inverseDiagonal(factor, q);
  const { gradient } = model.gradient(theta, data);
  return {
    eigenvalues: values,
    rate,
    predictedIterationsPerDigit: stepsPerDigit(rate),
    eigenvectors: embedded(vectors),
    missingFraction: embedded(variance.map((total, j) => 1 - completeVariance[j] / total)),
    worstCombination: Object.fromEntries(
      worstCombination(complete, vectors.subarray(0, q), completeVariance).map((a, j) => [model.names[free[j]], a]),
    ),
    standardErrors: embedded(variance.map(Math.sqrt)),
    observedInformation: definite ? "positive definite" : "not positive definite",
    gradientNorm: Math.hypot(...gradient) / model.totalWeight(data),
    names: model.names,
  };
}

/** c = I_c v of the top eigenvector, in standard errors of the complete data, the largest entry 1. */
function worstCombination(complete: Float64Array, top: Float64Array, variance: Float64Array): number[] {
  const q = variance.length;
  const scaled = Array.from(variance, (v, j) => dot(complete.subarray(j * q, (j + 1) * q), top) * Math.sqrt(v));
  const largest = scaled.reduce((size, a) => (Math.abs(a) > Math.abs(size) ? a : size), 0);
  return scaled.map((a) => a / largest);
}

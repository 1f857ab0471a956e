import { InputError } from "../errors.ts";
import { type FitRows, fittedParts, rowsOfFit, type Whole } from "../fit/fitted.ts";
import { cholesky, inverseDiagonal, inverseForm } from "../math/cholesky.ts";
import { generalisedEigen } from "../math/generalised-eigen.ts";
import { dot } from "../math/vector.ts";
import { checkModelAt, isWhole } from "../models/checks.ts";
import { FLAT, freeInformation } from "../models/free-information.ts";
import type { InformedModel } from "../models/model.ts";
import { printed } from "../text/printed.ts";
import { stepsPerDigit } from "./rates.ts";
import { spectrumInWords } from "./spectrum-text.ts";

/** Spectrum of the missing information at a point, and the rate of EM there. */
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
   * The combination of parameters that most is missing of: Σ_j a_j θ_j / s_j has the fraction λₘₐₓ of missing
   * information, and no other has more. a by parameter, the largest 1; s_j = √(I_c⁻¹)_jj, the standard error that
   * complete data would leave, so that the units of columns do not count; fixed parameters are left out.
   */
  readonly worstCombination: Readonly<Record<string, number>>;
  /** Standard errors, the square roots of the diagonal of I_o⁻¹ (p); NaN and 0 as above. */
  readonly standardErrors: Float64Array;
  /** Whether I_o = I_c − I_m, the curvature of the objective, is that of a maximum. */
  readonly observedInformation: "positive definite" | "not positive definite";
  /** Norm of the gradient of L, in nats per row, by coefficients of columns that are centred where they are far from 0; a spectrum is the Jacobian of EM where this is 0. */
  readonly gradientNorm: number;
  /** Names of the parameters (p). */
  readonly names: readonly string[];
}

/**
 * The missing-information spectrum of a fit: eigenvalues of M = I_c⁻¹ I_m at its parameters θ.
 *
 * Solves I_m v = λ I_c v by a Cholesky reduction and a symmetric eigensolver. At a fixed point M is the Jacobian of the
 * EM map, so λₘₐₓ is the rate at which EM converges; every λ is at least 0, and below 1 exactly where the objective is
 * curved like at a maximum. For thousands of parameters there is {@link topSpectrum}.
 *
 * Of any model that has informations, at any point: `spectrum(model, theta, data)`.
 *
 * @param rows other rows than the fit's own, and those of a loaded model, which has none
 * @throws InputError when the complete information is singular, so that M does not exist
 * @remarks cost n·p² for the informations and about 4p³ for the eigenproblem. arXiv 2411.06056, Theorem B.2; standard
 *   errors, Louis 1982.
 * @example
 * ```ts
 * import { datasetPath, fit, spectrum } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const { rate } = spectrum(iris);
 * if (!(rate > 0 && rate < 1)) throw new Error(String(rate));
 * ```
 */
export function spectrum(fit: Whole, rows?: FitRows): Spectrum;
export function spectrum<Data>(model: InformedModel<Data>, theta: Float64Array, data: Data): Spectrum;
export function spectrum(on: Whole | InformedModel<unknown>, ...rest: unknown[]): Spectrum {
  if (!isWhole(on)) return spectrumAt(on, ...(rest as [Float64Array, unknown]));
  const { mixture, theta } = fittedParts(ACT, on);
  return spectrumAt(mixture, theta, rowsOfFit(ACT, on, rest[0] as FitRows, "spectrum(model, rows)"));
}

const ACT = "compute the spectrum";

function spectrumAt<Data>(model: InformedModel<Data>, theta: Float64Array, data: Data): Spectrum {
  checkModelAt(ACT, model, { theta }, data, ["information"]);
  const about = model.centred?.(data);
  const at = about ? about.inside(theta) : theta;
  const { free, complete, missing } = freeInformation(about?.model ?? model, at, about?.data ?? data);
  const q = free.length;
  const factor = cholesky(complete, q);
  if (typeof factor === "number") {
    throw new InputError(
      ACT,
      "positive definite complete information",
      `no information about ${JSON.stringify(model.names[free[factor]])} beyond that about the parameters before it`,
      "fit to convergence, or with a ridge above 0",
    );
  }
  const { values, vectors } = generalisedEigen(missing, factor, q);
  const [rate = 0] = values;
  const observed = cholesky(
    complete.map((entry, j) => entry - missing[j]),
    q,
  );
  const definite = typeof observed !== "number" && rate < 1 - FLAT;
  /** Variances of the parameters as they are, from the Cholesky factor of an information inside. */
  const variances = (l: Float64Array): Float64Array => {
    if (about === undefined) return inverseDiagonal(l, q);
    return Float64Array.from(free, (j) => {
      const row = about.row(j);
      return inverseForm(
        l,
        q,
        Float64Array.from(free, (i) => row[i]),
      );
    });
  };
  const variance = definite ? variances(observed) : new Float64Array(q).fill(Number.NaN);
  const completeVariance = variances(factor);
  const outside = (direction: Float64Array): Float64Array => about?.outside(direction) ?? direction;
  const { gradient } = (about?.model ?? model).gradient(at, about?.data ?? data);
  const { names } = model;
  const weights = combination(complete, vectors.subarray(0, q));
  const worst = embedded(weights, free, theta.length);
  const found: Spectrum = {
    eigenvalues: values,
    rate,
    predictedIterationsPerDigit: stepsPerDigit(rate),
    eigenvectors: rowsEmbedded(vectors, free, theta.length, outside),
    missingFraction: embedded(
      variance.map((total, j) => 1 - completeVariance[j] / total),
      free,
      theta.length,
    ),
    worstCombination: worstCombination(about?.gradient(worst) ?? worst, free, completeVariance, names),
    standardErrors: embedded(variance.map(Math.sqrt), free, theta.length),
    observedInformation: definite ? "positive definite" : "not positive definite",
    gradientNorm: Math.hypot(...gradient) / model.totalWeight(data),
    names,
  };
  return printed(found, spectrumInWords);
}

/** Numbers of the free parameters as numbers of all (p), 0 where they are fixed. */
function embedded(values: Float64Array, free: readonly number[], p: number): Float64Array {
  const out = new Float64Array(p);
  free.forEach((at, j) => {
    out[at] = values[j];
  });
  return out;
}

/** Vectors of the free parameters, one after the other, as vectors of all, each carried `outside`. */
function rowsEmbedded(
  vectors: Float64Array,
  free: readonly number[],
  p: number,
  outside: (direction: Float64Array) => Float64Array,
): Float64Array {
  const q = free.length;
  const out = new Float64Array(q * p);
  for (let e = 0; e < q; e++) out.set(outside(embedded(vectors.subarray(e * q, (e + 1) * q), free, p)), e * p);
  return out;
}

/** c = I_c v of the top eigenvector. */
function combination(complete: Float64Array, top: Float64Array): Float64Array {
  const q = top.length;
  return top.map((_, j) => dot(complete.subarray(j * q, (j + 1) * q), top));
}

/** The combination in standard errors of the complete data, the largest entry 1, by name. */
function worstCombination(
  weights: Float64Array,
  free: readonly number[],
  variance: Float64Array,
  names: readonly string[],
): Readonly<Record<string, number>> {
  const scaled = free.map((at, j) => weights[at] * Math.sqrt(variance[j]));
  const largest = scaled.reduce((size, a) => (Math.abs(a) > Math.abs(size) ? a : size), 0);
  return Object.fromEntries(free.map((at, j) => [names[at], scaled[j] / largest]));
}

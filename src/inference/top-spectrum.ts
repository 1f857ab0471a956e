import { positive, seed, whole } from "../errors/kinds.ts";
import { type Declared, defaulted, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { type FitRows, fittedParts, rowsOfAFit, rowsOfFit, type Whole } from "../fit/fitted.ts";
import { conjugateGradient } from "../math/conjugate-gradient.ts";
import { lanczos } from "../math/lanczos.ts";
import { random } from "../math/random.ts";
import { dot } from "../math/vector.ts";
import { checkModelAt, isWhole } from "../models/checks.ts";
import { FLAT } from "../models/free-information.ts";
import type { MatrixFreeModel } from "../models/model.ts";
import { printed } from "../text/printed.ts";
import { stepsPerDigit } from "./rates.ts";
import type { Spectrum } from "./spectrum.ts";
import { spectrumInWords } from "./spectrum-text.ts";

/** How many eigenvalues are wanted, and how well. */
export interface TopSpectrumOptions {
  /** How many of the largest eigenvalues, m; default 6, or as many as there are. */
  readonly top?: number;
  /** Seed of the directions the search starts from; default 1. */
  readonly seed?: number;
  /** Largest residual, and so error, of an eigenvalue; default 1e-9. */
  readonly tolerance?: number;
}

const OPTIONS = {
  top: whole,
  seed: defaulted(seed, 1),
  tolerance: defaulted(positive, 1e-9),
} satisfies Declared<TopSpectrumOptions>;

/** The same of a fit. */
export interface TopSpectrumOfFit extends TopSpectrumOptions {
  /** Other rows than the fit's own, and those of a loaded model, which has none. */
  readonly rows?: FitRows;
}

const OF_FIT = { ...OPTIONS, rows: rowsOfAFit } satisfies Declared<TopSpectrumOfFit>;

/** The largest eigenvalues of the missing information at a point, and what they say about EM there. */
export interface TopSpectrum
  extends Pick<Spectrum, "rate" | "predictedIterationsPerDigit" | "observedInformation" | "gradientNorm" | "names"> {
  /** The m largest eigenvalues of I_c⁻¹ I_m, descending. */
  readonly eigenvalues: Float64Array;
  /** Eigenvectors, as rows in the order of the eigenvalues, of unit length in the metric I_c (m × p). */
  readonly eigenvectors: Float64Array;
  /** √(r'I_c⁻¹r) of each r = I_m v − λ I_c v (m): some eigenvalue is at most so far from λ. */
  readonly residuals: Float64Array;
  /** Whether the residuals are within the tolerance and no multiple eigenvalue was missed. */
  readonly converged: boolean;
  /** Products with the informations that it took, each a pass over the rows. */
  readonly products: { readonly complete: number; readonly missing: number };
}

/** Directions the basis of the search holds at the most, or so many times m. */
const BASIS = 300;
const BASIS_PER_VALUE = 5;
/** Residual of the system that tries I_c. */
const PROBE = 1e-8;
/** Iterations of a solution with I_c: cut much shorter, the search goes astray. */
const INNER_ITERATIONS = 1000;

/**
 * The largest eigenvalues of a fit's missing-information spectrum, for thousands of parameters: no p × p matrix is formed.
 *
 * Lanczos' method for I_m v = λ I_c v in the inner product of I_c, from products with both; systems in I_c are solved by
 * conjugate gradients to a hundredth of the tolerance, preconditioned with a block for each predictor. The largest value
 * is the rate of EM, as in {@link spectrum}; one above 1 says that the point is no maximum. What takes the whole
 * informations, such as standard errors, is not here. Up to about 600 parameters `spectrum` is as fast and has it all.
 *
 * Directions in which I_c is 0, such as those of collinear columns, are left out.
 *
 * Of any model that has products with its informations, at any point: `topSpectrum(model, theta, data, options)`.
 *
 * @throws InputError when m is no whole number from 1 to the number of fitted parameters, the tolerance is not above 0,
 *   I_c is negative in some direction, or 0 in so many that fewer than m are left
 * @remarks cost: some dozens of steps, of 10 to 200 products each; a product takes 2n multiplications for each parameter.
 *   arXiv 2411.06056, Theorem B.2.
 * @example
 * ```ts
 * import { datasetPath, fit, spectrum, topSpectrum } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const { rate, residuals } = topSpectrum(iris, { top: 2 });
 * const dense = spectrum(iris);
 * if (Math.abs(rate - dense.rate) > 1e-8 || residuals.length !== 2) throw new Error("the same eigenvalues");
 * ```
 */
export function topSpectrum(fit: Whole, options?: TopSpectrumOfFit): TopSpectrum;
export function topSpectrum<Data>(
  model: MatrixFreeModel<Data>,
  theta: Float64Array,
  data: Data,
  options?: TopSpectrumOptions,
): TopSpectrum;
export function topSpectrum(on: Whole | MatrixFreeModel<unknown>, ...rest: unknown[]): TopSpectrum {
  if (!isWhole(on)) return topSpectrumAt(on, ...(rest as [Float64Array, unknown, TopSpectrumOptions?]));
  const { mixture, theta } = fittedParts(ACT, on);
  const [options = {}] = rest as [TopSpectrumOfFit?];
  const { rows, ...search } = readOptions(ACT, options, OF_FIT);
  return topSpectrumAt(mixture, theta, rowsOfFit(ACT, on, rows, "topSpectrum(model, { rows })"), search);
}

const ACT = "compute the top of the spectrum";

function topSpectrumAt<Data>(
  model: MatrixFreeModel<Data>,
  theta: Float64Array,
  data: Data,
  options: TopSpectrumOptions = {},
): TopSpectrum {
  checkModelAt(ACT, model, { theta }, data, ["informationProducts"]);
  const plan = readOptions(ACT, options, OPTIONS);
  const { free = Array.from(theta.keys()) } = model;
  const { top = Math.min(6, free.length), tolerance } = plan;
  if (!(top >= 1 && top <= free.length)) {
    throw new InputError(ACT, `top to be a whole number from 1 to ${free.length}, the fitted parameters`, String(top));
  }

  const informations = model.informationProducts(theta, data);
  const { solve, colour } = informations.preconditioner();
  const products = { complete: 0, missing: 0 };
  const counted =
    (name: keyof typeof products) =>
    (v: Float64Array): Float64Array => {
      products[name]++;
      return informations[name](v);
    };
  const [complete, missing] = [counted("complete"), counted("missing")];
  const rng = random(plan.seed);
  const draw = (): Float64Array => {
    const drawn = new Float64Array(theta.length);
    for (const j of free) drawn[j] = rng.normal();
    return colour(drawn);
  };
  // A right side with a part along every eigenvector: solving for it meets each direction in which I_c is negative.
  const probe = conjugateGradient(complete, complete(draw()), {
    precondition: solve,
    tolerance: PROBE,
    maxIterations: INNER_ITERATIONS,
  });
  if (probe.end === "negative curvature") {
    throw new InputError(
      ACT,
      "positive definite complete information",
      "a direction in which it is negative, as linear experts have far from a limit of EM",
      "fit to convergence",
    );
  }
  const inner = { precondition: solve, tolerance: tolerance / 100, maxIterations: INNER_ITERATIONS };
  const { values, vectors, residuals, converged } = lanczos(
    { a: missing, b: complete, solve: (r) => conjugateGradient(complete, r, inner).x, draw, dimension: free.length },
    top,
    tolerance,
    Math.max(BASIS, BASIS_PER_VALUE * top),
  );
  if (values.length < top) {
    throw new InputError(
      ACT,
      "complete information about all parameters",
      `no more than ${values.length} directions of it`,
      `ask for ${values.length} eigenvalues or fewer, or fit with a ridge above 0`,
    );
  }
  const { gradient } = model.gradient(theta, data);
  const found: TopSpectrum = {
    eigenvalues: values,
    rate: values[0],
    predictedIterationsPerDigit: stepsPerDigit(values[0]),
    eigenvectors: vectors,
    residuals,
    converged,
    products,
    observedInformation: values[0] < 1 - FLAT ? "positive definite" : "not positive definite",
    gradientNorm: Math.sqrt(dot(gradient, gradient)) / model.totalWeight(data),
    names: model.names,
  };
  return printed(found, spectrumInWords);
}

import { InputError, quote } from "../errors.ts";
import { cholesky, inverseForm, inverseRoot, rowProducts, rowSquares } from "../math/cholesky.ts";
import { dependence } from "../math/dependent.ts";
import { generalisedEigen } from "../math/generalised-eigen.ts";
import { solveLower, solveLowerRows, solveUpperRows } from "../math/triangular.ts";
import { dot } from "../math/vector.ts";
import { type Observations, sumOverStretches } from "../rows/observations.ts";
import { FLAT, type FreeInformation, freeInformation } from "./free-information.ts";
import { DENSE } from "./information.ts";
import type { Mixture } from "./mixture.ts";
import type { Centred } from "./model.ts";
import { unitScores } from "./unit-scores.ts";

/** Curvature of the objective at its maximum, about the q parameters that are fitted. */
export interface Curvature {
  /** Positions of the parameters in θ (q). */
  readonly free: readonly number[];
  /** The inverse of the observed information I_c − I_m (q × q). */
  readonly inverse: Float64Array;
  /** Influences of the units on the parameters: the inverse times the units' scores (U × q). */
  readonly influences: () => Float64Array;
  /** Sums over units of their influences: of rows that are not in memory stretch by stretch. */
  readonly sumOfInfluences: (sumsOf: (influences: Float64Array) => Float64Array) => Float64Array;
  /**
   * For some sets of the q parameters how far each unit moves them, d'V⁻¹d with its influence d on them and their block V of
   * the inverse (U × sets). Of sets of whole predictors, so that centring their columns changes nothing.
   */
  readonly distances: (sets: readonly (readonly number[])[]) => Float64Array;
}

/** Largest distance from the limit, in standard errors, at which a point is taken for the maximum. */
const NEAR = 0.1;
/** Parameters that a combination names, and how much less than the largest the least of them moves. */
const NAMED = 4;
const LEAST_SHARE = 0.1;

/**
 * The inverse of the observed information of a mixture at its maximum, by Louis' identity.
 *
 * @throws InputError where the point is no maximum of these rows, saying along which combination of parameters it is none,
 *   and of more than 600 parameters
 * @remarks cost n·p² multiplications, and p³. Louis 1982.
 */
export function curvatureAt(act: string, model: Mixture, theta: Float64Array, data: Observations): Curvature {
  if (model.free.length > DENSE) {
    throw new InputError(act, `${DENSE} fitted parameters or fewer`, String(model.free.length), "leave columns out");
  }
  if (model.free.length === 0) {
    throw new InputError(act, "a parameter that is fitted", "none", "fix fewer of them");
  }
  const about: Centred<Observations> | undefined = model.centred(data);
  const [inner, rows, at] = [(about?.model ?? model) as Mixture, about?.data ?? data, about?.inside(theta) ?? theta];
  const information = freeInformation(inner, at, rows);
  const { free } = information;
  const q = free.length;
  const outside = (direction: Float64Array): Float64Array => about?.outside(direction) ?? direction;
  const { l, root } = factorsOf(act, information, model.names, outside);
  const { gradient } = inner.gradient(at, rows);
  const own = Float64Array.from(free, (j) => gradient[j]);
  refuseFar(act, own, l);
  // BL⁻ᵀ for θ = Bφ: the covariance of two parameters is the product of their rows.
  const halves = about === undefined ? root : halvesOf(about, free, l);
  const scoresOf = (some: Observations): Float64Array =>
    freeScores(unitScores(inner, theta.length, at, some), theta.length, free);
  let found: Float64Array | undefined;
  const scores = (): Float64Array => {
    found ??= scoresOf(rows);
    return found;
  };
  return {
    free,
    inverse: rowProducts(halves, q),
    influences: () => influencesOf(halves, l, scores()),
    sumOfInfluences: (sumsOf) => {
      if (rows.stretches === undefined) return sumsOf(influencesOf(halves, l, scores()));
      return sumOverStretches(rows.stretches, (part) => sumsOf(influencesOf(halves, l, scoresOf(part))));
    },
    distances: (sets) => {
      return distancesOf(act, rowProducts(root, q), influencesOf(root, l, scores()), sets);
    },
  };
}

/** BL⁻ᵀ (q × q), of the parameters that are fitted. */
function halvesOf({ row }: Centred<Observations>, free: readonly number[], l: Float64Array): Float64Array {
  const halves = new Float64Array(l.length);
  free.forEach((j, to) => {
    const own = row(j);
    free.forEach((i, at) => {
      halves[to * free.length + at] = own[i];
    });
  });
  solveLowerRows(l, free.length, halves);
  return halves;
}

/** The units' scores by the parameters that are fitted (U × q). */
function freeScores(scores: Float64Array, p: number, free: readonly number[]): Float64Array {
  const q = free.length;
  return Float64Array.from(
    { length: (scores.length / p) * q },
    (_, at) => scores[Math.floor(at / q) * p + free[at % q]],
  );
}

function influencesOf(halves: Float64Array, l: Float64Array, scores: Float64Array): Float64Array {
  const q = Math.sqrt(halves.length);
  const directions = halves.slice();
  solveUpperRows(l, q, directions);
  const influences = new Float64Array(scores.length);
  for (let from = 0; from < scores.length; from += q) {
    for (let j = 0; j < q; j++) {
      let sum = 0;
      for (let m = 0; m < q; m++) sum += directions[j * q + m] * scores[from + m];
      influences[from + j] = sum;
    }
  }
  return influences;
}

/** See {@link Curvature.distances}. */
function distancesOf(
  act: string,
  inverse: Float64Array,
  influences: Float64Array,
  sets: readonly (readonly number[])[],
): Float64Array {
  const q = Math.sqrt(inverse.length);
  const found = new Float64Array((influences.length / q) * sets.length);
  sets.forEach((own, set) => {
    const m = own.length;
    const block = Float64Array.from({ length: m * m }, (_, at) => inverse[own[Math.floor(at / m)] * q + own[at % m]]);
    const factor = cholesky(block, m, 0);
    if (typeof factor === "number") {
      throw new InputError(act, "parameters that are told apart", "some that rounding makes one", "scale the columns");
    }
    for (let unit = 0; unit * q < influences.length; unit++) {
      const moved = Float64Array.from(own, (j) => influences[unit * q + j]);
      found[unit * sets.length + set] = inverseForm(factor, m, moved);
    }
  });
  return found;
}

/** Cholesky factor L of the observed information, and L⁻ᵀ; or the reason why there is none. */
function factorsOf(
  act: string,
  { free, complete, missing }: FreeInformation,
  names: readonly string[],
  outside: (direction: Float64Array) => Float64Array,
): { readonly l: Float64Array; readonly root: Float64Array } {
  const q = free.length;
  const observed = complete.map((entry, j) => entry - missing[j]);
  const l = cholesky(observed, q);
  const whole = cholesky(complete, q);
  if (typeof l !== "number") {
    const root = inverseRoot(l, q);
    if (typeof whole === "number" || !isFlat(root, inverseRoot(whole, q), q)) return { l, root };
  }
  const next = "fit until it converges, with more starts, fewer experts or columns, or a ridge above 0";
  if (typeof whole === "number") {
    const { column = whole, partners = [] } = dependence(complete, q) ?? {};
    const others = partners.map((j) => quote(names[free[j]])).slice(0, NAMED);
    const beyond = others.length === 0 ? "" : ` beyond that about ${others.join(", ")}`;
    const got = `no information about ${quote(names[free[column]])}${beyond}`;
    throw new InputError(act, "information about every parameter", got, next);
  }
  const { vectors } = generalisedEigen(missing, whole, q);
  const direction = new Float64Array(names.length);
  free.forEach((at, j) => {
    direction[at] = vectors[j];
  });
  const moved = outside(direction);
  const sizes = free.map((at, j) => moved[at] * Math.sqrt(complete[j * q + j]));
  const got = `a point where it does not fall along ${combination(sizes, (j) => names[free[j]])}`;
  throw new InputError(act, "a maximum, where the likelihood falls in every direction", got, next);
}

/** Whether a parameter varies so much more than with complete data that the rows tell nothing of it, by the roots of both inverses. */
function isFlat(observed: Float64Array, complete: Float64Array, q: number): boolean {
  const least = rowSquares(complete, q);
  return rowSquares(observed, q).some((variance, j) => least[j] < FLAT * variance);
}

/** Such as `"gate2.x" − 0.98 "expert2.x"`: the parameters that move most, the largest first. */
function combination(sizes: readonly number[], name: (j: number) => string): string {
  const order = [...sizes.keys()].sort((a, b) => Math.abs(sizes[b]) - Math.abs(sizes[a]));
  const largest = sizes[order[0]];
  const shares = order
    .map((j) => ({ share: sizes[j] / largest, name: quote(name(j)) }))
    .filter(({ share }) => Math.abs(share) >= LEAST_SHARE);
  const told = shares.slice(0, NAMED).map(({ share, name }, at) => {
    const sign = at === 0 ? "" : share < 0 ? " − " : " + ";
    const size = Math.abs(share).toPrecision(2);
    return `${sign}${size === "1.0" ? "" : `${size} `}${name}`;
  });
  return `${told.join("")}${shares.length > NAMED ? ` and ${shares.length - NAMED} more` : ""}`;
}

/** Refuses a point from which the maximum is further than a tenth of a standard error. */
function refuseFar(act: string, gradient: Float64Array, l: Float64Array): void {
  const step = gradient.slice();
  solveLower(l, gradient.length, step);
  const distance = Math.sqrt(dot(step, step));
  if (distance <= NEAR) return;
  const got = `one that is about ${distance.toPrecision(2)} standard errors from it`;
  throw new InputError(act, "parameters at the maximum of these rows", got, "fit these rows until it converges");
}

import type { Parts } from "../laws/law.ts";
import type { Design, Observations } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { totalWeight } from "../rows/units.ts";
import type { Centred, InformedModel } from "./model.ts";

/** A mixture in columns whose means are 0, where they are far from 0: sums of their squares would lose what varies. */
export interface Centring<M> extends Centred<Observations> {
  readonly model: M & InformedModel<Observations>;
  /** The model outside that is this one inside, which may differ from `model` in its priors. */
  readonly modelOutside: (model: M) => M;
}

/** Precision matrices by part, as a mixture's specification has them. */
export type Priors = Readonly<Record<string, readonly number[]>>;

/** What can be centred. */
interface Centrable<M> extends Parts, InformedModel<Observations> {
  readonly spec: { readonly ridge?: number; readonly priors?: Priors };
  /** The same with other priors. */
  readonly withPriors: (priors: Priors) => M;
}

/** A column is far from 0 whose mean is more than so many standard deviations away. */
const FAR = 10;

/**
 * Centres the columns of a mixture that are far from 0, such as years, or seconds since 1970.
 *
 * @returns nothing where no column is; a design without an intercept, or with a fixed one, stays as it is, and so does all
 *   with a ridge, which is on the intercepts as they are
 * @remarks cost n numbers for each column
 */
export function centring<M extends Centrable<M>>(model: M, data: Observations): Centring<M> | undefined {
  const { spec, gate, experts } = model;
  if ((spec.ridge ?? 0) > 0) return undefined;
  const heads = [...gate, ...experts.flat()];
  const shifts = { gate: shiftsOf(data.gate, data), expert: shiftsOf(data.expert, data) };
  const isHeld = (design: Predictor["design"], at: number): boolean =>
    heads.some((head) => head.design === design && head.fixed?.includes(at));
  for (const design of ["gate", "expert"] as const) {
    const { intercept, means } = shifts[design];
    if (isHeld(design, intercept)) means.fill(0);
  }
  if (![...shifts.gate.means, ...shifts.expert.means].some((mean) => mean !== 0)) return undefined;
  /** Adds `sign` times what the centred columns' coefficients are worth at the means to the intercepts. */
  const moved = (theta: Float64Array, sign: number): Float64Array => {
    const out = theta.slice();
    for (const { design, offset } of heads) {
      if (design === "constant") continue;
      const { intercept, means } = shifts[design];
      means.forEach((mean, j) => {
        if (mean !== 0) out[offset + intercept] += sign * mean * theta[offset + j];
      });
    }
    return out;
  };
  const expert = centred(data.expert, shifts.expert.means);
  const isShared = data.gate === data.expert;
  return {
    model: withPriors(model, (design, prior) => movedPrior(prior, shifts[design], -1)),
    data: { ...data, expert, gate: isShared ? expert : centred(data.gate, shifts.gate.means) },
    inside: (theta) => moved(theta, 1),
    outside: (theta) => moved(theta, -1),
    row: (j) => {
      const row = new Float64Array(model.names.length);
      row[j] = 1;
      for (const { design, offset } of heads) {
        if (design === "constant" || offset + shifts[design].intercept !== j) continue;
        shifts[design].means.forEach((mean, l) => {
          row[offset + l] -= mean;
        });
      }
      return row;
    },
    gradient: (gradient) => {
      const out = gradient.slice();
      for (const { design, offset } of heads) {
        if (design === "constant") continue;
        const { intercept, means } = shifts[design];
        means.forEach((mean, j) => {
          out[offset + j] += mean * gradient[offset + intercept];
        });
      }
      return out;
    },
    modelOutside: (inside) => withPriors(inside, (design, prior) => movedPrior(prior, shifts[design], 1)),
  };
}

/** Where the intercept is, and the means of the columns that are far from 0; 0 of the others. */
interface Shifts {
  readonly intercept: number;
  readonly means: Float64Array;
}

function shiftsOf({ values }: Design, { weights, rows }: Observations): Shifts {
  const intercept = values.findIndex((column) => column[0] !== 0 && column.every((value) => value === column[0]));
  const means = new Float64Array(values.length);
  if (intercept < 0 || values[intercept][0] !== 1) return { intercept: 0, means };
  const total = totalWeight({ rows, weights });
  values.forEach((column, j) => {
    if (j === intercept) return;
    const mean = column.reduce((sum, value, i) => sum + (weights?.[i] ?? 1) * value, 0) / total;
    const variance = column.reduce((sum, value, i) => sum + (weights?.[i] ?? 1) * (value - mean) ** 2, 0) / total;
    if (variance > 0 && mean * mean > FAR * FAR * variance) means[j] = mean;
  });
  return { intercept, means };
}

function centred(design: Design, means: Float64Array): Design {
  const values = design.values.map((column, j) => (means[j] === 0 ? column : column.map((value) => value - means[j])));
  return { columns: design.columns, values };
}

/** The same mixture with its priors carried over. */
function withPriors<M extends Centrable<M>>(
  model: M,
  carry: (design: "gate" | "expert", prior: readonly number[]) => readonly number[],
): M {
  const { priors } = model.spec;
  if (priors === undefined) return model;
  const carried = Object.entries(priors).map(([part, prior]) => {
    return [part, carry(part === "gate" ? "gate" : "expert", prior)] as const;
  });
  return model.withPriors(Object.fromEntries(carried));
}

/** S'PS for S that adds `sign` times the means' worth to the intercept. */
function movedPrior(prior: readonly number[], { intercept, means }: Shifts, sign: number): readonly number[] {
  const d = means.length;
  const half = prior.map((entry, at) => {
    const row = Math.floor(at / d);
    return entry + sign * means[at % d] * prior[row * d + intercept];
  });
  return half.map((entry, at) => {
    const row = Math.floor(at / d);
    return entry + sign * means[row] * half[intercept * d + (at % d)];
  });
}

import { isOfGate } from "../laws/gates/nodes.ts";
import type { Parts } from "../laws/law.ts";
import type { ColumnScales, Observations } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { momentsOf, scaledRows } from "../rows/scaled.ts";
import { precisionOf } from "../solve/coupling.ts";
import type { Centred, InformedModel } from "./model.ts";
import { aboutZero, type Prior, type Priors } from "./prior.ts";

/** A mixture in columns whose means are 0, where they are far from 0: sums of their squares would lose what varies. */
export interface Centring<M> extends Centred<Observations> {
  readonly model: M & InformedModel<Observations>;
  /** The model outside that is this one inside, which may differ from `model` in its priors. */
  readonly modelOutside: (model: M) => M;
}

/** What can be centred. */
interface Centrable<M> extends Parts, InformedModel<Observations> {
  readonly spec: { readonly ridge?: number; readonly priors?: Priors };
  /** The same with other priors on the coefficients, and another ridge where one is given. */
  readonly withPriors: (priors: Priors, ridge?: number) => M;
}

/** A column is far from 0 whose mean is more than so many standard deviations away. */
const FAR = 10;

/**
 * Centres the columns of a mixture that are far from 0, such as years, or seconds since 1970.
 *
 * @returns nothing where no column is; a design without an intercept, or with a fixed one, stays as it is, and so does all
 *   with a ridge, which is on the intercepts as they are
 * @remarks cost: two passes for each design, and in memory n numbers for each column
 */
export function centring<M extends Centrable<M>>(model: M, data: Observations): Centring<M> | undefined {
  if ((model.spec.ridge ?? 0) > 0) return undefined;
  const scales = scalesOf(model, data, ({ mean, deviation }) => {
    return { mean: deviation > 0 && Math.abs(mean) > FAR * deviation ? mean : 0, deviation: 1 };
  });
  if (![...scales.gate.means, ...scales.expert.means].some((mean) => mean !== 0)) return undefined;
  return inColumns(model, data, scales);
}

/**
 * Standardises the columns of a mixture: means 0 and standard deviations 1, by the rows' weights. A ridge is then on the
 * coefficients of those, and does not depend on the columns' units.
 *
 * @returns columns that do not vary, and those with a fixed coefficient, stay as they are; where there is no intercept, or a
 *   fixed one, the means do
 * @remarks cost: two passes for each design, in memory n numbers for each column, and d³ multiplications for each part where there is a prior
 */
export function standardising<M extends Centrable<M>>(model: M, data: Observations): Centring<M> {
  const scales = scalesOf(model, data, ({ mean, deviation }) => {
    return deviation > 0 ? { mean, deviation } : { mean: 0, deviation: 1 };
  });
  return inColumns(model, data, scales);
}

/** What a design's columns are less, and over. */
interface Scales extends ColumnScales {
  /** Where the intercept is; means are 0 where there is none. */
  readonly intercept: number;
}

interface BothScales {
  readonly gate: Scales;
  readonly expert: Scales;
}

/** Mean and standard deviation of a column. */
interface Moment {
  readonly mean: number;
  readonly deviation: number;
}

function scalesOf<M extends Centrable<M>>(
  { gate, experts }: M,
  data: Observations,
  scale: (moment: Moment) => Moment,
): BothScales {
  const ofDesign = (design: "gate" | "expert", predictors: readonly Predictor[]): Scales => {
    const isHeld = (at: number): boolean => predictors.some(({ fixed }) => fixed?.includes(at));
    const { ones, means, deviations } = momentsOf(data, design);
    // Experts that share an intercept cannot take up means of coefficients that they do not share.
    const isOfAll = predictors.length > 1 && ones >= 0 && new Set(predictors.map(({ at }) => at[ones])).size === 1;
    const hasIntercept = ones >= 0 && !isHeld(ones) && !isOfAll;
    const own = Array.from(means, (mean, j) => {
      return j === ones || isHeld(j) ? { mean: 0, deviation: 1 } : scale({ mean, deviation: deviations[j] });
    });
    return {
      intercept: Math.max(0, ones),
      means: Float64Array.from(own, ({ mean }) => (hasIntercept ? mean : 0)),
      deviations: Float64Array.from(own, ({ deviation }) => deviation),
    };
  };
  const means = experts.flatMap((own) => own.filter(({ design }) => design === "expert"));
  return { gate: ofDesign("gate", gate), expert: ofDesign("expert", means) };
}

/** The mixture in scaled columns: φ_j = s_j θ_j, and the intercept with what the means are worth. */
function inColumns<M extends Centrable<M>>(model: M, data: Observations, scales: BothScales): Centring<M> {
  const heads = [...model.gate, ...model.experts.flat()].filter(({ design }) => design !== "constant");
  const of = ({ design }: Predictor): Scales => scales[design === "gate" ? "gate" : "expert"];
  // A coefficient that experts share has one place.
  const deviations = new Float64Array(model.names.length).fill(1);
  for (const head of heads) {
    head.at.forEach((place, j) => {
      deviations[place] = of(head).deviations[j];
    });
  }
  /** Visits the place of each intercept with that of each coefficient that it takes up the column's mean of. */
  const eachMean = (visit: (intercept: number, place: number, mean: number) => void): void => {
    for (const head of heads) {
      const { intercept, means } = of(head);
      means.forEach((mean, j) => {
        if (mean !== 0) visit(head.at[intercept], head.at[j], mean);
      });
    }
  };
  const { priors } = model.spec;
  return {
    model: priors === undefined ? model : carried(model, priors, scales, inside),
    data: scaledRows(data, scales),
    inside: (theta) => {
      const out = theta.map((value, place) => value * deviations[place]);
      eachMean((intercept, place, mean) => {
        out[intercept] += mean * theta[place];
      });
      return out;
    },
    outside: (phi) => {
      const out = phi.map((value, place) => value / deviations[place]);
      eachMean((intercept, place, mean) => {
        out[intercept] -= mean * out[place];
      });
      return out;
    },
    row: (j) => {
      const row = new Float64Array(model.names.length);
      row[j] = 1 / deviations[j];
      eachMean((intercept, place, mean) => {
        if (intercept === j) row[place] -= mean / deviations[place];
      });
      return row;
    },
    gradient: (gradient) => {
      const out = gradient.map((value, place) => value * deviations[place]);
      eachMean((intercept, place, mean) => {
        out[place] += mean * gradient[intercept];
      });
      return out;
    },
    modelOutside: (found) => {
      const own = penaltiesOf(found);
      return Object.keys(own).length === 0 ? found : carried(found, own, scales, outside, 0);
    },
  };
}

/** The penalties of all parts, ridge and priors together: a ridge is about 0, and so is what it is added to. */
function penaltiesOf<M extends Centrable<M>>({ gate, gateLaw, experts, spec }: M): Priors {
  const { ridge = 0, priors = {} } = spec;
  const parts: readonly (readonly [string, Predictor | undefined])[] = [
    ...gateLaw.nodes.map(({ part, first }) => [part, gate[first]] as const),
    ...experts.map(([mean], z) => [`expert${z + 1}`, mean] as const),
  ];
  const penalties = parts.flatMap(([part, predictor]): (readonly [string, Prior])[] => {
    if (predictor === undefined || (!predictor.ridge && predictor.prior === undefined)) return [];
    if (ridge === 0 && priors[part]?.origin !== undefined) return [[part, priors[part]]];
    const d = predictor.at.length;
    const precision = precisionOf(predictor);
    return [[part, { precision: Array.from({ length: d * d }, (_, at) => precision(Math.floor(at / d), at % d)) }]];
  });
  return Object.fromEntries(penalties);
}

/** The model with its penalties carried into columns less means and over deviations, or out of them. */
function carried<M extends Centrable<M>>(
  model: M,
  penalties: Priors,
  scales: BothScales,
  carry: (penalty: Prior, scales: Scales) => Prior,
  ridge?: number,
): M {
  const there = Object.entries(penalties).map(([part, penalty]) => {
    return [part, carry(penalty, isOfGate(part) ? scales.gate : scales.expert)] as const;
  });
  return model.withPriors(Object.fromEntries(there), ridge);
}

/** A prior outside as one inside: of columns over their deviations, and less what of its origin the means are not. */
function inside(prior: Prior, scales: Scales): Prior {
  const { intercept, means, deviations } = scales;
  const { precision, origin } = prior;
  // An origin is the intercept's that takes up the means here, or all of it is written into the matrix.
  const isHere = origin === undefined || origin.intercept === intercept;
  const own = spread(isHere ? precision : aboutZero(prior), scales, -1);
  const from = (isHere && origin?.means) || means.map(() => 0);
  const rest = Array.from(means, (mean, j) => (from[j] - mean) / deviations[j]);
  return { precision: aboutZero({ precision: own, origin: { intercept, means: rest } }) };
}

/** A prior inside as one outside, about what the columns are less. */
function outside(prior: Prior, scales: Scales): Prior {
  const { intercept, means } = scales;
  const precision = spread(aboutZero(prior), scales, 1);
  if (means.every((mean) => mean === 0)) return { precision };
  return { precision, origin: { intercept, means: Array.from(means) } };
}

function spread(precision: readonly number[], { deviations }: Scales, power: number): readonly number[] {
  const d = deviations.length;
  return precision.map((entry, at) => entry * (deviations[Math.floor(at / d)] * deviations[at % d]) ** power);
}

import { checkArgument } from "../errors/arguments.ts";
import { callable } from "../errors/kinds.ts";
import type { Predictor } from "../laws/law.ts";
import { checkMixture, checkPoint } from "./checks.ts";
import type { Mixture } from "./mixture.ts";

/** Numbers by column name. */
export type ByColumn = Readonly<Record<string, number>>;

/** A mixture's parameters by name: what each expert and the gate read off each column. */
export interface Coefficients {
  /** The columns in order: an object's keys lose theirs where they look like whole numbers. */
  readonly columns: { readonly expert: readonly string[]; readonly gate: readonly string[] };
  readonly experts: readonly ExpertCoefficients[];
  /** One entry for each expert; the first is the reference, all 0. */
  readonly gate: readonly ByColumn[];
}

/** One expert's parameters by name. */
export interface ExpertCoefficients {
  /** By column; of a logistic expert by label, then column. */
  readonly coefficients: ByColumn | LabelledCoefficients;
  /** Standard deviation of a linear expert's response. */
  readonly sigma?: number;
  /** Shape ν of a Gamma expert: the variance is μ²/ν. */
  readonly shape?: number;
  /** Dispersion α of a negative binomial expert: the variance is μ + αμ². */
  readonly dispersion?: number;
}

/** What a logistic expert reads off each column, label by label in their order; the first is the reference, all 0. */
export interface LabelledCoefficients extends ReadonlyArray<LabelCoefficients> {
  /** A list has no columns; so `coefficients.x` compiles whatever the experts' kind. */
  readonly [column: string]: unknown;
}

/** Coefficients of one label's log-odds against the first. */
export interface LabelCoefficients {
  readonly label: string;
  readonly values: ByColumn;
}

/**
 * A vector of the parameters' shape, such as θ or its standard errors, by name.
 *
 * @param values one number for each parameter (p)
 * @param scale turns the number at the logarithm of a scale, such as log σ, into the one to report of the scale; for θ
 *   itself, `Math.exp`
 * @example
 * ```ts
 * import { coefficients, fit } from "mixlens";
 * const x = [0, 1, 2, 3, 4, 5];
 * const line = fit({ x, y: [1.1, 2.9, 5.1, 6.9, 9.1, 10.9] }, { response: "y", k: 1 });
 * const [expert] = coefficients(line.mixture, line.theta).experts;
 * if (Math.abs(Number(expert.coefficients.x) - 2) > 0.1) throw new Error("the slope is about 2");
 * ```
 */
export function coefficients(
  mixture: Mixture,
  values: Float64Array,
  scale: (value: number, at: number) => number = Math.exp,
): Coefficients {
  const act = "name coefficients";
  checkMixture(act, mixture);
  checkPoint(act, "values", values, mixture);
  checkArgument(act, "scale", scale, callable);
  const { spec, gate, experts, law } = mixture;
  // A column may be called __proto__: an own property all the same.
  const read = (columns: readonly string[], predictor?: Predictor): ByColumn =>
    Object.fromEntries(columns.map((name, j) => [name, predictor === undefined ? 0 : values[predictor.offset + j]]));
  return {
    columns: { expert: spec.expertColumns, gate: spec.gateColumns },
    experts: experts.map((predictors) => {
      if (spec.labels !== undefined) {
        const list: readonly LabelCoefficients[] = spec.labels.map((label, c) => {
          return { label, values: read(spec.expertColumns, predictors[c - 1]) };
        });
        return { coefficients: list as LabelledCoefficients };
      }
      const [mean, logarithm] = predictors;
      const named = law.scale && { [law.scale.name]: scale(values[logarithm.offset], logarithm.offset) };
      return { coefficients: read(spec.expertColumns, mean), ...named };
    }),
    gate: [undefined, ...gate].map((predictor) => read(spec.gateColumns, predictor)),
  };
}

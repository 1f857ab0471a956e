import type { Predictor } from "./family.ts";
import type { Mixture } from "./mixture.ts";

/** Numbers by column name. */
export type ByColumn = Readonly<Record<string, number>>;

/** A mixture's parameters by name: what each expert and the gate read off each column. */
export interface Coefficients {
  readonly experts: readonly ExpertCoefficients[];
  /** One entry for each expert; the first is the reference, all 0. */
  readonly gate: readonly ByColumn[];
}

/** One expert's parameters by name. */
export interface ExpertCoefficients {
  /** By column; for a logistic expert by label, then column, the first label being the reference, all 0. */
  readonly coefficients: ByColumn | Readonly<Record<string, ByColumn>>;
  /** Standard deviation of a linear expert's response. */
  readonly sigma?: number;
}

/**
 * A vector of the parameters' shape, such as θ or its standard errors, by name.
 *
 * @param values one number for each parameter (p)
 * @param sigma turns the number at log σ into the one to report at σ; for θ itself, `Math.exp`
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
  { spec, gate, experts }: Mixture,
  values: Float64Array,
  sigma: (value: number, at: number) => number = Math.exp,
): Coefficients {
  const read = (columns: readonly string[], predictor?: Predictor): ByColumn =>
    byName(columns, (j) => (predictor === undefined ? 0 : values[predictor.offset + j]));
  return {
    experts: experts.map((predictors) => {
      if (spec.labels !== undefined) {
        const labels = spec.labels;
        return {
          coefficients: byName(labels, (c) => read(spec.expertColumns, c === 0 ? undefined : predictors[c - 1])),
        };
      }
      const [mean, ...logSigma] = predictors;
      const [spread] = logSigma.map(({ offset }) => ({ sigma: sigma(values[offset], offset) }));
      return { coefficients: read(spec.expertColumns, mean), ...spread };
    }),
    gate: [undefined, ...gate].map((predictor) => read(spec.gateColumns, predictor)),
  };
}

function byName<Value>(names: readonly string[], value: (at: number) => Value): Readonly<Record<string, Value>> {
  // A column may be called __proto__: an own property all the same.
  return Object.fromEntries(names.map((name, at) => [name, value(at)]));
}

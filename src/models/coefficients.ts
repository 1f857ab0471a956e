import { checkArgument } from "../errors/arguments.ts";
import { callable } from "../errors/kinds.ts";
import type { GateNode } from "../laws/gates/nodes.ts";
import type { ExpertKind } from "../laws/registry.ts";
import type { Predictor } from "../rows/predictor.ts";
import { tabled } from "../text/tabled.ts";
import { checkMixture, checkPoint, isWhole } from "./checks.ts";
import { coefficientTable } from "./coefficient-table.ts";
import type { Mixture } from "./mixture.ts";
import type {
  ByColumn,
  Coefficients,
  ExpertCoefficients,
  GateContrast,
  LabelCoefficients,
  LabelledCoefficients,
} from "./named-parameters.ts";
import { zeroExpert } from "./zero-expert.ts";

/**
 * The parameters of a fit by name; or a vector of their shape, such as standard errors.
 *
 * @example
 * ```ts
 * import { coefficients, fit, spectrum } from "mixlens";
 * const x = [0, 1, 2, 3, 4, 5];
 * const line = fit({ x, y: [1.1, 2.9, 5.1, 6.9, 9.1, 10.9] }, { response: "y", k: 1 });
 * const [expert] = coefficients(line).experts;
 * if (Math.abs(expert.coefficients.x - 2) > 0.1) throw new Error("the slope is about 2");
 * const errors = coefficients(line.mixture, spectrum(line).standardErrors, (error, at) => error * Math.exp(line.theta[at]));
 * if (!(errors.experts[0].coefficients.x < 0.1)) throw new Error("and not far off");
 * ```
 */
export function coefficients<E extends ExpertKind>(fit: Parameterised<E>): Coefficients<E>;
/**
 * A vector of the parameters' shape by name, such as standard errors.
 *
 * @param values one number for each parameter (p)
 * @param scale turns the number at the logarithm of a scale, such as log σ, into the one to report of the scale; for θ
 *   itself, `Math.exp`
 */
export function coefficients<E extends ExpertKind>(
  mixture: Mixture<E>,
  values: Float64Array,
  scale?: (value: number, at: number) => number,
): Coefficients<E>;
export function coefficients(...given: [Parameterised | Mixture, Float64Array?, Transform?]): Coefficients {
  const [first, at, scale] = given;
  return isWhole(first) ? named(first.mixture, first.theta) : named(first as Mixture, at as Float64Array, scale);
}

/** A mixture and its parameters. */
export interface Parameterised<E extends ExpertKind = ExpertKind> {
  readonly mixture: Mixture<E>;
  readonly theta: Float64Array;
}

type Transform = (value: number, at: number) => number;

function named(mixture: Mixture, values: Float64Array, scale: Transform = Math.exp): Coefficients {
  const act = "name coefficients";
  checkMixture(act, mixture);
  checkPoint(act, "values", values, mixture);
  checkArgument(act, "scale", scale, callable);
  const { spec, gate, gateLaw, experts, law } = mixture;
  // A column may be called __proto__: an own property all the same.
  const read = (columns: readonly string[], predictor?: Predictor): ByColumn =>
    Object.fromEntries(columns.map((name, j) => [name, predictor === undefined ? 0 : values[predictor.at[j]]]));
  const found: Coefficients = {
    columns: { expert: spec.expertColumns, gate: spec.gateColumns },
    experts: experts.map((predictors, z) => {
      if (z === zeroExpert(spec)) return { coefficients: {}, always: 0 } as ExpertCoefficients;
      if (spec.labels !== undefined) {
        const list: readonly LabelCoefficients[] = spec.labels.map((label, c) => {
          return { label, values: read(spec.expertColumns, predictors[c - 1]) };
        });
        return { coefficients: list as LabelledCoefficients };
      }
      const [mean, logarithm] = predictors;
      const reported = law.scale && { [law.scale.name]: scale(values[logarithm.at[0]], logarithm.at[0]) };
      return { coefficients: read(spec.expertColumns, mean), ...reported } as ExpertCoefficients;
    }),
    gate: gateLaw.nodes.flatMap(({ first, branches }) =>
      branches.map((_, c) => read(spec.gateColumns, c === 0 ? undefined : gate[first + c - 1])),
    ),
    contrasts: contrastsOf(gateLaw.nodes),
  };
  return tabled(found, coefficientTable);
}

function contrastsOf(nodes: readonly GateNode[]): readonly GateContrast[] {
  let at = -1;
  return nodes.flatMap(({ branches }) =>
    branches.flatMap(({ name, experts }) => {
      at++;
      const [{ name: against }] = branches;
      return name === against ? [] : [{ at, name, against, experts: experts.map((z) => z + 1) }];
    }),
  );
}

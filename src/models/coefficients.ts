import { checkArgument } from "../errors/arguments.ts";
import { callable } from "../errors/kinds.ts";
import type { GateNode } from "../laws/gates/nodes.ts";
import type { ExpertKind } from "../laws/registry.ts";
import type { Predicts, ScaleOf } from "../laws/results.ts";
import type { Predictor } from "../rows/predictor.ts";
import { checkMixture, checkPoint, isWhole } from "./checks.ts";
import type { Mixture } from "./mixture.ts";
import { zeroExpert } from "./zero-expert.ts";

/** Numbers by column name. */
export type ByColumn = Readonly<Record<string, number>>;

/** A mixture's parameters by name: what each expert and the gate read off each column. */
export interface Coefficients<E extends ExpertKind = ExpertKind> {
  /** The columns in order: an object's keys lose theirs where they look like whole numbers. */
  readonly columns: { readonly expert: readonly string[]; readonly gate: readonly string[] };
  readonly experts: readonly ExpertCoefficients<E>[];
  /** One entry for each expert, of a tree for each branch of each gate; the first of each is the reference, all 0. */
  readonly gate: readonly ByColumn[];
  /** Those entries of the gate that are no reference. */
  readonly contrasts: readonly GateContrast[];
}

/** What an entry of the gate is: such as `node 1.2`, the log-odds of that branch against `node 1.1`. */
export interface GateContrast {
  /** Number of the entry, from 0. */
  readonly at: number;
  /** Such as `gate 2`, or of a tree `node 1.2`. */
  readonly name: string;
  readonly against: string;
  /** The experts that it leads to, from 1. */
  readonly experts: readonly number[];
}

/** One expert's parameters by name: by column, of a logistic expert by label and then column; and its scale. */
export type ExpertCoefficients<E extends ExpertKind = ExpertKind> = E extends ExpertKind
  ? {
      readonly coefficients: {
        readonly mean: ByColumn;
        readonly labels: LabelledCoefficients;
        readonly successes: ByColumn;
      }[Predicts<E>];
      /** Its response, of an expert that is always 0: it has no coefficients. */
      readonly always?: 0;
    } & Pick<ExpertScales, ScaleOf<E>> & { readonly [other in Exclude<keyof ExpertScales, ScaleOf<E>>]?: undefined }
  : never;

/** The scales that experts report, each kind its own. */
export interface ExpertScales {
  /** Standard deviation of a linear expert's response; σ of a Student-t expert's, whose variance is σ²ν/(ν − 2). */
  readonly sigma: number;
  /** Shape ν of a Gamma expert: the variance is μ²/ν. */
  readonly shape: number;
  /** Dispersion α of a negative binomial expert: the variance is μ + αμ². */
  readonly dispersion: number;
}

/** Coefficients of a logistic expert's columns, label by label in their order; the first is the reference, all 0. */
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
  return {
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

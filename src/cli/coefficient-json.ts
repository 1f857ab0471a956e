import type { Formula } from "../frame/formula.ts";
import { designKeys } from "../frame/observe.ts";
import type { ByColumn, Coefficients, LabelCoefficients } from "../models/named-parameters.ts";

/** Numbers by column, in the order of the columns. */
type InOrder = ReadonlyMap<string, number>;

interface ExpertJson {
  readonly coefficients: InOrder | readonly { readonly label: string; readonly values: InOrder }[];
  readonly sigma?: number | undefined;
  readonly shape?: number | undefined;
  readonly dispersion?: number | undefined;
  readonly always?: 0 | undefined;
}

/** Coefficients, or their standard errors, as a JSON document has them: of a factor's levels as `column:level`. */
export function coefficientJson(
  { experts, gate, columns }: Coefficients,
  formula: Formula,
): {
  readonly experts: readonly ExpertJson[];
  readonly gate: readonly InOrder[];
} {
  const keys = { expert: designKeys(formula, "expert"), gate: designKeys(formula, "gate") };
  const inOrder = (part: "expert" | "gate", values: ByColumn): InOrder =>
    new Map(columns[part].map((name, j) => [keys[part][j], values[name]]));
  return {
    experts: experts.map(({ coefficients, ...rest }) => {
      if (rest.always !== undefined) return { coefficients: new Map(), ...rest };
      const named = Array.isArray(coefficients)
        ? coefficients.map(({ label, values }: LabelCoefficients) => ({
            label,
            values: inOrder("expert", values),
          }))
        : inOrder("expert", coefficients as ByColumn);
      return { coefficients: named, ...rest };
    }),
    gate: gate.map((values) => inOrder("gate", values)),
  };
}

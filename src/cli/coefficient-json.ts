import type { ByColumn, Coefficients, LabelCoefficients } from "../models/coefficients.ts";

/** Numbers by column, in the order of the columns. */
type InOrder = ReadonlyMap<string, number>;

interface ExpertJson {
  readonly coefficients: InOrder | readonly { readonly label: string; readonly values: InOrder }[];
  readonly sigma?: number | undefined;
  readonly shape?: number | undefined;
  readonly dispersion?: number | undefined;
}

/** Coefficients, or their standard errors, as a JSON document has them. */
export function coefficientJson({ experts, gate, columns }: Coefficients): {
  readonly experts: readonly ExpertJson[];
  readonly gate: readonly InOrder[];
} {
  const inOrder = (names: readonly string[], values: ByColumn): InOrder =>
    new Map(names.map((name) => [name, values[name]]));
  return {
    experts: experts.map(({ coefficients, ...rest }) => {
      const named = Array.isArray(coefficients)
        ? coefficients.map(({ label, values }: LabelCoefficients) => ({
            label,
            values: inOrder(columns.expert, values),
          }))
        : inOrder(columns.expert, coefficients as ByColumn);
      return { coefficients: named, ...rest };
    }),
    gate: gate.map((values) => inOrder(columns.gate, values)),
  };
}

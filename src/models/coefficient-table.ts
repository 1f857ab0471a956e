import { checkArgument } from "../errors/arguments.ts";
import { byName, either, type Kind, listOf, number, numbers, objectOf, required, text } from "../errors/kinds.ts";
import type { Cell, Table } from "../text/table.ts";
import type { ByColumn, Coefficients, ExpertCoefficients, LabelCoefficients } from "./named-parameters.ts";

/**
 * The coefficients of a mixture as a table: one row for each column of gate and experts, with standard errors if given.
 *
 * @param shares share of the rows that each expert answers for (k), the last row of each if given
 * @example
 * ```ts
 * import { coefficients, coefficientTable, fit } from "mixlens";
 * const line = fit({ x: [0, 1, 2, 3], y: [0, 1.1, 1.9, 3] }, { response: "y", k: 1 });
 * const table = coefficientTable(coefficients(line.mixture, line.theta));
 * if (table.rows.length !== 3) throw new Error("intercept, slope and sigma");
 * ```
 */
export function coefficientTable(coefficients: Coefficients, errors?: Coefficients, shares?: readonly number[]): Table {
  const act = "show coefficients";
  checkArgument(act, "coefficients", coefficients, named);
  if (errors !== undefined) checkArgument(act, "errors", errors, likeIn(coefficients));
  if (shares !== undefined) checkArgument(act, "shares", shares, numbers);
  const rows: Cell[][] = [];
  const { expert: expertColumns, gate: gateColumns } = coefficients.columns;
  const add = (owner: string, names: readonly string[], values: ByColumn, spread: ByColumn | undefined): void => {
    for (const name of names) rows.push([owner, name, values[name], ...(errors === undefined ? [] : [spread?.[name]])]);
  };
  for (const { name, at } of coefficients.contrasts) add(name, gateColumns, coefficients.gate[at], errors?.gate[at]);
  coefficients.experts.forEach((expert, z) => {
    const owner = `expert ${z + 1}`;
    if (expert.always !== undefined) rows.push([owner, `always ${expert.always}`]);
    const spread = errors?.experts[z];
    const spreads = spread && byLabel(spread);
    for (const [at, { label, values }] of byLabel(expert).entries()) {
      add(label === "" ? owner : `${owner}, ${label}`, expertColumns, values, spreads?.[at].values);
    }
    for (const scale of SCALES) {
      const value = expert[scale];
      if (value !== undefined) add(owner, [scale], { [scale]: value }, { [scale]: spread?.[scale] ?? Number.NaN });
    }
    if (shares !== undefined) add(owner, ["weight"], { weight: shares[z] }, undefined);
  });
  const columns = [{ name: "part" }, { name: "column" }, { name: "coefficient" }];
  return { columns: errors === undefined ? columns : [...columns, { name: "standard error" }], rows };
}

/** Which experts the branches of a tree of gates lead to; nothing of a flat gate, whose entries are the experts'. */
export function branchesInWords({ contrasts }: Coefficients): readonly string[] {
  if (contrasts.every(({ against }) => against === contrasts[0].against)) return [];
  const said = contrasts.map(({ name, experts }) => `${name} with ${experts.join(", ")}`);
  return [`Experts of the branches: ${said.join("; ")}; each against the first branch of its gate.`];
}

/** What an expert may have beside its coefficients. */
const SCALES = ["sigma", "shape", "dispersion"] as const;

/** The coefficients of an expert by label, without the reference label; of a linear one under no label, of none nothing. */
export function byLabel({ coefficients, always }: ExpertCoefficients): readonly LabelCoefficients[] {
  if (always !== undefined) return [];
  if (Array.isArray(coefficients)) return coefficients.slice(1);
  return [{ label: "", values: coefficients as ByColumn }];
}

const names = required(listOf(text, "names"));
const labelled = listOf(objectOf({ label: required(text), values: required(byName) }, "a label's"), "a list by label");
const anExpert = objectOf(
  { coefficients: required(either(labelled, byName)), sigma: number, shape: number, dispersion: number },
  "an expert's",
);
const named: Kind = objectOf(
  {
    columns: required(objectOf({ expert: names, gate: names }, "names of columns")),
    experts: required(listOf(anExpert, "a list of experts")),
    gate: required(listOf(byName, "a list by expert")),
    contrasts: required(
      listOf(objectOf({ at: required(number), name: required(text) }, "an entry's"), "a list of entries"),
    ),
  },
  "the coefficients of a fit",
);

/** Of the same experts and labels, as standard errors are. */
function likeIn({ experts, gate }: Coefficients): Kind {
  return {
    wanted: "standard errors of the same experts",
    accepts: (value) => {
      if (!named.accepts(value)) return false;
      const other = value as Coefficients;
      const isSame = other.experts.length === experts.length && other.gate.length === gate.length;
      return isSame && experts.every((expert, z) => byLabel(expert).length === byLabel(other.experts[z]).length);
    },
  };
}

import type { Iterate, Result } from "../algorithms/iterate.ts";
import type { LeftOut } from "../frame/default-features.ts";
import type { ExpertKind } from "../laws/registry.ts";
import type { Coefficients } from "../models/named-parameters.ts";
import type { Observations } from "../rows/observations.ts";
import type { MissingRows } from "../table/missing.ts";
import type { DataTable } from "../table/table.ts";
import type { Criteria } from "./criteria.ts";
import type { Search, StartReport } from "./evidence.ts";
import type { FittedMixture } from "./fitted.ts";
import type { Load } from "./load.ts";

/** A finished fit. */
export interface Fit<E extends ExpertKind = ExpertKind> extends FittedMixture<E>, StartReport, Load {
  readonly result: Result;
  readonly observations: Observations;
  /** The same rows with all columns of the data. */
  readonly table: DataTable;
  /** Responsibilities at the parameters, n × k row-major. */
  readonly responsibilities: Float64Array;
  /** The parameters by expert and column. */
  readonly coefficients: Coefficients<E>;
  /** Share of the rows, by their weights, that each expert answers for (k). */
  readonly shares: readonly number[];
  /** Information criteria: smaller is better among models of the same rows. */
  readonly criteria: Criteria;
  /** The steps of the best start; the first is where it started. */
  readonly trace: readonly Omit<Iterate, "theta">[];
  /** Parameters the best start began at (p). */
  readonly start: Float64Array;
  /** Every start, in order. */
  readonly starts: readonly StartReport[];
  /** How many starts reached the best maximum, and how likely another start would find a new one. */
  readonly search: Search;
  /** Columns that are no features because none were named, and why. */
  readonly leftOut: readonly LeftOut[];
  /** Seed of the starts, and the query that gave the rows, where there was one. */
  readonly seed: number;
  readonly sql?: string;
  /** Rows that were not fitted because a value is missing (`missing: "drop"`), and in which columns. */
  readonly dropped: MissingRows;
  /** All there is to say of the fit: `message`, and what the data should make one look at. */
  readonly messages: readonly string[];
}

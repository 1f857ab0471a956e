import {
  columnName,
  columnNames,
  type Kind,
  listOf,
  objectOf,
  oneOf,
  recordOf,
  required,
  text,
  truth,
} from "../errors/kinds.ts";
import { type Declared, type Defaulted, defaulted, type Optional, optional, type PlanOf } from "../errors/options.ts";
import { type GateKind, gateKind } from "../laws/gates/registry.ts";
import { EXPERT_KINDS, type ExpertKind } from "../laws/registry.ts";
import { aCoding, type Coding } from "./column-types.ts";
import { MISSING, type Missing } from "./complete.ts";

const formulaText: Kind<string> = {
  wanted: "a formula such as y ~ x1 + x2",
  accepts: (value) => typeof value === "string" && value.includes("~"),
  written: "name",
};

/** Which column is what: options of a fit, which a model file keeps. */
export class FormulaTable {
  /** Column of the response; default: that of the formula. */
  readonly response: Optional<string> = optional(columnName, "column of the response", {
    otherwise: "that of the formula",
  });

  /**
   * Formula, such as y ~ x1 + x2:f + log(income); default: made of the columns that other options name. The gate reads what
   * stands after a bar, as in `y ~ x1 + x2 | z`: without a bar what the experts read, and with `| 1` nothing.
   */
  readonly formula: Optional<string> = optional(formulaText, "formula, such as y ~ x1 + x2:f + log(income)", {
    otherwise: "made of the columns that other options name",
  });

  /** Columns of the experts; default: every numeric column with no other part. */
  readonly features: Optional<string | readonly string[], readonly string[]> = optional(
    columnNames,
    "columns of the experts",
    { otherwise: "every numeric column with no other part" },
  );

  /**
   * Features whose coefficients are the same in all experts; default: none. Of a factor those of all its levels; the intercept
   * is `(intercept)`.
   */
  readonly shared: Optional<string | readonly string[], readonly string[]> = optional(
    columnNames,
    "features whose coefficients are the same in all experts",
    { otherwise: "none" },
  );

  /** Columns of the gate; default: those of the experts that are the same in all rows of a group. */
  readonly gateFeatures: Optional<string | readonly string[], readonly string[]> = optional(
    columnNames,
    "columns of the gate",
    { otherwise: "those of the experts that are the same in all rows of a group" },
  );

  /**
   * Kind of the gate, or a tree such as tree:2x2; default `"softmax"`. That is multinomial logistic in its columns; a constant
   * one is the same in all rows. Of a tree, `tree([2, 2])`, the root chooses among two branches, and so does each gate below it.
   */
  readonly gate: Defaulted<GateKind> = defaulted(gateKind, "softmax", "kind of the gate, or a tree such as tree:2x2");

  /** Column of row weights; default: none. */
  readonly weights: Optional<string> = optional(columnName, "column of row weights", { otherwise: "none" });

  /**
   * Column added to the predictor of the mean, or to the log-odds of two labels; default: none. Of counts it is added to the
   * logarithm of the mean; of labels, to the log-odds of the second; of trials, to those of a success.
   */
  readonly offset: Optional<string> = optional(
    columnName,
    "column added to the predictor of the mean, or to the log-odds of two labels",
    {
      otherwise: "none",
    },
  );

  /** Column of exposures of counts, such as person-years; default: none. The logarithm of each is the offset. */
  readonly exposure: Optional<string> = optional(columnName, "column of exposures of counts, such as person-years", {
    otherwise: "none",
  });

  /**
   * Column of the numbers of trials that binomial experts' successes are of; default: 1 each. Whole numbers from 1 on; the
   * response is then the number of successes, or their proportion.
   */
  readonly trials: Optional<string> = optional(
    columnName,
    "column of the numbers of trials that binomial experts' successes are of",
    { otherwise: "1 each" },
  );

  /**
   * Column of groups, whose rows are all of one expert; default: none. Of persons with several rows, say: the rows of each
   * have one weight, and are read by the gate once.
   */
  readonly group: Optional<string> = optional(columnName, "column of groups, whose rows are all of one expert", {
    otherwise: "none",
  });

  /** What is done about rows with missing values; default `"refuse"`. To drop them leaves out those that miss one the model reads. */
  readonly missing: Defaulted<Missing> = defaulted(
    oneOf(MISSING),
    "refuse",
    "what is done about rows with missing values",
  );

  /** Intercepts in gate and experts; default true. */
  readonly intercept: Defaulted<boolean> = defaulted(truth, true, "intercepts in gate and experts");
}

export const FORMULA: FormulaTable = new FormulaTable();

/** What is regressed on what: enough to read any table the way the fitted one was read. */
export interface Formula extends Omit<PlanOf<FormulaTable>, "gate" | "formula" | "missing"> {
  /** Column of the response, or what of columns it is computed by, such as `log(y)`. */
  readonly response: string;
  /** Kind of the gate; absent: a softmax. */
  readonly gate?: GateKind;
  /** What is done about rows with missing values; absent: they are refused. */
  readonly missing?: Missing;
  /** Labels of a logistic response in the order of their codes; absent for a number. */
  readonly labels?: readonly string[];
  /** Kind of the experts, whose law says what the response can be; default `"linear"`, and `"logistic"` with labels. */
  readonly experts?: ExpertKind;
  /** Terms the experts read: columns, computed columns such as `log(x)`, and products such as `x:f`. */
  readonly features: readonly string[];
  /** Terms whose coefficients are the same in all experts; absent: none. */
  readonly shared?: readonly string[];
  /** Terms the gate reads. */
  readonly gateFeatures: readonly string[];
  /** Intercept in the gate; default: as in the experts. */
  readonly gateIntercept?: boolean;
  /** Variables of the terms that are computed, such as `log(x)`; absent: none. */
  readonly computed?: readonly string[];
  /** Variables of the terms that are products, by their names; absent: none. */
  readonly products?: Readonly<Record<string, readonly string[]>>;
  /** How variables that are not simply numbers are read as such, by their names; absent: none. */
  readonly codings?: Readonly<Record<string, Coding>>;
}

const different: Kind<readonly string[]> = {
  wanted: "a list of different names",
  accepts: (value) => Array.isArray(value) && value.every(text.accepts) && new Set(value).size === value.length,
};

const { formula: _, ...COLUMNS } = FORMULA;

/** The entries of a formula. */
export const FORMULA_ENTRIES: Declared<Formula> = {
  ...COLUMNS,
  response: required(columnName),
  labels: {
    wanted: "two or more different texts",
    accepts: (value) => different.accepts(value) && (value as readonly string[]).length > 1,
  },
  experts: oneOf(EXPERT_KINDS),
  features: required(different),
  shared: different,
  gateFeatures: required(different),
  intercept: required(truth),
  gateIntercept: truth,
  computed: different,
  products: recordOf(listOf(text, "a list of variables"), "lists of variables by the names of products"),
  codings: recordOf(aCoding, "codings by the names of variables"),
};

/** What is taken for one. */
export const aFormula: Kind<Formula> = objectOf(FORMULA_ENTRIES, "the formula of a fit");

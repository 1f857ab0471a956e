import { normalQuantile } from "../math/normal.ts";
import { branchesInWords, coefficientTable } from "../models/coefficient-table.ts";
import { coefficients } from "../models/coefficients.ts";
import type { Cell, Table } from "../text/table.ts";
import { fitErrors } from "./fit-errors.ts";
import { certainty, counted, expertsInWords, type Fitted, scoresInWords } from "./summary.ts";

/** Standard errors to either side of an estimate that 95 % intervals reach. */
const REACH = normalQuantile(0.975);

/** A fit at a glance: its coefficients with standard errors and 95 % intervals, how good it is, and how sure. */
export function fitTable(fit: Fitted): Table {
  const { mixture, observations, iterations, result, messages } = fit;
  const found = fitErrors(fit);
  const sure = messages.find((message) => message.startsWith(fit.search.summary));
  const parts = [
    [expertsInWords(mixture), counted(observations.rows, "row"), counted(mixture.free.length, "parameter")].join(", "),
    scoresInWords(fit),
    `${result} after ${counted(iterations, "step")}`,
    ...(sure === undefined ? certainty(fit) : [sure]),
  ];
  const notes = [
    ...branchesInWords(fit.coefficients),
    ...messages.filter((message) => message !== sure),
    ...("reason" in found ? [found.reason] : []),
  ];
  return {
    ...("errors" in found
      ? withIntervals(fit, found.errors)
      : coefficientTable(fit.coefficients, undefined, fit.shares)),
    caption: parts.join("; "),
    ...(notes.length > 0 && { note: notes.join(" ") }),
  };
}

/** The coefficients, and how far they may be off; of a scale by the interval of its logarithm. */
function withIntervals({ mixture, theta, coefficients: own, shares }: Fitted, errors: Float64Array): Table {
  const spread = coefficients(mixture, errors, (error, at) => error * Math.exp(theta[at]));
  const table = coefficientTable(own, spread, shares);
  const ends = [-REACH, REACH].map((reach) => {
    const moved = theta.map((value, at) => value + reach * errors[at]);
    return coefficientTable(coefficients(mixture, moved), undefined, shares).rows;
  });
  return {
    columns: [...table.columns, { name: "lower", note: "95 %" }, { name: "upper", note: "95 %" }],
    rows: table.rows.map((row, at) => {
      return isNumber(row[3]) ? [...row, ...ends.map((rows) => rows[at][2])] : row.slice(0, 3);
    }),
  };
}

function isNumber(cell: Cell): boolean {
  return typeof cell === "number" && !Number.isNaN(cell);
}

import { InputError, listed, quote } from "../errors.ts";
import { dependence } from "../math/dependent.ts";
import type { Mixture } from "../models/mixture.ts";
import { designGram, type Observations } from "../rows/observations.ts";

/**
 * Refuses a design whose columns depend on each other: its coefficients would not be determined.
 *
 * @param model the mixture that is to be fitted
 * @param part what reads the design
 * @throws InputError for fewer rows than columns, and naming the column and those it is a combination of
 */
export function refuseCollinear(model: Mixture, data: Observations, part: "expert" | "gate"): void {
  const { columns } = data[part];
  const d = columns.length;
  const owner = part === "gate" ? "gate" : "experts";
  const rows = data.weights?.filter((weight) => weight > 0).length ?? data.rows;
  if (rows < d) {
    const got = data.weights ? `${rows} with a weight above 0` : String(rows);
    // With a ridge alone the variance of a linear expert would still collapse.
    const hasFloor = model.law.takes?.includes("sigmaFloor") && part === "expert";
    const next = `leave columns out or set a ridge${hasFloor ? " and a sigmaFloor" : ""} above 0`;
    throw new InputError("fit", `at least as many rows as the ${d} columns of the ${owner}`, got, next);
  }
  const found = dependence(designGram(data, part), d);
  // What is the same in every row to rounding may vary about its mean.
  if (found === undefined || dependence(designGram(model.centred(data)?.data ?? data, part), d) === undefined) return;
  const dependent = found.column;
  const others = found.partners.map((j) => columns[j]);
  const got =
    others.length === 0
      ? `${quote(columns[dependent])}, which is 0 in every row`
      : others.length === 1 && others[0] === "(intercept)"
        ? `${quote(columns[dependent])}, which is the same in every row like the intercept`
        : `${quote(columns[dependent])}, a combination of ${listed(others, "and")}`;
  throw new InputError(
    "fit",
    `columns of the ${owner} that do not determine each other`,
    got,
    "leave it out or set a ridge above 0",
  );
}

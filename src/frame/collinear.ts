import { InputError, listed, quote } from "../errors.ts";
import { cholesky, TOLERANCE } from "../math/cholesky.ts";
import { dependence } from "../math/dependent.ts";
import type { Mixture } from "../models/mixture.ts";
import { designGram, type Observations, rowsOf, squaresOf } from "../rows/observations.ts";

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
  if (isClear(data, part)) return;
  const plain = dependence(designGram(data, part), d);
  if (plain === undefined) return;
  // What is the same in every row to rounding may vary about its mean.
  const centred = dependence(designGram(model.centred(data)?.data ?? data, part), d);
  if (centred === undefined) return;
  const found = centred.column === plain.column ? plain : centred;
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

/** So many runs of so many rows, all over the table, are looked at first. */
const RUNS = 16;
const RUN = 256;
/** How much further than need be columns must be from dependent in those, for rounding. */
const MARGIN = 10;

/**
 * Whether some of the rows show that the columns do not depend on each other.
 *
 * What the other columns leave of one can only grow with more rows: so it is enough if they leave much in a few, even against
 * its size in all.
 */
function isClear(data: Observations, part: "expert" | "gate"): boolean {
  const d = data[part].columns.length;
  const stride = Math.floor(data.rows / RUNS);
  if (stride < 2 * RUN || RUNS * RUN < 4 * d) return false;
  const some = Int32Array.from({ length: RUNS * RUN }, (_, i) => Math.floor(i / RUN) * stride + (i % RUN));
  const gram = designGram(rowsOf(data, some), part);
  const share = squaresOf(data, part).reduce((most, square, j) => Math.max(most, square / gram[j * d + j]), 1);
  return Number.isFinite(share) && typeof cholesky(gram, d, MARGIN * share * TOLERANCE) !== "number";
}

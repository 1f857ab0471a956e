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
  const got = dependentIn(model, data, part, columns.keys());
  if (got === undefined) return;
  throw new InputError(
    "fit",
    `columns of the ${owner} that do not determine each other`,
    got,
    "leave it out or set a ridge above 0",
  );
}

/**
 * A column whose coefficient rows leave open, of a mixture that was fitted to others: in words, with what it is a combination of;
 * nothing where they determine all that no prior does.
 *
 * @remarks cost that of a Gram matrix of each design
 */
export function undetermined(model: Mixture, data: Observations): string | undefined {
  const read = new Map<string, { readonly design: "gate" | "expert"; readonly open: readonly number[] }>();
  for (const { design, at, fixed = [], ridge = 0, prior } of [...model.gate, ...model.experts.flat()]) {
    if (design === "constant" || ridge > 0 || prior !== undefined) continue;
    const open = Array.from(at.keys()).filter((column) => !fixed.includes(column));
    read.set(`${data[design] === data.expert} ${open}`, { design, open });
  }
  for (const { design, open } of read.values()) {
    const found = dependentIn(model, data, design, open);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first of some columns that those before it determine, in words; nothing where there is none. */
function dependentIn(
  model: Mixture,
  data: Observations,
  part: "expert" | "gate",
  of: Iterable<number>,
): string | undefined {
  if (isClear(data, part)) return undefined;
  const some = [...of];
  const plain = dependence(gramOf(data, part, some), some.length);
  if (plain === undefined) return undefined;
  // What is the same in every row to rounding may vary about its mean.
  const centred = dependence(gramOf(model.centred(data)?.data ?? data, part, some), some.length);
  if (centred === undefined) return undefined;
  const { column, partners } = centred.column === plain.column ? plain : centred;
  const nameOf = (at: number): string => data[part].columns[some[at]];
  const others = partners.map(nameOf);
  const named = quote(nameOf(column));
  if (others.length === 0) return `${named}, which is 0 in every row`;
  const isConstant = others.length === 1 && others[0] === "(intercept)";
  if (isConstant) return `${named}, which is the same in every row like the intercept`;
  return `${named}, a combination of ${listed(others, "and")}`;
}

/** The Gram matrix of some columns of a design. */
function gramOf(data: Observations, part: "expert" | "gate", some: readonly number[]): Float64Array {
  const [gram, d] = [designGram(data, part), data[part].columns.length];
  const q = some.length;
  return q === d
    ? gram
    : Float64Array.from({ length: q * q }, (_, at) => gram[some[Math.floor(at / q)] * d + some[at % q]]);
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
  // Some rows of a source are not to be had without a pass over all.
  if (data.stretches !== undefined) return false;
  const d = data[part].columns.length;
  const stride = Math.floor(data.rows / RUNS);
  if (stride < 2 * RUN || RUNS * RUN < 4 * d) return false;
  const some = Int32Array.from({ length: RUNS * RUN }, (_, i) => Math.floor(i / RUN) * stride + (i % RUN));
  const gram = designGram(rowsOf(data, some), part);
  const share = squaresOf(data, part).reduce((most, square, j) => Math.max(most, square / gram[j * d + j]), 1);
  return Number.isFinite(share) && typeof cholesky(gram, d, MARGIN * share * TOLERANCE) !== "number";
}

// `npm run study:multistart -- FURTHER.jsonl FITS.jsonl [PROBLEMS] [ROWS] [STARTS] [DIST]`: how often fits by all defaults end at
// the best of 200 further starts (or as many as STARTS says), each run until it settles, on 200 problems of every law (or those of
// PROBLEMS, such as 40 or 41-80, with so many ROWS at the most), those of few rows first; and whether the chance of a new maximum
// that they state is the share of the further starts that lead to one. What the first 20 of the further starts state is held against
// the others, too. Both files get a line for each problem, and what they have is
// not run again: the first can be kept for another build, gone on with by more STARTS, and written to by several processes.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { problems, WIDE } from "../search/problems.mjs";

const [furtherFile, fitsFile, part = "200", most = "3000", starts = "200", dist = "dist"] = process.argv.slice(2);
const [first, last] = part.includes("-") ? part.split("-").map(Number) : [1, Number(part)];
const [{ fit }, { searchOf }] = await Promise.all(
  ["index.mjs", "fit/evidence.mjs"].map((file) => import(pathToFileURL(resolve(dist, file)).href)),
);
const mixlens = await import("../../dist/index.mjs");
const SCHEMES = ["cells", "k-means", "moments", "residuals", "random"];
// Two fits within so many nats are at one maximum, as a search counts them.
const SAME = 0.02;
/** Largest responsibilities of a row, on average, that problems are told apart by: from 0.9 on experts are well separated. */
const SEPARATIONS = [0, 0.7, 0.8, 0.9];

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const linesOf = (file) =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line.endsWith("}"))
        .map((line) => JSON.parse(line))
    : [];

/** Where further starts lead, from one of a number on: heights of the interior maxima, in nats, as many as there are. */
function furtherStarts({ data, options }, from) {
  return Array.from({ length: Number(starts) - from }, (_, more) => {
    const at = from + more;
    const one = { starts: 1, startScheme: SCHEMES[at % SCHEMES.length], seed: 1000 + at, tolerance: 0.1 };
    try {
      const { objective, result, message } = fit(data, { ...options, ...one });
      return result === "converged" && !message.includes("a spurious maximum") ? objective : null;
    } catch {
      return null;
    }
  });
}

/** The fit by all defaults: where it ended, and the maxima that it saw. */
function byDefault({ data, options }) {
  const from = cpu();
  try {
    const { objective, search, starts } = fit(data, options);
    const seen = starts.filter(({ settled }) => settled).map((start) => start.objective);
    return { objective, search, seen, seconds: cpu() - from };
  } catch (error) {
    return { objective: null, message: error.message, seen: [], seconds: cpu() - from };
  }
}

/** What a file says of a problem, once that is found: all that it said before, and what is new. */
function noted(file, lines, problem, isWhole, of) {
  const { seed, rows, d, k, experts, certainty } = problem;
  const before = lines.get(seed);
  if (before === undefined || !isWhole(before)) {
    lines.set(seed, { seed, rows, d, k, experts, certainty: before?.certainty ?? certainty(), ...of(problem, before) });
    appendFileSync(file, `${JSON.stringify(lines.get(seed))}\n`);
  }
  return lines.get(seed);
}

const [furtherLines, fitLines] = [furtherFile, fitsFile].map(
  (file) => new Map(linesOf(file).map((line) => [line.seed, line])),
);
const fits = [];
const further = new Map();
const isAsked = ({ seed, rows }) => seed >= first && rows <= Number(most);
const asked = Array.from(problems(mixlens, last, WIDE)).filter(isAsked);
for (const problem of asked.sort((one, other) => one.rows - other.rows)) {
  const { seed, rows } = problem;
  process.stderr.write(`problem ${seed}, of ${rows} rows\r`);
  fits.push(noted(fitsFile, fitLines, problem, () => true, byDefault));
  const hasAll = ({ heights }) => heights.length >= Number(starts);
  const { heights } = noted(furtherFile, furtherLines, problem, hasAll, (one, { heights: known = [] } = {}) => ({
    heights: [...known, ...furtherStarts(one, known.length)],
  }));
  further.set(
    seed,
    heights.filter((height) => height !== null),
  );
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const isBest = ({ seed, objective }) => objective !== null && objective >= Math.max(...further.get(seed)) - SAME;
const share = (title, some) =>
  some.length > 0 &&
  console.log(
    `${title}\t${some.filter(isBest).length} of ${some.length}\t${mean(some.map(({ seed }) => further.get(seed).length)).toFixed(0)}\t${mean(some.map(({ seconds }) => seconds)).toFixed(2)} s`,
  );
console.log(
  "problems\tat the best of the further starts, or above\tfurther starts that settled\tseconds of the processor",
);
share("all", fits);
for (const [at, from] of SEPARATIONS.entries()) {
  const to = SEPARATIONS[at + 1] ?? Number.POSITIVE_INFINITY;
  share(
    `largest responsibility from ${from}`,
    fits.filter(({ certainty }) => certainty >= from && certainty < to),
  );
}
for (const k of [2, 3, 4, 5])
  share(
    `k = ${k}`,
    fits.filter((each) => each.k === k),
  );

const isNew = (height, seen) => seen.every((known) => Math.abs(known - height) > SAME);
const stated = fits
  .filter(({ search }) => search !== undefined)
  .map(({ seed, search, seen, objective }) => {
    const share = (is) => mean(further.get(seed).map((height) => (is(height) ? 1 : 0)));
    return {
      unseen: search.unseen,
      real: share((height) => isNew(height, seen)),
      higher: share((height) => height > objective + SAME),
    };
  });

const DRAWN = 20;
const byFurther = Array.from(further.values())
  .filter((heights) => heights.length >= 2 * DRAWN)
  .map((heights) => {
    const [drawn, others] = [heights.slice(0, DRAWN), heights.slice(DRAWN)];
    const share = (is) => mean(others.map((height) => (is(height) ? 1 : 0)));
    return {
      unseen: searchOf(
        drawn.map((objective) => ({ objective, settled: true })),
        false,
      ).unseen,
      real: share((height) => isNew(height, drawn)),
      higher: share((height) => height > Math.max(...drawn) + SAME),
    };
  });

/** Prints what was stated beside what was found, from low chances to high. */
function calibration(title, all) {
  console.log(`\n${title}\tproblems\tstated on average\tfurther starts that lead to a new maximum\tto a higher one`);
  const EDGES = [0, 0.05, 0.1, 0.3, 0.6, 1.001];
  for (const [at, from] of EDGES.slice(0, -1).entries()) {
    const some = all.filter(({ unseen }) => unseen >= from && unseen < EDGES[at + 1]);
    if (some.length === 0) continue;
    const means = ["unseen", "real", "higher"].map((what) => mean(some.map((each) => each[what])).toFixed(3));
    console.log([`${from} to ${Math.min(1, EDGES[at + 1])}`, some.length, ...means].join("\t"));
  }
}

calibration("chance that fits state", stated);
calibration(`chance by ${DRAWN} of the further starts, and the others`, byFurther);

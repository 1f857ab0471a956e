// `npm run study:searches -- ../before/dist`: whether fits by this build end as high as those by another, and as often at the
// best maximum that is known, on 100 problems with two seeds each (or as many as further arguments say); and what both
// take of the processor. Problems are linear, logistic and Poisson experts, near and far apart, some of them separated.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [other, count = "100", seeds = "2"] = process.argv.slice(2);
const after = await import("../../dist/index.mjs");
const before = await import(pathToFileURL(resolve(other, "index.mjs")).href);
// Two fits within so many nats are at one maximum, as a search counts them.
const SAME = 0.02;
const SEEDS = Array.from({ length: Number(seeds) }, (_, at) => at + 1);

/** Rows of one problem, drawn by one build for both. */
function problem(number) {
  const rng = after.random(1, number);
  const experts = ["linear", "logistic", "poisson"][number % 3];
  const k = 2 + (Math.floor(number / 3) % 2);
  const d = 1 + (Math.floor(number / 6) % 4);
  const rows = [80, 200, 500][Math.floor(number / 2) % 3];
  const apart = [0.5, 1, 3][Math.floor(number / 5) % 3];
  const normals = (length) => Array.from({ length }, () => rng.normal());
  const columns = Array.from({ length: d }, () => normals(rows));
  const beta = Array.from({ length: k }, () => normals(d + 1).map((value) => apart * value));
  const gate = Array.from({ length: k }, () => normals(d + 1));
  const at = (coefficients, i) => columns.reduce((sum, x, j) => sum + x[i] * coefficients[j + 1], coefficients[0]);
  const response = {
    linear: (eta) => eta + 0.5 * rng.normal(),
    logistic: (eta) => (rng.uniform() < 1 / (1 + Math.exp(-2 * eta)) ? "yes" : "no"),
    poisson: (eta) => {
      let events = 0;
      for (let time = -Math.log(1 - rng.uniform()); time < Math.exp(Math.min(3, eta)); events++) {
        time -= Math.log(1 - rng.uniform());
      }
      return events;
    },
  }[experts];
  const y = Array.from({ length: rows }, (_, i) => {
    const logits = gate.map((coefficients) => at(coefficients, i) - Math.log(-Math.log(1 - rng.uniform())));
    return response(at(beta[logits.indexOf(Math.max(...logits))], i));
  });
  const names = columns.map((_, j) => `x${j + 1}`);
  const data = { ...Object.fromEntries(names.map((name, j) => [name, columns[j]])), y };
  return { data, options: { response: "y", features: names, experts, k } };
}

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

function timed(build, data, options) {
  const from = cpu();
  try {
    const { logLikelihood, result } = build.fit(data, options);
    return { height: logLikelihood, result, seconds: cpu() - from };
  } catch (error) {
    return { height: Number.NEGATIVE_INFINITY, result: error.message, seconds: cpu() - from };
  }
}

const total = { before: 0, after: 0 };
const best = { before: 0, after: 0 };
const converged = { before: 0, after: 0 };
let [lower, higher, fits] = [0, 0, 0];
for (let number = 0; number < Number(count); number++) {
  const { data, options } = problem(number);
  const pairs = SEEDS.map((seed) => {
    const sides = seed % 2 === number % 2 ? ["before", "after"] : ["after", "before"];
    return Object.fromEntries(
      sides.map((side) => [side, timed(side === "before" ? before : after, data, { ...options, seed })]),
    );
  });
  process.stderr.write(`problem ${number + 1} of ${count}\r`);
  const top = Math.max(...pairs.flatMap((pair) => [pair.before.height, pair.after.height]));
  for (const [at, pair] of pairs.entries()) {
    fits++;
    for (const side of ["before", "after"]) {
      total[side] += pair[side].seconds;
      if (pair[side].height >= top - SAME) best[side]++;
      if (pair[side].result === "converged") converged[side]++;
    }
    const more = pair.after.height - pair.before.height;
    if (more > SAME) higher++;
    if (!(more < -SAME)) continue;
    lower++;
    const of = `${options.experts}, k = ${options.k}, ${options.features.length} columns, ${data.y.length} rows`;
    console.log(
      `problem ${number}, seed ${SEEDS[at]} (${of}): ${pair.before.height} before, ${pair.after.height} after`,
    );
  }
}
console.log(`${fits} fits; lower than before: ${lower}; higher: ${higher}`);
console.log("\tat the best known\tconverged\tseconds of the processor");
for (const side of ["before", "after"]) {
  console.log(`${side}\t${best[side]}\t${converged[side]}\t${total[side].toFixed(1)}`);
}

// `npm run study:searches -- ../before/dist`: whether fits by this build end as high as those by another, and as often at the
// best maximum that is known, on 100 problems with two seeds each (or as many as further arguments say); and what both
// take of the processor. Problems are of every law.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { problems } from "../search/problems.mjs";

const [other, count = "100", seeds = "2"] = process.argv.slice(2);
const after = await import("../../dist/index.mjs");
const before = await import(pathToFileURL(resolve(other, "index.mjs")).href);
// Two fits within so many nats are at one maximum, as a search counts them.
const SAME = 0.02;
const SEEDS = Array.from({ length: Number(seeds) }, (_, at) => at + 1);

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
for (const { seed: number, data, options } of problems(after, Number(count))) {
  const pairs = SEEDS.map((seed) => {
    const sides = seed % 2 === number % 2 ? ["before", "after"] : ["after", "before"];
    return Object.fromEntries(
      sides.map((side) => [side, timed(side === "before" ? before : after, data, { ...options, seed })]),
    );
  });
  process.stderr.write(`problem ${number} of ${count}\r`);
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

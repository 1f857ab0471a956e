import { readFileSync } from "node:fs";

// node test/search/compare.mjs BEFORE.json AFTER.json: of two runs of fit-all.mjs, which found the higher maxima, and how soon.
const [before, after] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, "utf8")));
/** Nats by which maxima are different ones. */
const SAME = 0.02;

const pairs = before.flatMap((one) => {
  const other = after.find(({ seed }) => seed === one.seed);
  return other === undefined ? [] : [[one, other]];
});
const height = ({ logLikelihood }) => logLikelihood ?? Number.NEGATIVE_INFINITY;
const gains = pairs.map(([one, other]) => (height(one) === height(other) ? 0 : height(other) - height(one)));
for (const [at, [one, other]] of pairs.entries()) {
  if (Math.abs(gains[at]) <= SAME) continue;
  const { seed, experts, rows, d, k } = one;
  console.log(
    `${seed}: ${experts}, ${rows} rows, d ${d}, k ${k}: ${one.logLikelihood} before, ${other.logLikelihood} after`,
  );
}
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const sum = (values) => values.reduce((total, value) => total + value, 0);
const count = (is) => gains.filter(is).length;
console.log(
  `${pairs.length} problems: higher ${count((gain) => gain > SAME)}, lower ${count((gain) => gain < -SAME)}, largest fall otherwise ${Math.max(0, ...gains.filter((gain) => gain >= -SAME).map((gain) => -gain))} nats`,
);
for (const what of ["seconds", "steps"]) {
  const of = (which) => pairs.map((pair) => pair[which][what]);
  console.log(
    `${what}: ${sum(of(0)).toFixed(1)} before, ${sum(of(1)).toFixed(1)} after; median of the ratios ${median(pairs.map(([one, other]) => other[what] / one[what])).toFixed(3)}`,
  );
}

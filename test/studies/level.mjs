// `npm run study:level`: how often the bootstrap test finds a second expert where there is one, of 100 data sets (or as many as
// the argument says): shares of p-values up to 5, 10, 20 and 50 %.
import { fit, likelihoodRatioTest, random } from "../../dist/index.mjs";

const sets = Number(process.argv[2] ?? 100);
const options = { response: "y", features: "x", gate: "constant", sharedVariance: true, starts: 5 };
const ps = [];
for (let seed = 1; seed <= sets; seed++) {
  // Streams of one seed are independent.
  const rng = random(1, seed);
  const x = Array.from({ length: 40 }, () => rng.normal());
  const y = x.map((value) => 1 + value + 0.6 * rng.normal());
  const [one, two] = [1, 2].map((k) => fit({ x, y }, { ...options, k }));
  ps.push(likelihoodRatioTest(one, two, { replicates: 19, seed, starts: 3 }).p);
}
for (const level of [0.05, 0.1, 0.2, 0.5]) {
  const share = ps.filter((p) => p <= level + 1e-9).length / sets;
  console.log(`${level}\t${share.toFixed(3)}\t(standard error ${Math.sqrt((level * (1 - level)) / sets).toFixed(3)})`);
}

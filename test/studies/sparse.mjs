// `npm run study:sparse -- 64 16000 2`: what truncated E-steps lose of the likelihood of unseen rows, for so many true linear
// experts in eight columns, so many rows to fit and as many unseen ones, and so many drawn starts. From each start all ways take
// the same steps; in the end all are held to the whole mixture's likelihood.
import { deployed, em, fit, mixture, onePassEm, random, run, simulate, sparseEm } from "../../dist/index.mjs";

const [k = 64, n = 16_000, starts = 2, steps = 100] = process.argv.slice(2).map(Number);
const rng = random(1);
const names = Array.from({ length: 8 }, (_, j) => `x${j + 1}`);
const columns = ["(intercept)", ...names];
const model = mixture({ experts: "linear", k, gateColumns: columns, expertColumns: columns });
const centres = Array.from({ length: k }, () => names.map(() => 1.2 * rng.normal()));
const bias = (z) => -0.75 * centres[z].reduce((sum, c) => sum + c * c, 0);
const truth = Float64Array.from(model.names, (name) => {
  const [part, column] = name.split(".");
  if (column === "log(sigma)") return Math.log(0.4);
  if (part.startsWith("expert")) return 2 * rng.normal();
  const z = Number(part.slice(4)) - 1;
  if (column === "(intercept)") return bias(z) - bias(0);
  const j = names.indexOf(column);
  return 1.5 * (centres[z][j] - centres[0][j]);
});

function drawn() {
  const values = columns.map((_, j) => Float64Array.from({ length: n }, () => (j === 0 ? 1 : rng.normal())));
  const design = { columns, values };
  const { response } = simulate(model, truth, { rows: n, gate: design, expert: design }, rng);
  return { ...Object.fromEntries(names.map((name, j) => [name, values[j + 1]])), y: response };
}
const [rows, unseen] = [drawn(), drawn()];
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const few = (activeExperts) => sparseEm({ activeExperts, finish: false });
const ways = {
  "all experts (one-pass EM)": [[onePassEm(), steps]],
  "4 a row": [[few(4), steps]],
  "2 a row": [[few(2), steps]],
  "1 a row": [[few(1), steps]],
  "2 a row, then all": [
    [few(2), steps - 20],
    [onePassEm(), 20],
  ],
};
console.log(`${k} experts, ${n} rows, ${steps} steps; nats per row`);
for (let seed = 1; seed <= starts; seed++) {
  const begun = fit(rows, { response: "y", features: names, k, starts: 1, seed, maxIterations: 3, algorithm: em() });
  for (const [way, legs] of Object.entries(ways)) {
    const from = cpu();
    let found = begun;
    for (const [algorithm, maxIterations] of legs) {
      const { theta, result } = run(algorithm, found, { from: "theta", maxIterations, tolerance: 0 });
      if (!/converged|iterations|slow/.test(result)) console.log(`${way}: ${result}`);
      found = { ...found, theta };
    }
    const seconds = cpu() - from;
    const { logLikelihood } = deployed(found, unseen, { activeExperts: k });
    const { responsibilities, logLikelihood: own } = found.mixture.posterior(found.theta, found.observations);
    const shares = new Float64Array(k);
    for (let at = 0; at < responsibilities.length; at++) shares[at % k] += responsibilities[at] / n;
    const dead = shares.filter((share) => share < 0.01 / k).length;
    const said = [way, `fitted ${(own / n).toFixed(4)}`, `held out ${(logLikelihood / n).toFixed(4)}`, `${dead} dead`];
    console.log(`start ${seed}: ${said.join(", ")}, ${seconds.toFixed(1)} s of the processor`);
  }
}

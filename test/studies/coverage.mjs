// `npm run study [-- design fits methods rows]`: how often intervals of 95 % cover what rows were drawn from, in designs whose
// experts stand far apart and near together. Methods are separated by semicolons.
import { confint, fit, mixture, random, simulate } from "../../dist/index.mjs";

const far = { gate: [-0.3, 0.8] };
const near = { gate: [-0.3, 0.3] };
/** A mixture of two experts, and what its rows are drawn from: gate, then experts. One label tells little of whose it is. */
const DESIGNS = {
  linear: { experts: "linear", truth: [...far.gate, 2, 1.5, Math.log(0.6), -2, -0.5, Math.log(0.9)] },
  logistic: { experts: "logistic", gate: "u", truth: [-0.3, 2, 2, 1.5, -2, -1], labels: ["no", "yes"] },
  // Here the gate all but knows whose a row is.
  "logistic, known": { experts: "logistic", gate: "u", truth: [-0.3, 5, 1, 1.5, -1, -1], labels: ["no", "yes"] },
  poisson: { experts: "poisson", truth: [...far.gate, 2, 0.5, 0, -0.4] },
  "linear, near": { experts: "linear", truth: [...near.gate, 0.6, 1, Math.log(0.8), -0.6, -0.2, Math.log(0.9)] },
  "logistic, near": { experts: "logistic", gate: "u", truth: [-0.3, 2, 0.5, 1.5, -0.5, -1], labels: ["no", "yes"] },
  "poisson, near": { experts: "poisson", truth: [...near.gate, 1.2, 0.5, 0.2, -0.3] },
};
const METHODS = {
  "wald, observed": {},
  "wald, robust": { type: "robust" },
  profile: { method: "profile" },
  "bootstrap, percentile": { method: "bootstrap", bootstrap: { replicates: 100, workers: 1 } },
};

const [design = "linear", fits = "500", methods = "wald, observed;wald, robust", rowCount = "500"] =
  process.argv.slice(2);
const ROWS = Number(rowCount);
const { truth, gate = "x", ...law } = DESIGNS[design];
const designOf = (column) => ["(intercept)", column];
const model = mixture({ ...law, k: 2, gateColumns: designOf(gate), expertColumns: designOf("x") });
const counts = Object.fromEntries(methods.split(";").map((name) => [name, { tried: 0, covered: truth.map(() => 0) }]));

for (let seed = 1; seed <= Number(fits); seed++) {
  const found = drawnFit(seed);
  for (const [name, count] of Object.entries(counts)) {
    try {
      const { intervals } = confint(found, METHODS[name]);
      count.tried++;
      model.names.forEach((parameter, j) => {
        const { lower, upper } = intervals[parameter];
        count.covered[j] += Number(lower <= truth[j] && truth[j] <= upper);
      });
    } catch (error) {
      console.error(`${seed}, ${name}: ${error.message}`);
    }
  }
}

console.log(["parameter", ...Object.keys(counts)].join("\t"));
model.names.forEach((parameter, j) => {
  const shares = Object.values(counts).map(({ covered, tried }) => (covered[j] / tried).toFixed(3));
  console.log([parameter, ...shares].join("\t"));
});
const error = Math.sqrt((0.95 * 0.05) / Number(fits)).toFixed(3);
console.log(`${design}: ${fits} fits of ${ROWS} rows; a standard error of ${error}`);

/** The fit, from the truth, of rows that are drawn from it. */
function drawnFit(seed) {
  // Streams of one seed are independent.
  const rng = random(1, seed);
  const [x, u] = [1, 2].map(() => Float64Array.from({ length: ROWS }, () => rng.normal()));
  const valuesOf = (column) => [new Float64Array(ROWS).fill(1), column === "x" ? x : u];
  const [gated, expert] = [gate, "x"].map((column) => ({ columns: designOf(column), values: valuesOf(column) }));
  const start = Float64Array.from(truth);
  const { response } = simulate(model, start, { rows: ROWS, gate: gated, expert }, rng);
  const y = law.labels ? Array.from(response, (c) => law.labels[c]) : response;
  return fit({ x, u, y }, { response: "y", features: ["x"], gateFeatures: [gate], experts: law.experts, start });
}

// `npm run study`: how often intervals of 95 % cover what rows were drawn from, of 500 fits (or as many as the argument says).
import { confint, fit, mixture, random, simulate } from "../../dist/index.mjs";

const fits = Number(process.argv[2] ?? 500);
const ROWS = 400;
const columns = ["(intercept)", "x"];
const spec = { experts: "linear", k: 2, gateColumns: columns, expertColumns: columns };
const model = mixture(spec);
const truth = Float64Array.of(-0.3, 0.8, 1, 1.5, Math.log(0.6), -1, -0.5, Math.log(0.9));
const options = { response: "y", features: ["x"], start: truth };
const methods = {
  "wald, observed": {},
  "wald, robust": { type: "robust" },
  profile: { method: "profile" },
  "bootstrap, percentile": { method: "bootstrap", bootstrap: { replicates: 100, workers: 1 } },
};
const counts = Object.fromEntries(Object.keys(methods).map((name) => [name, new Map()]));
const wanted = process.argv[3]?.split(";") ?? Object.keys(methods).slice(0, 3);
const tried = Object.fromEntries(wanted.map((name) => [name, 0]));

for (let seed = 1; seed <= fits; seed++) {
  const rng = random(seed);
  const x = Float64Array.from({ length: ROWS }, () => rng.normal());
  const design = { columns, values: [new Float64Array(ROWS).fill(1), x] };
  const y = simulate(model, truth, { rows: ROWS, gate: design, expert: design }, rng).response;
  const found = fit({ x, y }, options);
  for (const name of wanted) {
    try {
      const { intervals } = confint(found, methods[name]);
      tried[name]++;
      model.names.forEach((parameter, j) => {
        const { lower, upper } = intervals[parameter];
        const covers = lower <= truth[j] && truth[j] <= upper;
        counts[name].set(parameter, (counts[name].get(parameter) ?? 0) + Number(covers));
      });
    } catch (error) {
      console.error(`${seed}, ${name}: ${error.message}`);
    }
  }
}
console.log(["parameter", ...wanted].join("\t"));
for (const parameter of model.names) {
  const shares = wanted.map((name) => (counts[name].get(parameter) / tried[name]).toFixed(3));
  console.log([parameter, ...shares].join("\t"));
}
console.log(`of ${fits} fits of ${ROWS} rows; a standard error of ${Math.sqrt((0.95 * 0.05) / fits).toFixed(3)}`);

/** What problems are drawn from: how many experts, features and rows there are, and how far apart experts lie. */
const SMALL = {
  experts: [2, 4],
  features: [1, 4],
  rows: [100, 2000],
  /** Whether every fourth problem is fitted with an expert more than there are. */
  hasOneMore: true,
  separations: [1],
  sizes: { gate: () => 1, expert: () => 0.8 },
};

/** Of two to five experts whose predictors vary as much for any number of features: by half of it, as much, and twice. */
export const WIDE = {
  experts: [2, 5],
  features: [2, 8],
  rows: [300, 3000],
  hasOneMore: false,
  separations: [0.5, 1, 2],
  sizes: { gate: (d) => 1.5 / Math.sqrt(d + 1), expert: (d) => 1.2 / Math.sqrt(d + 1) },
};

/**
 * Problems, drawn from seeds: rows of a mixture of every law, and how many experts are to be fitted to them.
 *
 * @param {typeof import("../../dist/index.mjs")} mixlens
 * @param {typeof SMALL} ranges what they are drawn from
 */
export function* problems({ mixture, random, simulate }, count = 100, ranges = SMALL) {
  const laws = ["linear", "logistic", "poisson", "gamma", "negative-binomial", "binomial", "student-t"];
  const { separations, sizes } = ranges;
  for (let seed = 1; seed <= count; seed++) {
    const experts = laws[seed % laws.length];
    const separation = separations[seed % separations.length];
    const rng = random(seed);
    const within = ([least, most]) => least + rng.integer(most - least + 1);
    const [truth, d] = [within(ranges.experts), within(ranges.features)];
    const [fewest, most] = ranges.rows;
    const rows = Math.round(fewest * (most / fewest) ** rng.uniform());
    const k = Math.min(ranges.experts[1], truth + (ranges.hasOneMore && seed % 4 === 0 ? 1 : 0));
    const names = Array.from({ length: d }, (_, j) => `x${j + 1}`);
    const columns = ["(intercept)", ...names];
    const labels = ["a", "b", "c"].slice(0, 2 + rng.integer(2));
    const isLabel = experts === "logistic";
    const spec = { experts, k: truth, gateColumns: columns, expertColumns: columns, ...(isLabel && { labels }) };
    const model = mixture(spec);
    const theta = Float64Array.from(model.names, (name) => {
      if (/log\((sigma|dispersion)\)/.test(name)) return -0.7;
      if (name.includes("log(shape)")) return 1;
      return (name.startsWith("gate") ? sizes.gate(d) : separation * sizes.expert(d)) * rng.normal();
    });
    const values = [
      new Float64Array(rows).fill(1),
      ...names.map(() => Float64Array.from({ length: rows }, () => rng.normal())),
    ];
    const trials = Float64Array.from({ length: rows }, () => 1 + rng.integer(8));
    const design = { columns, values };
    const { response } = simulate(model, theta, { rows, gate: design, expert: design, trials }, rng);
    const data = Object.fromEntries(names.map((name, j) => [name, values[j + 1]]));
    const y = isLabel ? Array.from(response, (code) => labels[code]) : response;
    const options = { response: "y", features: names, experts, k, ...(experts === "binomial" && { trials: "trials" }) };
    const observations = { rows, gate: design, expert: design, response, trials };
    yield {
      seed,
      rows,
      d,
      experts,
      k,
      truth,
      /** Largest responsibility of a row on average, where the rows come from: 1 where experts don't overlap. */
      certainty: () => certaintyOf(model.posterior(theta, observations).responsibilities, truth),
      data: { ...data, y, ...(experts === "binomial" && { trials }) },
      options,
    };
  }
}

function certaintyOf(responsibilities, k) {
  let sum = 0;
  for (let at = 0; at < responsibilities.length; at += k) sum += Math.max(...responsibilities.subarray(at, at + k));
  return (sum * k) / responsibilities.length;
}

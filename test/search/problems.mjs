/**
 * A hundred problems, drawn from seeds: rows of a mixture of every law, and how many experts are to be fitted to them, which
 * are now and then more than there are.
 *
 * @param {typeof import("../../dist/index.mjs")} mixlens
 */
export function* problems({ mixture, random, simulate }, count = 100) {
  const laws = ["linear", "logistic", "poisson", "gamma", "negative-binomial", "binomial", "student-t"];
  for (let seed = 1; seed <= count; seed++) {
    const experts = laws[seed % laws.length];
    const rng = random(seed);
    const [truth, d] = [2 + rng.integer(3), 1 + rng.integer(4)];
    const rows = Math.round(100 * 20 ** rng.uniform());
    const k = Math.min(4, truth + (seed % 4 === 0 ? 1 : 0));
    const names = Array.from({ length: d }, (_, j) => `x${j + 1}`);
    const columns = ["(intercept)", ...names];
    const labels = ["a", "b", "c"].slice(0, 2 + rng.integer(2));
    const isLabel = experts === "logistic";
    const spec = { experts, k: truth, gateColumns: columns, expertColumns: columns, ...(isLabel && { labels }) };
    const model = mixture(spec);
    const theta = Float64Array.from(model.names, (name) => {
      if (/log\((sigma|dispersion)\)/.test(name)) return -0.7;
      if (name.includes("log(shape)")) return 1;
      return (name.startsWith("gate") ? 1 : 0.8) * rng.normal();
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
    yield {
      seed,
      rows,
      d,
      experts,
      k,
      truth,
      data: { ...data, y, ...(experts === "binomial" && { trials }) },
      options,
    };
  }
}

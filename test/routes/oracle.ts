import type { Images } from "../../src/compute/image-pass.ts";
import type { RouteMixtureSpec } from "../../src/routes/route-mixture.ts";

// The mixture of routes by its definition: every route by itself, with numbers that carry one derivative along.

/** A number and its derivative in one direction. */
export interface Dual {
  readonly value: number;
  readonly slope: number;
}

const constant = (value: number): Dual => ({ value, slope: 0 });
const add = (a: Dual, b: Dual): Dual => ({ value: a.value + b.value, slope: a.slope + b.slope });
const multiply = (a: Dual, b: Dual): Dual => ({
  value: a.value * b.value,
  slope: a.slope * b.value + a.value * b.slope,
});
const softplus = (a: Dual): Dual => ({
  value: Math.log1p(Math.exp(a.value)),
  slope: a.slope / (1 + Math.exp(-a.value)),
});
const relu = (a: Dual): Dual => (a.value > 0 ? a : constant(0));
const minus = (a: Dual, b: Dual): Dual => ({ value: a.value - b.value, slope: a.slope - b.slope });

export function logSumExp(terms: readonly Dual[]): Dual {
  const top = Math.max(...terms.map(({ value }) => value));
  const parts = terms.map(({ value }) => Math.exp(value - top));
  const sum = parts.reduce((total, part) => total + part, 0);
  const slope = terms.reduce((total, term, at) => total + (parts[at] / sum) * term.slope, 0);
  return { value: top + Math.log(sum), slope };
}

/** log p(y, z | x) of every row and route, with its derivative along a direction. */
export function jointByDefinition(
  spec: RouteMixtureSpec,
  theta: Float64Array,
  direction: Float64Array,
  { rows, images, labels }: Images,
): Dual[][] {
  const { layers, k, hidden, pixels } = spec;
  const classes = spec.labels.length;
  const unit = spec.activation === "softplus" ? softplus : relu;
  let next = 0;
  /** The next block: of so many outputs, the intercepts and then the coefficients of each input. */
  const block = (inputs: number, outputs: number) => {
    const from = next;
    next += (1 + inputs) * outputs;
    const at = (p: number, j: number): Dual => {
      const place = from + p * outputs + j;
      return { value: theta[place], slope: direction[place] };
    };
    return (x: readonly Dual[]): Dual[] =>
      Array.from({ length: outputs }, (_, j) =>
        x.reduce((sum, value, p) => add(sum, multiply(value, at(p + 1, j))), at(0, j)),
      );
  };
  const all = Array.from({ length: layers }, (_, l) => {
    const inputs = l === 0 ? pixels : hidden;
    const gate = k > 1 ? block(inputs, k) : () => [constant(0)];
    return { gate, experts: Array.from({ length: k }, () => block(inputs, hidden)) };
  });
  const output = block(hidden, classes);
  return Array.from({ length: rows }, (_, i) => {
    const x = Array.from(images.subarray(i * pixels, (i + 1) * pixels), (byte) => constant((2 * byte) / 255 - 1));
    let paths = [{ units: x, log: constant(0) }];
    for (const { gate, experts } of all) {
      paths = paths.flatMap(({ units, log }) => {
        const scores = gate(units);
        const norm = logSumExp(scores);
        return experts.map((expert, z) => ({
          units: expert(units).map(unit),
          log: add(log, minus(scores[z], norm)),
        }));
      });
    }
    return paths.map(({ units, log }) => {
      const scores = output(units);
      return add(log, minus(scores[labels[i]], logSumExp(scores)));
    });
  });
}

/** ℓ and its derivatives, one forward pass for each parameter. */
export function likelihoodByDefinition(
  spec: RouteMixtureSpec,
  theta: Float64Array,
  data: Images,
): { readonly logLikelihood: number; readonly gradient: Float64Array } {
  const along = (direction: Float64Array): Dual =>
    jointByDefinition(spec, theta, direction, data).map(logSumExp).reduce(add, constant(0));
  const gradient = theta.map((_, j) => along(theta.map((_, i) => (i === j ? 1 : 0))).slope);
  const { value: logLikelihood } = along(new Float64Array(theta.length));
  return { logLikelihood, gradient };
}

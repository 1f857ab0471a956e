import type { Matrix } from "../compute/picked-products.ts";

/** The function of a hidden unit: max(0, a), or log(1 + eᵃ), which has derivatives everywhere. */
export type Activation = "relu" | "softplus";

/** Replaces what units are given by what they give. */
export function activate({ values }: Matrix, activation: Activation): void {
  if (activation === "relu") {
    for (let at = 0; at < values.length; at++) if (!(values[at] > 0)) values[at] = 0;
  } else {
    for (let at = 0; at < values.length; at++) {
      const a = values[at];
      values[at] = Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));
    }
  }
}

/** Replaces derivatives by what units give by those by what they are given. */
export function deactivate({ values: given }: Matrix, { values: slopes }: Matrix, activation: Activation): void {
  if (activation === "relu") {
    for (let at = 0; at < given.length; at++) if (given[at] === 0) slopes[at] = 0;
  } else {
    // h = log(1 + eᵃ) has the derivative 1 − e⁻ʰ.
    for (let at = 0; at < given.length; at++) slopes[at] *= -Math.expm1(-given[at]);
  }
}

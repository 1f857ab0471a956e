import { spectrumPlot } from "../../charts/spectrum-plot.ts";
import { curvePlot } from "../../display/curve-plot.ts";
import { mean } from "../../math/statistics.ts";
import { formatNumber, formatRate } from "../../text/number.ts";
import type { Table } from "../../text/table.ts";
import type { Summary } from "../runner/experiment.ts";

/** The missing information at a fit, and the run of EM that led there. */
export interface ImageSpectrum {
  /** The largest eigenvalues of the missing information relative to the complete C, descending, and √(rᵀC⁻¹r) of their residuals r. */
  readonly eigenvalues: readonly number[];
  readonly residuals: readonly number[];
  /** Products with the informations that they took, each a pass over the images. */
  readonly products: { readonly complete: number; readonly missing: number };
  /** ‖∇L‖ there, in nats per image. */
  readonly gradientNorm: number;
  /** First-order gain of each step of EM, in nats. */
  readonly gains: readonly number[];
  /** Whether EM ended at its limit, and the rate it showed near its end; null where it showed none. */
  readonly isConverged: boolean;
  readonly observedRate: number | null;
  /** Of the test images. */
  readonly accuracy: number;
  readonly crossEntropy: number;
}

/** The spectrum on Fashion-MNIST as JSON. */
export interface ImageSpectrumJson {
  readonly ridge: number;
  readonly instances: readonly ImageSpectrum[];
}

/** Eigenvalues with their residuals, and the largest beside the rate that EM showed. */
export function imageSpectrumSummary(ridge: number, instances: readonly ImageSpectrum[]): Summary<ImageSpectrumJson> {
  const [{ eigenvalues, gains }] = instances;
  // The predicted line goes through the last step: what matters is its slope.
  const rate = eigenvalues[0] ** 2;
  const steps = gains.map((_, t) => t + 1);
  const predicted = gains.map((_, t) => gains[gains.length - 1] * rate ** (t - gains.length + 1));
  return {
    json: { ridge, instances },
    tables: [eigenvalueTable(ridge, instances), rateTable(instances)],
    figures: {
      spectrum: spectrumPlot(eigenvalues, { title: "The largest eigenvalues of the missing information" }),
      gains: curvePlot(
        [
          { name: "EM", x: steps, y: gains },
          { name: "as λ₁² predicts", x: steps, y: predicted.map((gain) => (gain <= gains[0] ? gain : null)) },
        ],
        { title: "Gain of each step", x: "EM step", y: "first-order gain (nats)", logarithmic: true },
      ),
    },
  };
}

function eigenvalueTable(ridge: number, instances: readonly ImageSpectrum[]): Table {
  return {
    caption: `The largest eigenvalues λ of the missing information M relative to the complete C, of two experts fitted to the 60,000 images, half of them inverted, with a ridge of ${ridge}; figures are of the first instance. A residual is √(rᵀC⁻¹r) of r = Mv − λCv: an eigenvalue is at most so far away.`,
    columns: ["λ", "instance", "eigenvalue", "residual"].map((name) => ({ name })),
    rows: instances.flatMap(({ eigenvalues, residuals }, at) =>
      eigenvalues.map((value, j) => [j + 1, at + 1, formatRate(value), residuals[j].toExponential(1)]),
    ),
  };
}

function rateTable(instances: readonly ImageSpectrum[]): Table {
  const columns = ["instance", "λ₁", "observed rate", "EM steps", "converged", "gradient (nats per image)"];
  const more = ["products with C", "with M", "accuracy %", "cross-entropy"];
  const apart = instances.flatMap(({ eigenvalues, observedRate }) =>
    observedRate === null ? [] : [Math.abs(observedRate - eigenvalues[0])],
  );
  const distance = apart.length > 0 ? `${formatNumber(mean(apart))} apart on average` : "no run showed its rate";
  return {
    caption: `The rate of EM as the missing information predicts it, and as EM's last steps show it: ${distance}.`,
    columns: [...columns, ...more].map((name) => ({ name })),
    rows: instances.map((found, at) => [
      ...[at + 1, formatRate(found.eigenvalues[0]), found.observedRate && formatRate(found.observedRate)],
      found.gains.length,
      ...[found.isConverged ? "yes" : "no", found.gradientNorm.toExponential(1)],
      ...[found.products.complete, found.products.missing],
      ...[(100 * found.accuracy).toFixed(2), found.crossEntropy.toFixed(4)],
    ]),
  };
}

import type { PairSnr } from "../inference/snr.ts";
import type { Spectrum } from "../inference/spectrum.ts";
import type { TopSpectrum } from "../inference/top-spectrum.ts";
import { dataTable, isData } from "../text/data-table.ts";
import { formatEigenvalue, formatNumber, formatRate } from "../text/number.ts";
import type { Table } from "../text/table.ts";
import { ownTable } from "../text/tabled.ts";

/** What this library finds and reads, as the table that a notebook shows; nothing for other values. */
export function resultTable(value: unknown): Table | undefined {
  const own = ownTable(value);
  if (own !== undefined) return own;
  if (isData(value)) return dataTable(value);
  if (isSpectrum(value)) return spectrumTable(value);
  return isSnr(value) ? snrTable(value) : undefined;
}

function isSpectrum(value: unknown): value is Spectrum | TopSpectrum {
  return hasAll(value, ["eigenvalues", "rate", "predictedIterationsPerDigit", "observedInformation", "gradientNorm"]);
}

function spectrumTable(spectrum: Spectrum | TopSpectrum): Table {
  const { eigenvalues, rate, predictedIterationsPerDigit: pace, observedInformation, gradientNorm } = spectrum;
  const caption = [
    `EM's rate ${formatRate(rate)}, ${formatNumber(pace)} steps for each digit`,
    `observed information ${observedInformation}`,
    `gradient ${formatNumber(gradientNorm)} nats per row`,
  ];
  return {
    columns: [{ name: "rank" }, { name: "eigenvalue", align: "right" }],
    rows: Array.from(eigenvalues, (value, at) => [at + 1, formatEigenvalue(value)]),
    caption: caption.join("; "),
  };
}

function isSnr(value: unknown): value is PairSnr[] {
  const names = ["experts", "snr", "gate", "angle", "predictedRate"];
  // The first alone tells most arrays from this one, be they ever so long.
  return Array.isArray(value) && hasAll(value[0], names) && value.every((pair) => hasAll(pair, names));
}

function snrTable(pairs: readonly PairSnr[]): Table {
  return {
    columns: [
      { name: "experts" },
      { name: "signal-to-noise" },
      { name: "gate" },
      { name: "angle (°)" },
      { name: "predicted rate", align: "right" },
    ],
    rows: pairs.map(({ experts, snr, gate, angle, predictedRate }) => {
      return [
        experts.join(" and "),
        snr,
        gate,
        angle,
        Number.isNaN(predictedRate) ? undefined : formatRate(predictedRate),
      ];
    }),
  };
}

function hasAll(value: unknown, names: readonly string[]): boolean {
  return typeof value === "object" && value !== null && names.every((name) => Object.hasOwn(value, name));
}

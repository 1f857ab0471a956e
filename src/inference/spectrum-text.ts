import { formatEigenvalue, formatNumber, formatRate } from "../text/number.ts";
import { tableText } from "../text/table.ts";

/** Eigenvalues and parameters that are printed. */
const VALUES = 8;
const PARAMETERS = 20;

/** Parts of a spectrum that are printed. */
interface Shown {
  readonly eigenvalues: Float64Array;
  readonly rate: number;
  readonly predictedIterationsPerDigit: number;
  readonly observedInformation: string;
  readonly gradientNorm: number;
  readonly names: readonly string[];
  readonly missingFraction?: Float64Array;
  readonly standardErrors?: Float64Array;
}

/** A spectrum in words. */
export function spectrumInWords(spectrum: Shown): string {
  const { eigenvalues, rate, predictedIterationsPerDigit: pace, observedInformation, gradientNorm } = spectrum;
  const shown = Array.from(eigenvalues.subarray(0, VALUES), formatEigenvalue);
  const rest = eigenvalues.length > VALUES ? ` … (${eigenvalues.length} in all)` : "";
  return [
    `EM's rate ${formatRate(rate)}, ${formatNumber(pace)} steps for each digit`,
    `observed information ${observedInformation}, gradient ${formatNumber(gradientNorm)} nats per row`,
    `eigenvalues ${shown.join(", ")}${rest}`,
    ...parametersInWords(spectrum),
  ].join("\n");
}

/** The parameters, where the whole informations were there to be read. */
function parametersInWords({ names, missingFraction, standardErrors }: Shown): readonly string[] {
  if (missingFraction === undefined || standardErrors === undefined) return [];
  const columns = [{ name: "parameter" }, { name: "missing information" }, { name: "standard error" }];
  const rows = names.map((name, j) => [name, missingFraction[j], standardErrors[j]]);
  return ["", tableText({ columns, rows }, { rows: PARAMETERS })];
}

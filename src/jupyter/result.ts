import type { Fit } from "../algorithms/fit.ts";
import { coefficientTable } from "../display/coefficient-table.ts";
import { type MimeBundle, mimeBundle } from "../display/mime.ts";
import { coefficients } from "../models/coefficients.ts";

/** The value of a cell's last expression as a notebook shows it: as `show` does, and a fit by its coefficients. */
export async function resultBundle(value: unknown): Promise<MimeBundle> {
  return mimeBundle(isFit(value) ? fitTable(value) : value);
}

function isFit(value: unknown): value is Fit {
  const names = ["formula", "mixture", "theta", "responsibilities", "trace", "starts"];
  return typeof value === "object" && value !== null && names.every((name) => Object.hasOwn(value, name));
}

function fitTable({ mixture, theta, logLikelihood, message }: Fit): unknown {
  const table = coefficientTable(coefficients(mixture, theta));
  return { ...table, caption: `log-likelihood ${logLikelihood.toFixed(4)}`, note: message };
}

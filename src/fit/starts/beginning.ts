import type { Mixture } from "../../models/mixture.ts";
import type { Maximum } from "../../models/model.ts";
import type { Design, Observations } from "../../rows/observations.ts";
import { newtonDirection } from "../../solve/newton-direction.ts";

/**
 * The first M-step of a start, from where nothing is known of the parameters.
 *
 * @param responsibilities n × k
 */
export function firstStep(model: Mixture, responsibilities: Float64Array, data: Observations): Maximum {
  return model.maximise(beginning(model, responsibilities, data), { responsibilities }, data);
}

/**
 * Parameters before anything is known of them: 0, but for what takes up the offset of a typical row of an expert.
 *
 * Far from 0 an offset leaves means and log-odds no curvature, and Newton's method no step that leads anywhere; where a row's
 * predictor is 0 they have some.
 *
 * @returns p; a predictor that is a mean is maximised whatever its offset, and begins at 0
 * @remarks cost 2nk where there is an offset, and nd² where there is no intercept
 */
export function beginning(
  { law, experts, names }: Mixture,
  responsibilities: Float64Array,
  data: Observations,
): Float64Array {
  const theta = new Float64Array(names.length);
  if (data.offset === undefined || law.isLocation) return theta;
  const rise = riseOfAll(data.expert);
  experts.forEach(([{ at, fixed, known }], z) => {
    if (known !== undefined) return;
    const offset = typicalOffset(z, responsibilities, data);
    for (const [j, place] of at.entries()) if (!fixed?.includes(j)) theta[place] = -offset * rise[j];
  });
  return theta;
}

/** Coefficients by which the predictor of each row is 1, or as near to it as columns without an intercept allow (d). */
function riseOfAll({ columns, values }: Design): Float64Array {
  const d = columns.length;
  const intercept = columns.indexOf("(intercept)");
  if (intercept >= 0) return Float64Array.from(columns, (_, j) => Number(j === intercept));
  const product = (one: Float64Array, other: Float64Array): number => one.reduce((sum, x, i) => sum + x * other[i], 0);
  const sums = Float64Array.from(values, (x) => x.reduce((sum, value) => sum + value, 0));
  const gram = Float64Array.from({ length: d * d }, (_, at) => product(values[Math.floor(at / d)], values[at % d]));
  return newtonDirection(sums, gram);
}

/** The offset nearest to their mean of the rows that are an expert's; 0 where none is. */
function typicalOffset(
  z: number,
  responsibilities: Float64Array,
  { rows, offset = new Float64Array(rows), weights }: Observations,
): number {
  const k = responsibilities.length / rows;
  const share = (i: number): number => responsibilities[i * k + z] * (weights?.[i] ?? 1);
  let [total, mean] = [0, 0];
  for (let i = 0; i < rows; i++) {
    if (!(share(i) > 0)) continue;
    total += share(i);
    mean += (share(i) / total) * (offset[i] - mean);
  }
  let nearest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rows; i++) {
    if (share(i) > 0 && Math.abs(offset[i] - mean) < Math.abs(nearest - mean)) nearest = offset[i];
  }
  return total > 0 ? nearest : 0;
}

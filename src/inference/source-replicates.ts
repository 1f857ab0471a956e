import { onePassEm } from "../algorithms/one-pass-em.ts";
import { STRETCH_ROWS } from "../compute/blocks.ts";
import { bytesOf } from "../compute/own.ts";
import { type TileFile, writeTileFile } from "../files/tile-file.ts";
import { FIT } from "../fit/fit-options.ts";
import { simulate } from "../fit/simulate.ts";
import { type Climbed, climbed } from "../fit/source/climb.ts";
import { sampleOf } from "../fit/source/sample.ts";
import { type Spurious, spuriousExpert } from "../fit/spurious.ts";
import { undetermined } from "../frame/collinear.ts";
import { CaseCounts } from "../math/case-counts.ts";
import type { Random } from "../math/random.ts";
import type { Mixture } from "../models/mixture.ts";
import { type Observations, type Stretches, stretchCount } from "../rows/observations.ts";
import { rowsOfStretch } from "../rows/tile-rows.ts";
import { areGrouped, totalWeight, unitCount } from "../rows/units.ts";
import { withColumn } from "../rows/with-column.ts";
import type { BootstrapType } from "./bootstrap-type.ts";

/** Rows that tell whether columns are far from 0. */
const SAMPLE = 20_000;

/** What a replicate of a source came to. */
export interface SourceReplicate extends Pick<Climbed, "theta" | "report"> {
  readonly separated: readonly never[];
  readonly spurious: Spurious | undefined;
}

/**
 * The replicates of a source, each as the maximum that is reached from the fit's parameters, or a higher one that is reached from
 * the best of other starts, which are run on a sample of the replicate's rows: rows stay where they are, and the weights or
 * responses of a replicate are a column of their own, in a file without a name.
 *
 * @param startOf the best of other starts, on such a sample; undefined where none is wanted, or none came to anything
 * @returns nothing for a replicate whose rows leave a coefficient open
 * @remarks cost: a pass to draw, and one for each step and to look at the columns; 8 bytes of the disk for each row
 */
export function sourceReplicates(
  type: BootstrapType,
  model: Mixture,
  theta: Float64Array,
  data: Observations,
  tolerance: number,
  startOf: (sample: () => Observations, rng: Random) => Float64Array | undefined,
): (rng: Random) => SourceReplicate | undefined {
  const isFar = model.centred(sampleOf(data, SAMPLE, 1)) !== undefined;
  const { value: maxIterations } = FIT.maxIterations;
  return (rng) => {
    const column = writeTileFile<number>(undefined, 8 * STRETCH_ROWS);
    let kept: TileFile<number> | undefined;
    try {
      const weight = writeColumn(data, drawing(type, model, theta, data, rng), column.add);
      kept = column.finish(weight);
      const rows = replicateRows(type, data, kept);
      if (type === "nonparametric" && undetermined(model, rows) !== undefined) return undefined;
      const about = isFar ? model.centred(rows) : undefined;
      const plan = { algorithm: onePassEm(), tolerance, maxIterations };
      const climb = (from: Float64Array): Climbed => {
        const steps = climbed({ model, data: rows, ...about }, from, plan, about);
        let next = steps.next();
        while (!next.done) next = steps.next();
        return next.value;
      };
      const other = startOf(() => sampleOf(rows, SAMPLE, 1), rng);
      const { report, theta: found } = higher(climb(theta), other && climb(other));
      const isAlive = report.result !== "failed" && report.result !== "non-finite";
      return {
        theta: found,
        report,
        separated: [],
        spurious: isAlive ? spuriousExpert(model, found, rows) : undefined,
      };
    } finally {
      if (kept === undefined) column.abandon();
      else kept.close();
    }
  };
}

/** The run that came higher; the first where they came to the same. */
function higher(first: Climbed, other: Climbed | undefined): Climbed {
  if (other === undefined || other.report.result !== "converged") return first;
  const isFirst = first.report.result === "converged" && first.report.objective >= other.report.objective;
  return isFirst ? first : other;
}

type Weighed = Pick<Observations, "rows" | "weights" | "units">;

/** What a replicate has of its own in a stretch, and the stretch's total weight in it. */
interface OwnPart {
  readonly values: Float64Array;
  readonly totalWeight: number;
}

/** Draws what a replicate has of its own, stretch after stretch. */
function drawing(
  type: BootstrapType,
  model: Mixture,
  theta: Float64Array,
  data: Observations,
  rng: Random,
): (stretch: number) => OwnPart {
  const stretches = data.stretches as Stretches;
  if (type === "parametric") {
    return (stretch) => {
      const part = stretches.at(stretch);
      return { values: simulate(model, theta, part, rng).response, totalWeight: totalWeight(part) };
    };
  }
  const counts = new CaseCounts(rng, unitCount(data));
  const isPlain = !stretches.hasWeights && !areGrouped(data);
  return (stretch) => {
    const { rows, weights, units }: Weighed = isPlain
      ? { rows: rowsOfStretch(stretch, stretches) }
      : stretches.at(stretch);
    const own = counts.take(unitCount({ rows, units }));
    const values = Float64Array.from({ length: rows }, (_, i) => own[units?.[i] ?? i] * (weights?.[i] ?? 1));
    return { values, totalWeight: totalWeight({ rows, weights: values, units }) };
  };
}

/** Writes what is drawn of each stretch, all in one length; returns the total weight. */
function writeColumn(data: Observations, draw: (stretch: number) => OwnPart, add: (bytes: Uint8Array) => void): number {
  const all = new Float64Array(STRETCH_ROWS);
  let weight = 0;
  for (let stretch = 0; stretch < stretchCount(data.stretches as Stretches); stretch++) {
    const part = draw(stretch);
    all.fill(0).set(part.values);
    add(bytesOf(all));
    weight += part.totalWeight;
  }
  return weight;
}

function replicateRows(type: BootstrapType, data: Observations, { header, read }: TileFile<number>): Observations {
  const own = new Float64Array(STRETCH_ROWS);
  return withColumn(data.stretches as Stretches, {
    name: type === "parametric" ? "response" : "weights",
    totalWeight: header,
    read: (stretch) => {
      read(stretch, bytesOf(own));
      return own;
    },
  });
}

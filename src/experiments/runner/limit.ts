import { anderson } from "../../algorithms/anderson.ts";
import { em } from "../../algorithms/em.ts";
import { run } from "../../fit/run.ts";
import type { LatentModel } from "../../models/model.ts";
import type { Observations } from "../../rows/observations.ts";

/** The limit of EM from a start, as near as double precision comes. */
export function limitOf(model: LatentModel<Observations>, data: Observations, start: Float64Array): Float64Array {
  // The first steps are EM's own: from where they lead there is one limit, and the shortest way to it will do.
  const near = run(em<Observations>(), model, start, data, { tolerance: 1e-12, maxIterations: 30 }).theta;
  return run(anderson<Observations>(), model, near, data, { tolerance: 1e-11, maxIterations: 5000 }).theta;
}

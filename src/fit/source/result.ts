import { coefficients } from "../../models/coefficients.ts";
import type { Mixture } from "../../models/mixture.ts";
import type { Observations } from "../../rows/observations.ts";
import { notInMemory } from "../../rows/streamed.ts";
import { criteriaOf } from "../criteria.ts";
import { type StartReport, searchOf } from "../evidence.ts";
import { advice, FitFailure } from "../fit-failure.ts";
import { floorWords } from "../fit-message.ts";
import type { FitPlan, FitStep } from "../fit-options.ts";
import type { Fit } from "../fit-result.ts";
import { loadOf } from "../load.ts";
import type { Highest } from "../maximum.ts";
import { ordered } from "../order.ts";
import { fitSource, type SourceFit } from "./fit-source.ts";
import type { RowSource } from "./source.ts";

/** What a fit of a source has: all but what is of single rows. */
export type SourceResult = Omit<Fit, "table" | "responsibilities">;

/** Every step of a fit of a source, and then what a fit has, but for numbers of single rows. */
export function* sourceResult(
  source: RowSource,
  plan: FitPlan,
  search: (model: Mixture, sample: Observations) => Generator<FitStep, Highest, void>,
): Generator<FitStep, SourceResult, void> {
  const found = yield* fitSource(source, plan, search);
  const { formula, observations, leftOut, dropped, run, searched, tally, sql } = found;
  const starts: readonly StartReport[] = searched?.reports ?? [run.report];
  const hasEnded = run.report.result === "converged" || run.report.result === "max-iterations";
  if (!hasEnded) throw failure(found, plan, starts);
  const { shares } = tally;
  const { model, order, floored, placed } = ordered(found.model, run.theta, shares, plan);
  const theta = placed(run.theta);
  const { logLikelihood } = run.report;
  const isOnly = model.spec.k === 1;
  const evidence = searchOf(starts, isOnly, searched?.best?.report.objective, searched?.end);
  const atFloor = floorWords(floored, model, () => "");
  const messages = [run.report.message, ...separatedInWords(searched), atFloor, ...found.notes];
  return {
    ...run.report,
    ...{
      formula,
      mixture: model,
      theta,
      observations,
      leftOut,
      dropped,
      starts,
      seed: plan.seed,
      ...(sql !== undefined && { sql }),
    },
    search: evidence,
    messages: messages.filter((sentence) => sentence !== ""),
    coefficients: coefficients(model, theta),
    shares: order ? order.map((z) => shares[z]) : shares,
    ...loadOf(shares),
    criteria: criteriaOf({ ...tally, logLikelihood, parameters: model.free.length }),
    trace: run.trace,
    start: placed(run.start),
  };
}

/** Says where the sample has parts without a finite maximum: all rows may have one. */
function separatedInWords(searched: Highest | undefined): readonly string[] {
  const parts = searched?.best?.separated.map(({ part }) => part) ?? [];
  if (parts.length === 0) return [];
  return [
    `In the sample there is no finite maximum of ${parts.join(" and ")}: where all rows have none either, coefficients grow until the steps end; set a ridge above 0.`,
  ];
}

function failure(found: SourceFit, plan: FitPlan, starts: readonly StartReport[]): FitFailure {
  const { model, run, searched, sample, observations } = found;
  if (searched === undefined || searched.best !== undefined) return new FitFailure([run.report]);
  return new FitFailure(starts, advice(model, plan, sample, starts, sample.rows === observations.rows));
}

/** Adds what a fit has of single rows: whoever asks is told that a source has none in memory. */
export function withoutRowNumbers<Found extends { readonly observations: Observations }>(fit: Found): Found {
  const { rows } = fit.observations;
  for (const name of ["table", "responsibilities"]) {
    Object.defineProperty(fit, name, {
      get: () => {
        throw notInMemory(rows);
      },
      enumerable: false,
    });
  }
  return fit;
}

import { isObject, type Kind, numbers } from "../errors/kinds.ts";
import { isOrigin } from "../models/make.ts";
import type { PriorOrigin, Priors } from "../models/prior.ts";

/** Priors as a model file has them: matrices, and beside them the origins of those that are not about 0, both by part. */
export interface PriorsInFile {
  readonly priors?: Readonly<Record<string, readonly number[]>>;
  readonly priorOrigins?: Readonly<Record<string, PriorOrigin>>;
}

export const MATRICES: Kind<Readonly<Record<string, readonly number[]>>> = {
  wanted: "an object of matrices by part",
  accepts: (value) => isByPart(value, numbers.accepts),
};

export const ORIGINS: Kind<Readonly<Record<string, PriorOrigin>>> = {
  wanted: "an object of an intercept's place and means, by part",
  accepts: (value) => isByPart(value, isOrigin),
};

function isByPart(value: unknown, isOne: (value: unknown) => boolean): boolean {
  return isObject(value) && !Array.isArray(value) && Object.values(value).every(isOne);
}

/** A mixture's priors, as a file has them. */
export function priorsInFile(priors: Priors): PriorsInFile {
  const all = Object.entries(priors);
  const origins = all.flatMap(([part, { origin }]) => (origin ? [[part, origin] as const] : []));
  return {
    priors: Object.fromEntries(all.map(([part, { precision }]) => [part, precision])),
    ...(origins.length > 0 && { priorOrigins: Object.fromEntries(origins) }),
  };
}

/** A file's priors, as a mixture has them; an origin of a part that has none is left out. */
export function priorsOfFile({ priors, priorOrigins = {} }: PriorsInFile): Priors | undefined {
  if (priors === undefined) return undefined;
  const all = Object.entries(priors).map(([part, precision]) => {
    return [part, { precision, ...(Object.hasOwn(priorOrigins, part) && { origin: priorOrigins[part] }) }] as const;
  });
  return Object.fromEntries(all);
}

import type { ResponseKind } from "./law.ts";

// What responses can be. Numbers are finite before anybody asks.

export const anyNumber: ResponseKind = {
  isLabel: false,
  isCount: false,
  hasTrials: false,
  wanted: "numbers",
  accepts: () => true,
};

export const aCount: ResponseKind = {
  isLabel: false,
  isCount: true,
  hasTrials: false,
  wanted: "counts, whole numbers from 0 on,",
  accepts: (y) => Number.isSafeInteger(y) && y >= 0,
};

export const aPositiveNumber: ResponseKind = {
  isLabel: false,
  isCount: false,
  hasTrials: false,
  wanted: "numbers above 0",
  accepts: (y) => y > 0,
};

export const aLabel: ResponseKind = {
  isLabel: true,
  isCount: false,
  hasTrials: false,
  wanted: "labels",
  accepts: (code) => Number.isSafeInteger(code),
};

export const successes: ResponseKind = {
  isLabel: false,
  isCount: false,
  hasTrials: true,
  wanted: "successes, whole numbers from 0 to the trials,",
  accepts: (y, trials) => Number.isSafeInteger(y) && y >= 0 && y <= trials,
};

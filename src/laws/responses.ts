import type { ResponseKind } from "./law.ts";

// What responses can be. Numbers are finite before anybody asks.

export const anyNumber: ResponseKind = { isLabel: false, isCount: false, wanted: "numbers", accepts: () => true };

export const aCount: ResponseKind = {
  isLabel: false,
  isCount: true,
  wanted: "counts, whole numbers from 0 on,",
  accepts: (y) => Number.isSafeInteger(y) && y >= 0,
};

export const aPositiveNumber: ResponseKind = {
  isLabel: false,
  isCount: false,
  wanted: "numbers above 0",
  accepts: (y) => y > 0,
};

export const aLabel: ResponseKind = {
  isLabel: true,
  isCount: false,
  wanted: "labels",
  accepts: (code) => Number.isSafeInteger(code),
};

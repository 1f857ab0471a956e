import { formatNumber } from "../text/number.ts";
import type { Table } from "../text/table.ts";
import type { Certificate } from "./certificate.ts";

/** What is rounding below this is shown as below it. */
const FLOOR = 1e-12;

/** A certificate as a table: a row for each step of EM, and below what was asked of the whole run. */
export function certificateTable({ rows, steps, limitLoss, bestStepSlack, averageSlack, holds }: Certificate): Table {
  const number = { align: "right", floor: FLOOR } as const;
  const slacks = [
    `L at the limit ${formatNumber(limitLoss)} nats a row`,
    `slack of (i) ${formatNumber(bestStepSlack)}`,
    ...(Number.isNaN(averageSlack) ? [] : [`of (ii) ${formatNumber(averageSlack)}`]),
  ];
  const run = `${steps.length} ${steps.length === 1 ? "step" : "steps"} on ${rows} rows`;
  return {
    columns: [
      { name: "step" },
      { name: "L − L*", note: "nats a row", ...number },
      { name: "from the mirror step", note: "standard errors", ...number },
      { name: "descent identity", note: "off by", ...number },
      { name: "inequality (iii)", note: "slack", ...number },
      { name: "1 − α", note: "left after a step", align: "right" },
    ],
    rows: steps.map(({ loss, mirrorDistance, descentDeviation, contraction, contractionSlack }, t) => {
      return [t + 1, loss - limitLoss, mirrorDistance, descentDeviation, contractionSlack, orNone(contraction)];
    }),
    caption: holds
      ? `EM was mirror descent in ${run}: every identity and inequality held`
      : `Not every identity and inequality of mirror descent held in ${run}`,
    note: slacks.join(", "),
  };
}

function orNone(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

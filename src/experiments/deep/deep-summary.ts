import { curvePlot } from "../../display/curve-plot.ts";
import { mean } from "../../math/statistics.ts";
import { entropyOf } from "../../models/shares.ts";
import type { Table } from "../../text/table.ts";
import type { Summary } from "../runner/experiment.ts";
import { type Spread, spreadOf } from "../runner/statistics.ts";
import { CONTENDERS, DEEP_IDS, type DeepEnd, type DeepId, type DeepSettings } from "./contenders.ts";

/** What became of each model on one drawing of the inverted images, of so many to train with. */
export type DeepInstance = Readonly<Record<DeepId, DeepEnd>> & { readonly images: number };

/** A row of the table: means and deviations over the instances. */
export interface DeepRow {
  readonly model: DeepId;
  readonly name: string;
  readonly parameters: number;
  readonly passes: number;
  readonly accuracy: Spread;
  readonly trainAccuracy: Spread;
  readonly crossEntropy: Spread;
  /** Of the expert with the largest gate in each layer, alone. */
  readonly oneRoute: Spread;
  readonly oneRouteCrossEntropy: Spread | null;
  /** Entropy of the experts' loads by log k, a mean over layers: 1 where all have the same; null of one expert. */
  readonly loadEntropy: Spread | null;
  /** Experts with less than 1 % of the test images, of all instances together. */
  readonly deadExperts: number;
  readonly seconds: number;
}

/** What may be asked of the table, and what it answers. */
export interface DeepClaim {
  readonly claim: string;
  /** What decides it, in words. */
  readonly found: string;
  readonly holds: boolean;
}

/** The study of routes as JSON. */
export interface DeepJson {
  readonly rows: readonly DeepRow[];
  readonly claims: readonly DeepClaim[];
  readonly images: number;
  readonly note: string;
}

/** Share of the images below which an expert is dead. */
const DEAD = 0.01;
/** Test accuracy that two linear experts come to, about. */
const CEILING = 0.842;
/** Points of accuracy that one route may be below the mixture. */
const NEAR = 0.02;

const NOTE =
  "An extension of ours, not the paper's: hidden units depend on the parameters, so that its theorems of mirror descent do not carry over.";

/** The table of ends, the claims and what the table says of them, and the curves. */
export function deepSummary(settings: DeepSettings, instances: readonly DeepInstance[]): Summary<DeepJson> {
  const rows = DEEP_IDS.map((id) => rowOf(id, instances));
  const claims = claimsOf(instances);
  const [{ images }] = instances;
  const curves = DEEP_IDS.filter((id) => id !== "linear-experts").map((id) => {
    const passes = instances[0][id].curve.map((_, pass) => mean(instances.map((found) => 100 * found[id].curve[pass])));
    return { name: CONTENDERS[id].name, x: passes.map((_, pass) => pass + 1), y: passes };
  });
  const title = "Routes, mixed outputs and a plain network";
  return {
    json: { rows, claims, images, note: NOTE },
    tables: [endTable(rows, settings, instances), claimTable(claims)],
    figures: { accuracy: curvePlot(curves, { title, x: "pass over the images", y: "test accuracy (%)" }) },
  };
}

function rowOf(model: DeepId, instances: readonly DeepInstance[]): DeepRow {
  const ends = instances.map((instance) => instance[model]);
  const spread = (value: (end: DeepEnd) => number): Spread => spreadOf(ends.map(value));
  const [{ loads, parameters, oneRoute }] = ends;
  return {
    ...{ model, name: CONTENDERS[model].name, parameters },
    passes: mean(ends.map(({ passes }) => passes)),
    accuracy: spread(({ accuracy }) => accuracy),
    trainAccuracy: spread(({ trainAccuracy }) => trainAccuracy),
    crossEntropy: spread(({ crossEntropy }) => crossEntropy),
    oneRoute: spread((end) => end.oneRoute.accuracy),
    oneRouteCrossEntropy:
      oneRoute.crossEntropy === null ? null : spread((end) => end.oneRoute.crossEntropy ?? Number.NaN),
    loadEntropy: loads[0].length > 1 ? spread(loadEntropy) : null,
    deadExperts: ends.reduce((sum, end) => sum + deadExperts(end), 0),
    seconds: mean(ends.map(({ seconds }) => seconds)),
  };
}

/** Entropy of the loads of a layer by that of equal ones, a mean over the layers. */
function loadEntropy({ loads }: DeepEnd): number {
  return mean(loads.map((layer) => entropyOf(Float64Array.from(layer), layer.length) / Math.log(layer.length)));
}

function deadExperts({ loads }: DeepEnd): number {
  return loads.flat().filter((load) => load < DEAD).length;
}

function claimsOf(instances: readonly DeepInstance[]): DeepClaim[] {
  const routes = ["routes-dense", "routes-beam"] as const;
  const all = routes.flatMap((id) => instances.map((instance) => instance[id]));
  const lowest = Math.min(...all.map(({ accuracy }) => accuracy));
  const farthest = Math.max(...all.map(({ accuracy, oneRoute }) => accuracy - oneRoute.accuracy));
  const dead = all.reduce((sum, end) => sum + deadExperts(end), 0);
  const mixtures = DEEP_IDS.filter((id) => id !== "plain" && id !== "linear-experts");
  const ahead = Math.max(
    ...instances.flatMap((instance) => mixtures.map((id) => instance[id].accuracy - instance.plain.accuracy)),
  );
  return [
    {
      claim: `route EM labels more than ${percent(CEILING)} % of the test images, about what two linear experts come to`,
      found: `${percent(lowest)} % at the least`,
      holds: lowest > CEILING,
    },
    ...routes.map((id) => aheadOfLinear(id, instances)),
    {
      claim: `one route of route EM is within ${percent(NEAR)} points of all of them`,
      found: farthest > 0 ? `${percent(farthest)} points below at the most` : `${percent(-farthest)} points above`,
      holds: farthest <= NEAR,
    },
    { claim: "no expert of route EM is dead", found: `${dead} of them`, holds: dead === 0 },
    {
      claim: "a mixture is ahead of the plain network of as many parameters",
      found: ahead > 0 ? `by ${percent(ahead)} points at the most` : `${percent(-ahead)} points behind at the least`,
      holds: ahead > 0,
    },
  ];
}

function aheadOfLinear(id: "routes-dense" | "routes-beam", instances: readonly DeepInstance[]): DeepClaim {
  const ahead = Math.min(...instances.map((instance) => instance[id].accuracy - instance["linear-experts"].accuracy));
  return {
    claim: `${CONTENDERS[id].name}, is ahead of two linear experts on every drawing`,
    found: ahead > 0 ? `by ${percent(ahead)} points at the least` : `${percent(-ahead)} points behind on one`,
    holds: ahead > 0,
  };
}

const percent = (share: number): string => (100 * share).toFixed(1);

function endTable(rows: readonly DeepRow[], settings: DeepSettings, instances: readonly DeepInstance[]): Table {
  const { layers, k, hidden, stepSize, batchRows } = settings;
  const [{ images }] = instances;
  const columns = ["model", "parameters", "passes", "test %", "± sd", "training %", "cross-entropy"];
  const more = ["one route %", "its cross-entropy", "load entropy", "dead experts", "seconds"];
  const drawings = `${instances.length} drawing${instances.length === 1 ? "" : "s"}, each with other images inverted`;
  return {
    caption: `Random-Invert Fashion-MNIST, ${images.toLocaleString("en")} images to train with and 10,000 to test; means over ${drawings}. ${layers} layers of ${k} experts of ${hidden} units; Adam from ${stepSize} down to 0, batches of ${batchRows}. One route: in each layer the expert with the largest gate alone. Cross-entropy in nats per test image; load entropy 1 where all experts have as many images; dead: less than ${100 * DEAD} %, of all drawings together. ${NOTE}`,
    columns: [...columns, ...more].map((name) => ({ name })),
    rows: rows.map((row) => [
      ...[row.name, row.parameters, row.passes.toFixed(0), percent(row.accuracy.mean), percent(row.accuracy.sd)],
      ...[percent(row.trainAccuracy.mean), row.crossEntropy.mean.toFixed(3), percent(row.oneRoute.mean)],
      ...[row.oneRouteCrossEntropy?.mean.toFixed(3), row.loadEntropy?.mean.toFixed(3)],
      ...[row.loadEntropy && row.deadExperts, row.seconds.toFixed(0)],
    ]),
  };
}

function claimTable(claims: readonly DeepClaim[]): Table {
  return {
    caption: "What may be asked of the table, and what it says.",
    columns: ["claim", "found", "holds"].map((name) => ({ name })),
    rows: claims.map(({ claim, found, holds }) => [claim, found, holds ? "yes" : "no"]),
  };
}

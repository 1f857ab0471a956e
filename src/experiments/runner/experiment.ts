import type { FetchOptions } from "../../datasets/download.ts";
import type { Figure } from "../../display/figure.ts";
import type { Table } from "../../text/table.ts";

/** Summary of the instances of an experiment. */
export interface Summary<Json extends object = object> {
  /** What other programs read, as JSON. */
  readonly json: Json;
  readonly tables: readonly Table[];
  /** Figures by the names of their files. */
  readonly figures: Readonly<Record<string, Figure>>;
}

/** How large a run of a study is: whole numbers from 1 on, by name. */
export interface Sizes {
  /** Images to train with, the first of them. */
  readonly images: number;
  /** Passes over them. */
  readonly passes: number;
}

/** One figure or table of the paper as a value: what is computed, how often, and what it adds up to. */
export interface Study<Instance, Json extends object = object> {
  /** Name on the command line. */
  readonly id: string;
  readonly title: string;
  /** Number of instances unless told otherwise. */
  readonly instances: number;
  /** All that an instance depends on but its seed, as JSON. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** How large it is unless told otherwise; absent: there is one size alone. */
  readonly sizes?: Sizes;
  /** Sees to what has to be there before any instance is computed, such as a data set that is downloaded once. */
  readonly prepare?: (options: FetchOptions) => Promise<unknown>;
  /** One instance, as JSON: the same seed gives the same bits. */
  readonly instance: (seed: number, sizes?: Sizes) => Instance | Promise<Instance>;
  /** What instances, one at the least, add up to; they have been written as JSON and read. */
  readonly summary: (instances: readonly Instance[]) => Summary<Json>;
}

/** A study among others: its summary is handed nothing but what its own instances were. */
export type Experiment<Json extends object = object> = Study<unknown, Json>;

/** Makes a study one of the experiments. */
export function experiment<Instance, Json extends object>(study: Study<Instance, Json>): Experiment<Json> {
  return { ...study, summary: (instances) => study.summary(instances as readonly Instance[]) };
}

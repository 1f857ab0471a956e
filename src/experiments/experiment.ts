import type { Figure } from "../display/figure.ts";
import type { Table } from "../display/table.ts";

/** What the instances of an experiment add up to. */
export interface Summary {
  /** What other programs read, as JSON. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly tables: readonly Table[];
  /** Figures by the names of their files. */
  readonly figures: Readonly<Record<string, Figure>>;
}

/** One figure or table of the paper as a value: what is computed, how often, and what it adds up to. */
export interface Study<Instance> {
  /** Name on the command line. */
  readonly id: string;
  readonly title: string;
  /** Number of instances unless told otherwise. */
  readonly instances: number;
  /** All that an instance depends on but its seed, as JSON. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** One instance, as JSON: the same seed gives the same bits. */
  readonly instance: (seed: number) => Instance | Promise<Instance>;
  /** What instances add up to; they have been written as JSON and read. */
  readonly summary: (instances: readonly Instance[]) => Summary;
}

/** A study among others: its summary is handed nothing but what its own instances were. */
export type Experiment = Study<unknown>;

/** Makes a study one of the experiments. */
export function experiment<Instance>(study: Study<Instance>): Experiment {
  return { ...study, summary: (instances) => study.summary(instances as readonly Instance[]) };
}

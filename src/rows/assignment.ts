import { BLOCK_ROWS } from "../compute/blocks.ts";

/** To whom rows belong. */
export interface Assignment {
  /** Responsibilities, n × k row-major; of a posterior they are r_iz = P(z | x_i, y_i; θ), and each row sums to one. */
  readonly responsibilities: Float64Array;
  /** The same in short, where each row has few experts; absent: all may have some. */
  readonly few?: FewExperts;
}

/** Responsibilities of so many experts in each row: those of all others are 0. */
export interface FewExperts {
  /** Number of experts of a row, m. */
  readonly width: number;
  /** Which they are, from 0 (n × m, row-major). */
  readonly experts: Uint8Array;
  /** Their responsibilities (n × m). */
  readonly shares: Float64Array;
  /** Sums of the experts' own step with these, at the θ where they were found; absent: they are taken of the rows. */
  readonly sums?: Float64Array;
}

/** Responsibilities of few experts a row; the long form is made where it is asked for. */
export function assignedToFew(few: FewExperts, rows: number, k: number): Assignment {
  let read: Float64Array | undefined;
  return {
    few,
    get responsibilities() {
      read ??= inFull(few, rows, k);
      return read;
    },
  };
}

function inFull({ width, experts, shares }: FewExperts, rows: number, k: number): Float64Array {
  const out = new Float64Array(rows * k);
  for (let at = 0; at < rows * width; at++) out[Math.floor(at / width) * k + experts[at]] = shares[at];
  return out;
}

/** The responsibilities of k experts in some rows from `start` on, as k runs. */
export function readRuns(assignment: Assignment, start: number, rows: number, k: number, out: Float64Array): void {
  const { few } = assignment;
  if (few === undefined) {
    const { responsibilities } = assignment;
    for (let i = 0; i < rows; i++) {
      for (let z = 0; z < k; z++) out[z * BLOCK_ROWS + i] = responsibilities[(start + i) * k + z];
    }
    return;
  }
  const { width, experts, shares } = few;
  out.fill(0, 0, k * BLOCK_ROWS);
  for (let i = 0; i < rows; i++) {
    for (let at = (start + i) * width; at < (start + i + 1) * width; at++)
      out[experts[at] * BLOCK_ROWS + i] = shares[at];
  }
}

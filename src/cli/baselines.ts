import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCsv } from "../data/csv.ts";
import { InputError } from "../errors.ts";
import type { BenchCase } from "../experiments/bench.ts";
import { type BenchProblem, benchProblem, benchTable } from "../experiments/bench-rows.ts";

/** Milliseconds of a case. */
export interface Baseline {
  readonly medianMs: number;
  readonly minMs: number;
}

/** numpy's side of the table, by the scripts in a folder. */
export interface NumpyBaseline {
  /** The rows of a case: a whole fit takes those that the script reads, too. */
  readonly rowsOf: (of: BenchCase) => BenchProblem;
  /** Nothing for images unless they are the dataset's, which are the ones that the script reads. */
  readonly time: (of: BenchCase) => Baseline | undefined;
  readonly close: () => void;
}

/** @param images the folder of Fashion-MNIST, if there is one */
export function numpyBaseline(folder: string, python: string, images: string | undefined): NumpyBaseline {
  const scratch = mkdtempSync(join(tmpdir(), "mixlens-bench-"));
  const csv = join(scratch, "rows.csv");
  return {
    rowsOf: (of) => {
      if (of.name === "step") return benchProblem(of);
      run(process.execPath, [join(folder, "gen.mjs"), ...[of.n, of.d, of.k, 20240503].map(String), csv]);
      return benchTable(readCsv(csv), of);
    },
    time: ({ name, n, d, k, threads, runs }) => {
      if (name === "images") {
        if (images === undefined) return undefined;
        const args = [images, "--threads", `${threads}`, "--runs", `${runs}`];
        return JSON.parse(run(python, [join(folder, "fmnist_step.py"), ...args])) as Baseline;
      }
      if (name === "step") {
        const args = [...[n, d, k].map(String), "--threads", `${threads}`, "--runs", `${runs}`];
        return JSON.parse(run(python, [join(folder, "gaussian_step.py"), ...args])) as Baseline;
      }
      const args = [csv, `${k}`, "--gate", "newton", "--runs", `${runs}`];
      const { totals } = JSON.parse(run(python, [join(folder, "numpy_em.py"), ...args])) as { totals: number[] };
      totals.sort((a, b) => a - b);
      return { medianMs: 1000 * totals[totals.length >> 1], minMs: 1000 * totals[0] };
    },
    close: () => rmSync(scratch, { recursive: true }),
  };
}

/** Runs a program with one BLAS thread, and the BLAS kernels that it would choose itself. */
function run(program: string, args: readonly string[]): string {
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...rest } = process.env;
  const env = { ...rest, OPENBLAS_NUM_THREADS: "1" };
  const { status, stdout, stderr, error } = spawnSync(program, args, { env, encoding: "utf8", maxBuffer: 2 ** 26 });
  if (status === 0) return stdout;
  const got = error?.message ?? stderr.trim().split("\n").at(-1) ?? `${status}`;
  throw new InputError("time numpy", "a python with numpy and scipy, and a folder with the baselines", got);
}

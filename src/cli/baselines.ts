import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "../errors.ts";
import type { BenchCase } from "../experiments/bench/bench.ts";
import { randomSymmetric } from "../experiments/bench/bench-eigenvalues.ts";
import { commandCsv } from "../experiments/bench/bench-programs.ts";
import { type BenchProblem, benchProblem, benchTable } from "../experiments/bench/bench-rows.ts";
import { randomCsv } from "../experiments/bench/bench-tables.ts";
import { readCsv } from "../table/csv.ts";
import { EIGEN, READ, STEP_PROGRAMS } from "./baseline-programs.ts";
import { FLEXMIX_SEARCH, JAX_STEP, SPECTRUM } from "./other-programs.ts";

/** Milliseconds of a case. */
export interface Baseline {
  readonly medianMs: number;
  readonly minMs: number;
  /** Where a fit ended. */
  readonly logLikelihood?: number;
  /** The largest eigenvalue of a matrix. */
  readonly largest?: number;
}

/** The other side of the table: numpy, JAX, scipy, pandas and flexmix, by programs of ours and the scripts in a folder. */
export interface Baselines {
  /** The rows of a case: a whole fit takes those that the scripts read, too. */
  readonly rowsOf: (of: BenchCase) => BenchProblem;
  /** Nothing for a case that is timed alone, for images unless they are the dataset's, and beside what is not installed. */
  readonly time: (of: BenchCase) => Baseline | undefined;
  readonly close: () => void;
}

/**
 * @param images the folder of Fashion-MNIST, if there is one
 * @param say takes a line on what is not there
 */
export function baselines(
  folder: string,
  python: string,
  images: string | undefined,
  say: (line: string) => void,
): Baselines {
  const scratch = mkdtempSync(join(tmpdir(), "mixlens-bench-"));
  const csv = join(scratch, "rows.csv");

  const numpy = ({ name, n, d, k, threads, runs, experts, classes = 3 }: BenchCase): Baseline | undefined => {
    if (name === "images") {
      if (images === undefined) return undefined;
      const args = [images, "--threads", `${threads}`, "--runs", `${runs}`];
      return JSON.parse(run(python, [join(folder, "fmnist_step.py"), ...args])) as Baseline;
    }
    const sizes = [n, d, k, threads, runs].map(String);
    if (name === "spectrum") return JSON.parse(run(python, ["-c", SPECTRUM, ...sizes])) as Baseline;
    if (experts !== undefined) {
      return JSON.parse(run(python, ["-c", STEP_PROGRAMS[experts], ...sizes, `${classes}`])) as Baseline;
    }
    if (name === "step") {
      const args = [...[n, d, k].map(String), "--threads", `${threads}`, "--runs", `${runs}`];
      return JSON.parse(run(python, [join(folder, "gaussian_step.py"), ...args])) as Baseline;
    }
    const args = [csv, `${k}`, "--gate", "newton", "--runs", `${runs}`];
    return fitted(run(python, [join(folder, "numpy_em.py"), ...args]));
  };

  const has = (what: string): boolean => {
    const isThere = spawnSync(python, ["-c", `import ${what}`]).status === 0;
    if (!isThere) say(`${what} is not timed: the python has none`);
    return isThere;
  };

  const jax = ({ n, d, k, threads, runs }: BenchCase): Baseline | undefined => {
    if (!has("jax")) return undefined;
    return JSON.parse(run(python, ["-c", JAX_STEP, ...[n, d, k, threads, runs].map(String)])) as Baseline;
  };

  const scipy = ({ name, n, runs }: BenchCase): Baseline => {
    const file = join(scratch, "matrix");
    writeFileSync(file, randomSymmetric(n));
    return JSON.parse(run(python, ["-c", EIGEN, file, `${n}`, `${runs}`, name])) as Baseline;
  };

  const pandas = (of: BenchCase): Baseline | undefined => {
    if (!has("pandas")) return undefined;
    writeFileSync(csv, randomCsv(of));
    return JSON.parse(run(python, ["-c", READ, csv, `${of.runs}`])) as Baseline;
  };

  const flexmix = (of: BenchCase): Baseline | undefined => {
    const script = join(folder, "bench_flexmix.R");
    const isThere = spawnSync("Rscript", ["-e", "library(flexmix)"]).status === 0;
    if (!isThere || (of.name === "fit" && !existsSync(script))) {
      say("flexmix is not timed: there is no bench_flexmix.R in the folder, or no Rscript that has flexmix");
      return undefined;
    }
    // Once: it takes half a minute.
    if (of.name === "command") {
      writeFileSync(csv, commandCsv(of));
      return fitted(run("Rscript", ["-e", FLEXMIX_SEARCH, csv, `${of.k}`, "1"]));
    }
    const out = join(scratch, "flexmix.json");
    run("Rscript", [script, csv, `${of.k}`, "1", out]);
    return fitted(readFileSync(out, "utf8"));
  };

  return {
    rowsOf: (of) => {
      if (of.name !== "fit") return benchProblem(of);
      run(process.execPath, [join(folder, "gen.mjs"), ...[of.n, of.d, of.k, of.seed].map(String), csv]);
      return benchTable(readCsv(csv), of);
    },
    time: (of) => of.beside && { numpy, jax, scipy, flexmix, pandas }[of.beside](of),
    close: () => rmSync(scratch, { recursive: true }),
  };
}

/** What a script says of its fits, in seconds. */
function fitted(json: string): Baseline {
  const { totals, ll } = JSON.parse(json) as { totals: number[]; ll: number };
  totals.sort((a, b) => a - b);
  return { medianMs: 1000 * totals[totals.length >> 1], minMs: 1000 * totals[0], logLikelihood: ll };
}

/** Runs a program with one BLAS thread, and the BLAS kernels that it would choose itself. */
function run(program: string, args: readonly string[]): string {
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...rest } = process.env;
  const env = { ...rest, OPENBLAS_NUM_THREADS: "1" };
  const { status, stdout, stderr, error } = spawnSync(program, args, { env, encoding: "utf8", maxBuffer: 2 ** 26 });
  if (status === 0) return stdout;
  const got = error?.message ?? stderr.trim().split("\n").at(-1) ?? `${status}`;
  throw new InputError("time a baseline", "a python with numpy and scipy, and a folder with the baselines", got);
}

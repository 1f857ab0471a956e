import { execFileSync } from "node:child_process";

/** Compiles the kernels when they have changed, so that tests can be run from the source alone. */
export default function setup(): void {
  execFileSync(process.execPath, [".kernels.mjs"], { cwd: new URL("../..", import.meta.url), stdio: "inherit" });
}

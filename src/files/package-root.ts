import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "../errors.ts";

/** The folder of this package, whether its code runs from the source files or from the bundle. */
export function packageRoot(): string {
  for (let here = dirname(fileURLToPath(import.meta.url)); ; here = dirname(here)) {
    const manifest = join(here, "package.json");
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).name === "mixlens") return here;
    if (here === dirname(here)) {
      throw new InputError("find the files of mixlens", 'a folder of the package "mixlens"', "none above the code");
    }
  }
}

/** The version of this package. */
export function packageVersion(): string {
  return JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")).version;
}

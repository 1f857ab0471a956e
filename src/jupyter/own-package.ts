import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { packageRoot } from "../data/package-root.ts";

// Cells import this package by its name. Where their folder has none of its own, because the kernel was installed for all
// folders (`npm install --global`), they get the one that the kernel belongs to.

/** The name of this package. */
export const ownName = "mixlens";

/** The code that `require` gives for the package's name. */
export function ownCode(): string {
  return join(packageRoot(), "dist/index.cjs");
}

/** The compiler's paths to the package's types, as seen from a folder: none where it has the package itself. */
export function ownTypes(folder: string): Record<string, string[]> {
  const places = createRequire(join(folder, "cell.js")).resolve.paths(ownName) ?? [];
  if (places.some((place) => existsSync(join(place, ownName, "package.json")))) return {};
  return { [ownName]: [join(packageRoot(), "dist/index.d.cts")] };
}

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { packageRoot } from "../../files/package-root.ts";

// Cells import this package by its names. Where their folder has none of its own, because the kernel was installed for all
// folders (`npm install --global`), they get the one that the kernel belongs to.

/** The names under which this package is imported, each with its file in dist/. */
const entries: Readonly<Record<string, string>> = {
  mixlens: "index",
  "mixlens/theory": "theory",
  "mixlens/paper": "paper",
  "mixlens/notebook": "notebook",
};

/** The names under which cells import this package. */
export const ownNames: readonly string[] = Object.keys(entries);

/** The code that `require` gives for one of the package's names; nothing for any other. */
export function ownCode(name: string): string | undefined {
  return Object.hasOwn(entries, name) ? join(packageRoot(), `dist/${entries[name]}.cjs`) : undefined;
}

/** The compiler's paths to the package's types, as seen from a folder: none where it has the package itself. */
export function ownTypes(folder: string): Record<string, string[]> {
  const places = createRequire(join(folder, "cell.js")).resolve.paths("mixlens") ?? [];
  if (places.some((place) => existsSync(join(place, "mixlens", "package.json")))) return {};
  return Object.fromEntries(
    Object.entries(entries).map(([name, file]) => [name, [join(packageRoot(), `dist/${file}.d.cts`)]]),
  );
}

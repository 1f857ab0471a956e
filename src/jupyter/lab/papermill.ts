import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { packageRoot } from "../../files/package-root.ts";
import { writeWhole } from "../../files/write-file.ts";

/** The module that tells papermill how TypeScript sets parameters. */
const MODULE = "mixlens_papermill";

/** Where the Python below a prefix looks for packages: nowhere, where there is no Python. */
export function sitePackages(prefix: string): readonly string[] {
  const library = join(prefix, "lib");
  const versions = existsSync(library) ? readdirSync(library).filter((name) => /^python3/.test(name)) : [];
  const places = [...versions.map((name) => join(library, name, "site-packages")), join(prefix, "Lib/site-packages")];
  return places.filter((place) => existsSync(place));
}

/** Makes the module a package of a Python, as `pip` would: it lists it, and can take it away. */
export async function installTranslator(place: string): Promise<void> {
  const { version, description } = JSON.parse(await readFile(join(packageRoot(), "package.json"), "utf8"));
  const about = `${MODULE}-${version}.dist-info`;
  const files = {
    [`${MODULE}.py`]: await readFile(join(packageRoot(), `dist/${MODULE}.py`), "utf8"),
    [`${about}/METADATA`]: `Metadata-Version: 2.1\nName: mixlens-papermill\nVersion: ${version}\nSummary: ${description}\n`,
    [`${about}/INSTALLER`]: "mixlens\n",
    [`${about}/entry_points.txt`]: `[papermill.engine]\nmixlens = ${MODULE}:Engine\n`,
  };
  const all = [...Object.keys(files), `${about}/RECORD`];
  await writeWhole(join(place, about, "RECORD"), all.map((name) => `${name},,\n`).join(""), { inNewFolder: true });
  for (const [name, text] of Object.entries(files)) await writeWhole(join(place, name), text);
}

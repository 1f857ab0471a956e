import { createRequire } from "node:module";
import { InputError } from "../errors.ts";

/**
 * The file of a package that may be left out of an installation (`npm install --omit=optional`).
 *
 * @param act what needs it, as a verb phrase
 * @param all packages that are needed together
 * @throws InputError that says how to install them where it is missing
 */
export function optionalPackage(act: string, name: string, all: readonly string[] = [name]): string {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new InputError(act, `the package ${name}`, "none", installing(...all));
  }
}

/** The command that installs packages, in the versions that this one was tested with. */
export function installing(...names: readonly string[]): string {
  const { optionalDependencies } = createRequire(import.meta.url)("mixlens/package.json");
  const versioned = names.map((name) => {
    const version: string | undefined = optionalDependencies[name];
    return version === undefined ? name : `${name}@${version}`;
  });
  return `npm install ${versioned.join(" ")}`;
}

import { createRequire } from "node:module";
import { InputError } from "../errors.ts";

/**
 * The file of a package that may be left out of an installation (`npm install --omit=optional`).
 *
 * @param act what needs it, as a verb phrase
 * @throws InputError that says how to install it where it is missing
 */
export function optionalPackage(act: string, name: string): string {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new InputError(act, `the package ${name}`, "none", installing(name));
  }
}

/** The command that installs a package, in the version that this one was tested with. */
export function installing(name: string): string {
  const { optionalDependencies } = createRequire(import.meta.url)("mixlens/package.json");
  const version: string | undefined = optionalDependencies[name];
  return `npm install ${version === undefined ? name : `${name}@${version}`}`;
}

import { optionalPackage } from "../../errors/optional-package.ts";

/**
 * Makes sure of the packages that only cells need.
 *
 * @param act what needs them, as a verb phrase
 * @throws InputError that says how to install the first one that is missing
 */
export function needCellPackages(act: string): void {
  for (const name of ["tslab", "typescript"]) optionalPackage(act, name);
}

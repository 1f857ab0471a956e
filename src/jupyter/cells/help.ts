import type ts from "typescript";
import type { TypeScript } from "./typescript.ts";

/** What is known of a name, as text: its type, its docstring, and the docstring's tags. */
export function helpText(typescript: TypeScript, { displayParts, documentation, tags = [] }: ts.QuickInfo): string {
  const { displayPartsToString } = typescript;
  const said = tags.map(({ name, text }) => `@${name} ${displayPartsToString(text)}`.trimEnd());
  return [displayPartsToString(displayParts), displayPartsToString(documentation), said.join("\n")]
    .filter((part) => part !== "")
    .join("\n\n");
}

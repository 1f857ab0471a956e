import type ts from "typescript";
import type { TypeScript } from "./typescript.ts";

/** Whether code is all there, and if not, how far its next line is indented. */
export type Completeness =
  | { readonly status: "complete" | "invalid" }
  | { readonly status: "incomplete"; readonly indent: string };

/** Texts and elements of JSX that go on until they are ended, wherever they began. */
const UNENDED: ReadonlySet<number> = new Set([1010, 1160, 17008, 17014]);

/** A text in quotes that its line does not end, which no further line can. */
const UNQUOTED = 1002;

/** Whether code can be run as it is, would be with more of it, or not at all. */
export function completeness(typescript: TypeScript, code: string): Completeness {
  // Cells are read as either, whichever they are.
  const faults = ["cell.ts", "cell.tsx"].map((name) => faultsOf(typescript, name, code));
  if (faults.some(({ length }) => length === 0)) return { status: "complete" };
  const end = code.trimEnd().length;
  const isOpen = faults.some((all) =>
    all.every(({ start, code }) => (start >= end && code !== UNQUOTED) || UNENDED.has(code)),
  );
  // Two empty lines ask for an answer.
  if (!isOpen || /\n\s*\n\s*$/.test(code)) return { status: "invalid" };
  const line = code.slice(code.lastIndexOf("\n") + 1);
  const [own] = /^\s*/.exec(line) ?? [""];
  return { status: "incomplete", indent: /[{([]\s*$/.test(line) ? `${own}  ` : own };
}

function faultsOf(typescript: TypeScript, name: string, code: string): readonly ts.DiagnosticWithLocation[] {
  const file = typescript.createSourceFile(name, code, typescript.ScriptTarget.ESNext);
  return (file as unknown as { parseDiagnostics: readonly ts.DiagnosticWithLocation[] }).parseDiagnostics;
}

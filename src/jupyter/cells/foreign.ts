const SHELL =
  'cells run no shell: write import { execSync } from "node:child_process"; execSync("…", { encoding: "utf8" })';

/** What is no TypeScript but often written into cells, and what to write. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/^\s*[!%]{1,2}\s*(?:pip|npm|conda)\b/m, "packages are installed in a terminal: npm install NAME"],
  [/^\s*(?:pip3?|npm|npx|conda)\s+[a-z]/, "packages are installed in a terminal: npm install NAME"],
  [/^\s*%%?\w/m, "cells have no magics: a library does the same, such as node:child_process or performance.now()"],
  [/^\s*!{1,2}[\w./]/m, SHELL],
  [/^\s*(?:cd|ls|cat|mkdir|rm|cp|mv|echo|git|curl|wget)\s+[\w./~"'$-]/, SHELL],
  [/^\s*(?:\?{1,2}[\w.]+|[\w.]+\?{1,2})\s*$/m, "for help on a name, press Shift-Tab behind it"],
  [
    /^\s*(?:from\s+[\w.]+\s+import\b|import\s+[\w.]+(?:\s+as\s+\w+)?\s*$)/m,
    'this is Python: write import { fit } from "mixlens"',
  ],
  [/^\s*def\s+\w+\s*\(.*\)[^{}]*:/m, "this is Python: write function f(x: number) { … }"],
  [/^\s*(?:(?:el)?if|for|while|with|try|except|class)\b[^{}]*:\s*(?:#.*)?$/m, "this is Python: blocks stand in { … }"],
  [/^\s*for\s+\w+(?:\s*,\s*\w+)*\s+in\s.*:/m, "this is Python: blocks stand in { … }"],
  [/^\s*print\s*\(/m, "this is Python: write console.log(…), or the value alone in the last line"],
  [/(?:^|[=(,])\s*lambda\b[\w\s,]*:/m, "this is Python: write (x) => …"],
  [/(?:^|[=(,:[])\s*None\b/m, "this is Python: write null or undefined"],
  [/(?:^|[=(,:[])\s*(?:True|False)\b/m, "this is Python: write true or false"],
  [/^\s*assert\s+[^\s(=]/, 'this is Python: write import assert from "node:assert"; assert(…)'],
  [/^\s*#\s|^#\w/, "this is Python: comments begin with //"],
  [/(?:^|[=(,[+])\s*[“”‘’]/m, 'text stands in straight quotes: "…"'],
  [/<-\s|\blibrary\(|%>%|\|>/m, "this is R: write const name = …; and functions of a package by import"],
];

/** One line of advice on a cell that is no TypeScript. */
export function adviceOn(source: string): string | undefined {
  return FOREIGN.find(([pattern]) => pattern.test(source))?.[1];
}

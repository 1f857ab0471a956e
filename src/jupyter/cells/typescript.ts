import { createRequire } from "node:module";
import type ts from "typescript";

// The one door to the compiler. It is loaded when cells are read and not before: it takes a while, and memory.

export type TypeScript = typeof ts;

export function loadTypeScript(): TypeScript {
  return createRequire(import.meta.url)("typescript");
}

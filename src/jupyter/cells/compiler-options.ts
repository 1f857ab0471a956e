import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type ts from "typescript";
import { ownTypes } from "./own-package.ts";
import type { TypeScript } from "./typescript.ts";

/** What a project's tsconfig.json says of how its code is found and what it means; how strict cells are it does not say. */
const MEANING = ["jsx", "jsxFactory", "jsxFragmentFactory", "jsxImportSource", "experimentalDecorators"] as const;
const TAKEN = ["baseUrl", ...MEANING] as const;

/** How cells of a folder are compiled: for this Node, strictly, with modules found as bundlers and Node find them. */
export function cellOptions(typescript: TypeScript, folder: string): ts.CompilerOptions {
  const { JsxEmit, ModuleDetectionKind, ModuleKind, ModuleResolutionKind, ScriptTarget } = typescript;
  const tslab = dirname(createRequire(import.meta.url).resolve("tslab/package.json"));
  const { paths = {}, ...project } = projectOptions(typescript, folder);
  return {
    jsx: JsxEmit.React,
    ...project,
    // Cells get the tslab that runs them, and this package, wherever they are.
    paths: { tslab: [join(tslab, "dist/public.d.ts")], ...ownTypes(folder), ...paths },
    strict: true,
    target: ScriptTarget.ES2024,
    lib: libraries(),
    // Not every global declaration that happens to be installed: that costs a second at the start.
    types: ["node"],
    typeRoots: typeRoots(folder, tslab),
    // As cells run: with `import` and `require`.
    module: ModuleKind.Preserve,
    moduleResolution: ModuleResolutionKind.Bundler,
    moduleDetection: ModuleDetectionKind.Force,
    customConditions: ["require"],
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    esModuleInterop: true,
    allowJs: true,
    skipLibCheck: true,
    noEmit: true,
  };
}

/** How one file is made JavaScript for `require`. */
export function emitOptions(typescript: TypeScript, options: ts.CompilerOptions): ts.CompilerOptions {
  return {
    ...given(options, MEANING),
    module: typescript.ModuleKind.CommonJS,
    moduleDetection: typescript.ModuleDetectionKind.Force,
    target: typescript.ScriptTarget.ES2024,
    esModuleInterop: true,
    newLine: typescript.NewLineKind.LineFeed,
  };
}

/** What this Node can do, and `using`, which is compiled to what it can. */
function libraries(): string[] {
  const major = Number(process.versions.node.split(".")[0]);
  return [
    major >= 24 ? "lib.es2025.d.ts" : major >= 22 ? "lib.es2024.d.ts" : "lib.es2023.d.ts",
    "lib.esnext.disposable.d.ts",
  ];
}

/** Where Node's types are: the project's, or those that tslab depends on. */
function typeRoots(folder: string, tslab: string): string[] {
  const places: string[] = [];
  for (let above = folder; ; above = dirname(above)) {
    places.push(join(above, "node_modules/@types"));
    if (above === dirname(above)) break;
  }
  places.push(join(tslab, "node_modules/@types"), join(dirname(tslab), "@types"));
  return places.filter((place) => existsSync(join(place, "node"))).slice(0, 1);
}

/** The options of the nearest tsconfig.json that cells heed; its paths are whole. */
function projectOptions(typescript: TypeScript, folder: string): ts.CompilerOptions {
  const { findConfigFile, parseJsonConfigFileContent, readConfigFile, sys } = typescript;
  const file = findConfigFile(folder, sys.fileExists);
  if (file === undefined) return {};
  // Which files the project has is of no interest.
  const host = { ...sys, readDirectory: () => [] };
  const { options } = parseJsonConfigFileContent(readConfigFile(file, sys.readFile).config ?? {}, host, dirname(file));
  const base = options.baseUrl ?? dirname(file);
  const paths = Object.entries(options.paths ?? {}).map(([name, places]) => [
    name,
    places.map((place) => join(base, place)),
  ]);
  return { ...given(options, TAKEN), paths: Object.fromEntries(paths) };
}

/** Those of some options that are given. */
function given(options: ts.CompilerOptions, names: readonly (typeof TAKEN)[number][]): ts.CompilerOptions {
  return Object.fromEntries(names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]));
}

import { readFileSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { needCellPackages } from "../cells/packages.ts";
import { serveJupyter } from "./kernel-sockets.ts";

// The kernel "Mixlens (TypeScript)": `node kernel.mjs kernel --config-path FILE`, as Jupyter starts it.

const refuse = (message: string, code: number): never => {
  writeSync(process.stderr.fd, `${message}\n`);
  process.exit(code);
};

try {
  needCellPackages("serve Jupyter");
} catch (error) {
  refuse((error as Error).message, 2);
}

const { values } = parseArgs({ allowPositionals: true, options: { "config-path": { type: "string" } } });
const connection = JSON.parse(readFileSync(values["config-path"] ?? "", "utf8"));
serveJupyter(connection).catch((error: Error) => refuse(`Cannot serve Jupyter: ${error.message}`, 1));

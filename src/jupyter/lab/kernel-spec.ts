import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { homedir, platform } from "node:os";
import { join, resolve } from "node:path";
import { plotlyLibrary } from "../../display/render/plotly-library.ts";
import { checkOutput } from "../../files/output-place.ts";
import { packageRoot } from "../../files/package-root.ts";
import { writeWhole } from "../../files/write-file.ts";
import { needCellPackages } from "../cells/packages.ts";
import { kernelDisplayName } from "../run/notebook.ts";
import { installTranslator, sitePackages } from "./papermill.ts";
import { findPython, output } from "./python.ts";

/** Where Jupyter is to find the kernel: below a prefix, in the user's own folder, or beside the Python on the PATH. */
export type KernelPlace = { readonly prefix: string } | "user" | "sys-prefix";

/**
 * Registers the kernel "Mixlens (TypeScript)" with Jupyter, and with it the extension of JupyterLab that its live
 * controls need, and below a prefix with a Python what papermill needs; returns the path of its `kernel.json`.
 *
 * @throws InputError when tslab is missing, when `sys-prefix` is asked for and there is no Python, and when the folder cannot be written
 * @throws WorkFailure when the disk is full
 */
export async function installKernel(place: KernelPlace): Promise<string> {
  needCellPackages("install the kernel");
  const prefix = place === "user" ? undefined : place === "sys-prefix" ? await sysPrefix() : resolve(place.prefix);
  const folder = prefix === undefined ? userDataFolder() : join(prefix, "share/jupyter");
  const file = join(folder, "kernels/mixlens/kernel.json");
  const extension = join(folder, "labextensions/mixlens");
  for (const path of [file, join(extension, "package.json")]) checkOutput(path, { inNewFolder: true });
  await writeWhole(file, `${JSON.stringify(kernelSpec(), null, 2)}\n`, { inNewFolder: true });
  await installExtension(extension);
  for (const packages of prefix === undefined ? [] : sitePackages(prefix)) await installTranslator(packages);
  return file;
}

async function installExtension(folder: string): Promise<void> {
  const code = await readFile(join(packageRoot(), "dist/lab-extension.iife.js"), "utf8");
  // Browsers keep a script for as long as its name is the same.
  const load = `static/extension.${createHash("sha256").update(code).digest("hex").slice(0, 16)}.js`;
  const { name, version, description, license } = JSON.parse(
    await readFile(join(packageRoot(), "package.json"), "utf8"),
  );
  const about = {
    name,
    version,
    description,
    license,
    jupyterlab: { extension: true, _build: { load, extension: "./live" } },
  };
  await rm(join(folder, "static"), { recursive: true, force: true });
  await writeWhole(join(folder, load), code, { inNewFolder: true });
  await writeWhole(join(folder, "static/plotly.js"), plotlyLibrary());
  await writeWhole(join(folder, "package.json"), `${JSON.stringify(about, null, 2)}\n`);
}

/** A kernel waits most of its life: what libraries leave behind as they load is not to stay in its memory. */
const MODEST = ["--max-semi-space-size=4", "--heap-growing-percent=20"];

/** The kernel as Jupyter starts it: this Node and this package, whatever the PATH and the folder are then. */
function kernelSpec(): object {
  return {
    argv: [
      process.execPath,
      ...MODEST,
      join(packageRoot(), "dist/kernel.mjs"),
      "kernel",
      "--config-path",
      "{connection_file}",
    ],
    display_name: kernelDisplayName,
    language: "typescript",
    // A signal waits for a computation to end; a message is read beside it.
    interrupt_mode: "message",
  };
}

async function sysPrefix(): Promise<string> {
  return (await output(await findPython(), ["-c", "import sys; print(sys.prefix)"])).trim();
}

/** Jupyter's data folder, by the rules of jupyter_core. */
function userDataFolder(): string {
  const { JUPYTER_DATA_DIR, APPDATA, XDG_DATA_HOME } = process.env;
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR;
  if (platform() === "darwin") return join(homedir(), "Library/Jupyter");
  if (platform() === "win32") return join(APPDATA ?? join(homedir(), "AppData/Roaming"), "jupyter");
  return join(XDG_DATA_HOME || join(homedir(), ".local/share"), "jupyter");
}

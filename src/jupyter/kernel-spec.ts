import { homedir, platform } from "node:os";
import { join, resolve } from "node:path";
import { packageRoot } from "../data/package-root.ts";
import { writeWhole } from "../data/write-file.ts";
import { findPython, output } from "./python.ts";

/** Where Jupyter is to find the kernel: below a prefix, in the user's own folder, or beside the Python on the PATH. */
export type KernelPlace = { readonly prefix: string } | "user" | "sys-prefix";

/**
 * Registers the kernel "TypeScript (Mixlens)" with Jupyter and returns the path of its `kernel.json`.
 *
 * @throws InputError when `sys-prefix` is asked for and there is no Python
 */
export async function installKernel(place: KernelPlace): Promise<string> {
  const file = join(await dataFolder(place), "kernels/mixlens/kernel.json");
  await writeWhole(file, `${JSON.stringify(kernelSpec(), null, 2)}\n`);
  return file;
}

/** The kernel as Jupyter starts it: this Node and this package, whatever the PATH and the folder are then. */
function kernelSpec(): object {
  return {
    argv: [process.execPath, join(packageRoot(), "dist/kernel.mjs"), "kernel", "--config-path", "{connection_file}"],
    display_name: "TypeScript (Mixlens)",
    language: "typescript",
    // A signal waits for a computation to end; a message is read beside it.
    interrupt_mode: "message",
  };
}

/** Jupyter's data folder, by the rules of jupyter_core. */
async function dataFolder(place: KernelPlace): Promise<string> {
  if (place === "user") return userDataFolder();
  const prefix = place === "sys-prefix" ? await sysPrefix() : resolve(place.prefix);
  return join(prefix, "share/jupyter");
}

async function sysPrefix(): Promise<string> {
  return (await output(await findPython(), ["-c", "import sys; print(sys.prefix)"])).trim();
}

function userDataFolder(): string {
  const { JUPYTER_DATA_DIR, APPDATA, XDG_DATA_HOME } = process.env;
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR;
  if (platform() === "darwin") return join(homedir(), "Library/Jupyter");
  if (platform() === "win32") return join(APPDATA ?? join(homedir(), "AppData/Roaming"), "jupyter");
  return join(XDG_DATA_HOME || join(homedir(), ".local/share"), "jupyter");
}

import { readdirSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { photographInLab } from "../jupyter/lab-driver.ts";

// Pictures of notebooks as they run in JupyterLab, light and dark, to be looked at, in .mixlens/screenshots:
// node --import ./test/support/typescript.mjs test/notebooks/screenshots.ts [01-first-fit …]

const root = join(import.meta.dirname, "../..");
const pictures = join(root, ".mixlens/screenshots");
const asked = process.argv.slice(2);
const all = readdirSync(join(root, "notebooks"))
  .filter((file) => file.endsWith(".ipynb"))
  .map((file) => file.replace(/\.ipynb$/, ""));
const names = asked.length === 0 ? all : asked;
const unknown = names.filter((name) => !all.includes(name));
if (unknown.length > 0) throw new Error(`no notebook ${unknown.join(", ")}: there are ${all.join(", ")}`);

await mkdir(join(root, ".mixlens/tmp"), { recursive: true });
for (const name of names) {
  // A copy: JupyterLab saves what it runs.
  const folder = await mkdtemp(join(root, ".mixlens/tmp/"));
  const notebook = join(folder, `${name}.ipynb`);
  await copyFile(join(root, "notebooks", `${name}.ipynb`), notebook);
  await photographInLab(notebook, join(pictures, `${name}-light.png`), join(pictures, `${name}-dark.png`));
  await rm(folder, { recursive: true, force: true });
  console.log(name);
}

import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { InputError } from "../../src/errors.ts";
import { installKernel } from "../../src/jupyter/lab/kernel-spec.ts";
import { startLab } from "../../src/jupyter/lab/lab.ts";
import { scratchFolder } from "./scratch.ts";

afterEach(() => void vi.unstubAllEnvs());

async function refusal(project: string): Promise<string> {
  const error = await startLab({ project, browser: false, log: () => {} }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  return String(error);
}

test("without Python the message says which to install", async () => {
  vi.stubEnv("PATH", "/nonexistent");
  expect(await refusal(await scratchFolder())).toMatch(
    /expected Python 3.9 or later on the PATH, got none; install it/,
  );
});

test("an old Python is named with its version", async () => {
  const folder = await scratchFolder();
  await writeFile(join(folder, "python3"), "#!/bin/sh\necho 3 8\n");
  await chmod(join(folder, "python3"), 0o755);
  vi.stubEnv("PATH", folder);
  expect(await refusal(folder)).toContain("got python3 3.8;");
});

test("a Python without venv asks for python3-venv", async () => {
  const folder = await scratchFolder();
  await writeFile(join(folder, "venv.py"), 'raise ImportError("No module named venv")');
  vi.stubEnv("PYTHONPATH", folder);
  expect(await refusal(folder)).toMatch(/expected Python with its venv module, got none; install python3-venv$/);
});

test("without the network the message says so, and a half-made environment is not trusted", async () => {
  const project = await scratchFolder();
  const environment = join(project, ".mixlens/venv");
  await mkdir(join(environment, "bin"), { recursive: true });
  await writeFile(join(environment, "bin/python"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  vi.stubEnv("PIP_INDEX_URL", "http://127.0.0.1:9/simple");
  expect(await refusal(project)).toMatch(/expected the Python package index within reach, got no connection; check/);
  expect(existsSync(join(environment, "mixlens-stamp"))).toBe(false);
  expect((await readFile(join(environment, "bin/python"))).length).toBeGreaterThan(1000);
});

test("a folder of notebooks that was asked for must be there", async () => {
  const project = await scratchFolder();
  const lab = startLab({ project, notebooks: "none", log: () => {} });
  await expect(lab).rejects.toThrow(/expected a folder of notebooks, got none at .*none$/);
});

test("the kernel that is installed below a prefix starts this Node with this package", async () => {
  const prefix = await scratchFolder();
  const file = await installKernel({ prefix });
  expect(file).toBe(join(prefix, "share/jupyter/kernels/mixlens/kernel.json"));
  const { argv, ...rest } = JSON.parse(await readFile(file, "utf8"));
  expect(rest).toEqual({ display_name: "Mixlens (TypeScript)", language: "typescript", interrupt_mode: "message" });
  const [kernel, ...args] = argv
    .slice(1)
    .filter((arg: string) => !arg.startsWith("--max") && !arg.startsWith("--heap"));
  expect([argv[0], ...args]).toEqual([process.execPath, "kernel", "--config-path", "{connection_file}"]);
  expect(kernel).toBe(join(import.meta.dirname, "../../dist/kernel.mjs"));
  expect(existsSync(kernel)).toBe(true);
});

test("with the kernel comes the extension of JupyterLab, under another name when it changes, and plotly.js", async () => {
  const prefix = await scratchFolder();
  await installKernel({ prefix });
  const folder = join(prefix, "share/jupyter/labextensions/mixlens");
  const { name, version, jupyterlab } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  expect([name, version]).toEqual(["mixlens", expect.stringMatching(/^\d+\.\d+\.\d+/)]);
  await writeFile(join(folder, "static/extension.old.js"), "");
  await installKernel({ prefix });
  const { load } = jupyterlab._build;
  expect(load).toMatch(/^static\/extension\.[0-9a-f]{16}\.js$/);
  expect((await readdir(join(folder, "static"))).sort()).toEqual([load.replace("static/", ""), "plotly.js"]);
});

test("the kernel for the user goes where Jupyter's variables say", async () => {
  const folder = await scratchFolder();
  vi.stubEnv("JUPYTER_DATA_DIR", folder);
  expect(await installKernel("user")).toBe(join(folder, "kernels/mixlens/kernel.json"));
});

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { installKernel } from "../../src/jupyter/lab/kernel-spec.ts";
import { ensureEnvironment, output } from "../../src/jupyter/lab/python.ts";
import { isRunnable, readNotebook } from "../../src/jupyter/run/notebook.ts";
import { notebookOf, scratchFolder } from "./scratch.ts";

const root = join(import.meta.dirname, "../..");

/** A Python with Jupyter's own clients and its suite of tests for kernels, and with the kernel. */
async function clients(): Promise<string> {
  const folder = join(root, ".mixlens/clients");
  const packages = ["jupyter_client==8.10.0", "jupyter_kernel_test==0.7.0", "nbclient==0.11.0"];
  const python = await ensureEnvironment(folder, packages, { log: () => {} });
  await installKernel({ prefix: folder });
  return python;
}

test("the kernel passes Jupyter's tests of kernels for what it claims", { timeout: 240_000 }, async () => {
  const suite = ["-m", "unittest", "discover", "-s", import.meta.dirname, "-p", "kernel_claims.py"];
  const said = await output(await clients(), [...suite, "-v"]).then(
    () => "OK",
    (error: { stderr: string }) => error.stderr,
  );
  expect(said).toBe("OK");
});

test("nbclient runs what follows a cell that may fail, and all it prints", { timeout: 240_000 }, async () => {
  const folder = await scratchFolder();
  const lines = "for (let i = 0; i < 5000; i++) console.log(i);";
  const cells = [
    { source: "throw new Error('on purpose')", tags: ["raises-exception"] },
    "1 + 1",
    lines,
    "let x = 'end'; x",
  ];
  await writeFile(join(folder, "a.ipynb"), JSON.stringify(notebookOf(cells)));
  const program = `
import json, nbformat, nbclient
notebook = nbformat.read("a.ipynb", 4)
nbclient.NotebookClient(notebook, timeout=60).execute()
nbformat.validate(notebook)
print(json.dumps([cell for cell in notebook.cells if cell.cell_type == "code"]))`;
  const python = await clients();
  const said = await output(python, ["-c", `import os; os.chdir(${JSON.stringify(folder)})\n${program}`]);
  const ran: { execution_count: number; outputs: Record<string, unknown>[] }[] = JSON.parse(said);
  expect(ran.map(({ execution_count }) => execution_count)).toEqual([1, 2, 3, 4]);
  expect(ran.map(({ outputs }) => outputs[0].output_type)).toEqual([
    "error",
    "execute_result",
    "stream",
    "execute_result",
  ]);
  const printed = ran[2].outputs.map(({ text }) => text).join("");
  expect(printed).toBe(Array.from({ length: 5000 }, (_, i) => `${i}\n`).join(""));
  expect(ran[3].outputs[0].data).toEqual({ "text/plain": "end" });
});

test("the script of the case k18_transport finds a kernel over each", { timeout: 240_000 }, async () => {
  const script = join(root, "../shared/cases/kernel/k18_transport.py");
  expect(await output(await clients(), [script])).toBe("ok   tcp\nok   ipc\nok   hmac-sha512\n");
});

test("the script of the case k19_protocol gets what it wants", { timeout: 240_000 }, async () => {
  const said = await output(await clients(), [join(root, "../shared/cases/kernel/k19_protocol.py")]);
  expect(said).toMatch(/^user_expressions {'a': {.*'text\/plain': '42'.*\nhistory \[\[1, 1, 'const ue = 21;'\]\] /);
  expect(said).toMatch(
    /'`abc' incomplete wanted incomplete\n'const = 3' invalid wanted invalid\n'\)\(' invalid wanted invalid\n$/,
  );
});

test("a Python client is asked for what the case k15-stdin-hangs reads", { timeout: 240_000 }, async () => {
  const program = `
import json, sys
from jupyter_client.manager import start_new_kernel
cell = json.load(open(sys.argv[1]))["cells"][1]["source"]
km, kc = start_new_kernel(kernel_name="mixlens")
asked = []
def answer(message):
    asked.append(message["content"]["prompt"])
    kc.input("Ada")
printed = []
reply = kc.execute_interactive("".join(cell), allow_stdin=True, stdin_hook=answer, output_hook=printed.append, timeout=60)
results = [m["content"]["data"]["text/plain"] for m in printed if m["msg_type"] == "execute_result"]
refused = kc.execute_interactive("".join(cell), allow_stdin=False, output_hook=printed.append, timeout=60)
print(asked, reply["content"]["status"], results, refused["content"]["status"])
km.shutdown_kernel(now=True)`;
  const notebook = join(root, "../shared/cases/kernel/k15-stdin-hangs.ipynb");
  expect(await output(await clients(), ["-c", program, notebook])).toBe("[''] ok ['Ada'] error\n");
});

test("nbclient keeps the pictures of all figures, of the last cell's too", { timeout: 240_000 }, async () => {
  const folder = await scratchFolder();
  const cells = [
    'import { figure, spectrumPlot } from "mixlens"; import { liveFigure, show, slider } from "mixlens/notebook";',
    "await show(spectrumPlot([0.5, 0.1])); spectrumPlot([0.4])",
    'liveFigure([slider({ label: "s", min: 0, max: 1 })], (s) => figure("line", [{ y: [s, 2] }], {}))',
  ];
  await writeFile(join(folder, "a.ipynb"), JSON.stringify(notebookOf(cells)));
  const program = `
import nbformat, nbclient, os
os.chdir(${JSON.stringify(folder)})
notebook = nbformat.read("a.ipynb", 4)
nbclient.NotebookClient(notebook, timeout=120).execute()
for cell in notebook.cells:
    for output in cell.get("outputs", []):
        print(output.output_type, output.data["text/html"].count("data:image/svg+xml;base64,"))`;
  expect(await output(await clients(), ["-c", program])).toBe("display_data 1\n".repeat(3));
});

const notebooks = join(root, "notebooks");

// One chapter: JupyterLab runs them all on this kernel, by the same messages. Their format is checked of all.
test("nbclient runs a chapter, every cell in its turn, and all chapters are valid", { timeout: 240_000 }, async () => {
  const chapter = "01-first-fit.ipynb";
  const cells = (await readNotebook(join(notebooks, chapter))).cells.filter(isRunnable).length;
  const program = `
import glob, json, nbformat, nbclient, os
os.chdir(${JSON.stringify(notebooks)})
for file in glob.glob("*.ipynb"):
    nbformat.validate(nbformat.read(file, 4))
notebook = nbformat.read(${JSON.stringify(chapter)}, 4)
for cell in notebook.cells:
    if cell.cell_type == "code":
        cell.execution_count, cell.outputs = None, []
nbclient.NotebookClient(notebook, timeout=180).execute()
nbformat.validate(notebook)
code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
print(json.dumps([[cell.execution_count for cell in code], str(code[-1].outputs)]))`;
  const said = await output(await clients(), ["-c", program]);
  const [counts, last]: [number[], string] = JSON.parse(said);
  expect(counts).toEqual(Array.from({ length: cells }, (_, at) => at + 1));
  expect(last).toContain("All claims hold.");
});

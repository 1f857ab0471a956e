import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { installKernel } from "../../src/jupyter/lab/kernel-spec.ts";
import { ensureEnvironment, output } from "../../src/jupyter/lab/python.ts";
import { type CodeCell, isRunnable, readNotebook } from "../../src/jupyter/run/notebook.ts";
import { runNotebook } from "../../src/jupyter/run/run-notebook.ts";
import { inBrowser } from "./lab-driver.ts";
import { notebookOf, scratchFolder, scratchNotebook } from "./scratch.ts";

const root = join(import.meta.dirname, "../..");

/** A Python with Jupyter's own clients and its suite of tests for kernels, and with the kernel. */
async function clients(): Promise<string> {
  const folder = join(root, ".mixlens/clients");
  const packages = [
    "jupyter_client==8.10.0",
    "jupyter_kernel_test==0.7.0",
    "jupytext==1.19.6",
    "nbclient==0.11.0",
    "nbconvert==7.17.2",
    "nbdime==4.0.4",
    "papermill==2.7.0",
  ];
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

test("a page that nbconvert makes has the pictures of figures and of controls, and says where these move", {
  timeout: 240_000,
}, async () => {
  const folder = await scratchFolder();
  const cells = [
    'import { spectrumPlot } from "mixlens"; import { button, liveFigure, progress, select, show, slider } from "mixlens/notebook";',
    "spectrumPlot([0.5, 0.1])",
    `const moved = [slider({ label: "rate", min: 0, max: 1, value: 0.5 }), select({ label: "of", options: ["a", "b"] })] as const;
liveFigure(moved, (rate) => spectrumPlot([rate]))`,
    'await show(button({ label: "Again" })); await show(progress({ label: "done", total: 3 }));',
  ];
  await writeFile(join(folder, "a.ipynb"), JSON.stringify(notebookOf(cells)));
  const convert = ["-m", "nbconvert", "--to", "html", "--execute", "--log-level", "ERROR"];
  await output(await clients(), [...convert, "--output-dir", folder, join(folder, "a.ipynb")]);
  await inBrowser(async (page) => {
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.context().setOffline(true);
    await page.goto(pathToFileURL(join(folder, "a.html")).href, { waitUntil: "domcontentloaded" });
    const pictures = await page.locator("img.mixlens-picture").all();
    const heights = await Promise.all(pictures.map(async (one) => (await one.boundingBox())?.height ?? 0));
    expect(heights).toEqual([expect.closeTo(420, 0), expect.closeTo(420, 0)]);
    const text = (await page.locator("body").allInnerTexts()).join("").replace(/\s+/g, " ");
    expect(text).toContain("rate 0.5 (0 to 1) of a (of 2) moves in JupyterLab, with the kernel Mixlens (TypeScript)");
    expect(text).toContain("Again moves in JupyterLab, with the kernel Mixlens (TypeScript) done 0 of 3");
    expect(errors.filter((error) => !/MathJax|require/.test(error))).toEqual([]);
  });
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

const figure = `import { spectrumPlot } from "mixlens"; import { show } from "mixlens/notebook";
await show(spectrumPlot([0.5, 0.25]));`;

/** Code cells of a file. */
async function codeOf(file: string): Promise<CodeCell[]> {
  return (await readNotebook(file)).cells.filter((cell): cell is CodeCell => cell.cell_type === "code");
}

test("papermill sets parameters of any type, lists them, and runs what follows", { timeout: 240_000 }, async () => {
  const python = await clients();
  const declared = `let k = 2; // number of experts
let label: string = "none";
let rate = 0.1; let names: string[] = []; let options: { a?: (number | null)[] } = {}; let on = false;`;
  const file = await scratchNotebook(
    { source: declared, tags: ["parameters"] },
    "({ k, label, rate, names, options, on })",
  );
  const out = file.replace(".ipynb", "-out.ipynb");
  const given = {
    k: 3,
    label: 'é"\u2028\\𝑥 `$k`',
    rate: 0.25,
    names: ["a", "b"],
    options: { a: [1, null] },
    on: true,
  };
  await output(python, ["-m", "papermill", file, out, "-b", Buffer.from(JSON.stringify(given)).toString("base64")]);
  const [, set, read] = await codeOf(out);
  expect(set.metadata.tags).toEqual(["injected-parameters"]);
  expect(set.source).toMatch(/^\/\/ Parameters\nlet k = 3;\n/);
  expect(read.outputs[0]).toMatchObject({ output_type: "execute_result" });
  const shown = `JSON.stringify({ k, label, rate, names, options, on })`;
  const again = await scratchNotebook(set.source, shown);
  await runNotebook(again, { write: true, now: () => performance.now() });
  const [, told] = await codeOf(again);
  const text = (told.outputs[0] as unknown as { data: Record<string, string[]> }).data["text/plain"].join("");
  expect(JSON.parse(text)).toEqual(given);
  const help = await output(python, ["-m", "papermill", file, "--help-notebook"]);
  expect(help).toMatch(/k: Unknown type \(default 2\)\s+number of experts\s+label: string \(default "none"\)/);
  const large = output(python, ["-m", "papermill", file, out, "-p", "k", String(2 ** 60)]);
  await expect(large).rejects.toThrow(`expected a whole number of at most 2**53, got ${2 ** 60}; pass it as text`);
  const failing = await scratchNotebook(
    { source: "let k = 1;", tags: ["parameters"] },
    "if (k > 1) throw new RangeError('too many')",
  );
  await expect(output(python, ["-m", "papermill", failing, out, "-p", "k", "2"])).rejects.toThrow(
    "RangeError: too many",
  );
});

test("pip lists what papermill loads, and takes it away", { timeout: 240_000 }, async () => {
  const python = await clients();
  const pip = ["-m", "pip", "--disable-pip-version-check"];
  expect(await output(python, [...pip, "list"])).toMatch(/^mixlens-papermill +\d/m);
  await output(python, [...pip, "uninstall", "-y", "mixlens-papermill"]);
  const file = await scratchNotebook({ source: "let k = 1;", tags: ["parameters"] }, "k");
  const run = ["-m", "papermill", file, file.replace(".ipynb", "-out.ipynb"), "-p", "k", "2"];
  await expect(output(python, run)).rejects.toThrow("No parameter translator functions specified");
  await clients();
  await output(python, run);
});

test("jupytext takes a notebook to a script and back, and runs it on the kernel", { timeout: 240_000 }, async () => {
  const python = await clients();
  const file = await scratchNotebook(
    { source: "let k = 2; // by hand", tags: ["parameters"] },
    figure,
    "const twice = 2 * k;\ntwice",
  );
  const script = file.replace(".ipynb", ".ts");
  await output(python, ["-m", "jupytext", "--to", "ts:percent", file]);
  expect(await readFile(script, "utf8")).toMatch(
    /\/\/ %% \[markdown\]\n\/\/ # Scratch[\s\S]*\/\/ %% tags=\["parameters"\]\nlet k = 2;/,
  );
  const back = file.replace(".ipynb", "-back.ipynb");
  await output(python, ["-m", "jupytext", "--to", "ipynb", "--output", back, "--execute", script]);
  const [before, after] = await Promise.all([readNotebook(file), readNotebook(back)]);
  const told = ({ cells }: typeof before) =>
    cells.map(({ cell_type, source, metadata: { tags } }) => ({ cell_type, source, tags }));
  expect(told(after)).toEqual(told(before));
  const [, drawn, last] = await codeOf(back);
  expect(drawn.outputs.map((one) => Object.keys("data" in one ? one.data : {}))).toEqual([
    expect.arrayContaining(["text/html"]),
  ]);
  expect(last).toMatchObject({ execution_count: 3, outputs: [{ data: { "text/plain": ["4"] } }] });
});

test("nbdime shows what differs in two runs with figures, and merges what two people wrote", {
  timeout: 240_000,
}, async () => {
  const python = await clients();
  const folder = await scratchFolder();
  const written = async (name: string, ...cells: string[]): Promise<string> => {
    const file = join(folder, `${name}.ipynb`);
    await writeFile(file, JSON.stringify(notebookOf(cells)));
    await runNotebook(file, { write: true, now: () => performance.now() });
    return file;
  };
  const base = await written("base", "let k = 2;", figure, "k * 2");
  const mine = await written("mine", "let k = 3;", figure, "k * 2");
  const theirs = await written("theirs", "let k = 2;", figure.replace("0.25", "0.125"), "k * 2");
  const difference = await output(python, ["-m", "nbdime.nbdiffapp", "--no-color", base, mine]);
  expect(difference).toMatch(/- {2}let k = 2;\n\+ {2}let k = 3;/);
  expect(difference).toMatch(/- {2}4\n\+ {2}6/);
  expect(difference).not.toContain("text/html");
  const merged = join(folder, "merged.ipynb");
  await output(python, ["-m", "nbdime.nbmergeapp", base, mine, theirs, "--out", merged]);
  const cells = await codeOf(merged);
  expect(cells.map(({ source }) => source)).toEqual(["let k = 3;", figure.replace("0.25", "0.125"), "k * 2"]);
  const run = await runNotebook(merged, { write: true, now: () => performance.now() });
  expect(run).toMatchObject({ executed: 3, failed: 0 });
  expect((await codeOf(merged)).map(({ outputs }) => outputs)).toEqual([
    [],
    (await codeOf(theirs))[1].outputs,
    (await codeOf(mine))[2].outputs,
  ]);
});

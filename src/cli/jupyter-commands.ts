import { type Command, Option } from "commander";
import { positive, wholeFrom } from "../errors/kinds.ts";
import { defaulted, optional } from "../errors/options.ts";
import { InputError, quote } from "../errors.ts";
import { checkOutput } from "../files/output-place.ts";
import { writeWhole } from "../files/write-file.ts";
import { vscodeExtension } from "../jupyter/code/vscode-extension.ts";
import { installKernel } from "../jupyter/lab/kernel-spec.ts";
import { startLab } from "../jupyter/lab/lab.ts";
import { lintFile } from "../jupyter/lint/lint.ts";
import type { Parameters } from "../jupyter/run/parameters.ts";
import type { NotebookRun } from "../jupyter/run/run-notebook.ts";
import { runNotebooks } from "../jupyter/run/run-notebooks.ts";
import { interrupted } from "./interrupt.ts";
import { addFlags } from "./options.ts";
import { log, print, printJson } from "./output.ts";

/** `mixlens lab`, `mixlens kernel install`, `mixlens vscode`, `mixlens notebook run FILE…` and `mixlens notebook lint FILE…` */
export function addJupyter(program: Command): void {
  const lab = program
    .command("lab")
    .description("set up JupyterLab with the TypeScript kernel (once), and open the notebooks in it");
  addFlags(lab, { port: optional(wholeFrom(1, 65_535), "port to listen on") });
  lab
    .option("--no-browser", "print the address, open no browser")
    .option("--ip <address>", "address to listen on")
    .option("--notebooks <folder>", "folder to open (default: notebooks, where there is one)")
    .action(runLab);

  program
    .command("kernel")
    .description("the TypeScript kernel for Jupyter")
    .command("install")
    .description("register the kernel with Jupyter")
    .addOption(
      new Option("--prefix <folder>", "below this prefix, such as a virtual environment").conflicts([
        "user",
        "sysPrefix",
      ]),
    )
    .addOption(new Option("--user", "in your own Jupyter folder (default)").conflicts(["prefix", "sysPrefix"]))
    .addOption(new Option("--sys-prefix", "beside the Python that is on the PATH").conflicts(["prefix", "user"]))
    .action(async ({ prefix, sysPrefix }: { prefix?: string; sysPrefix?: boolean }) => {
      print(await installKernel(prefix !== undefined ? { prefix } : sysPrefix ? "sys-prefix" : "user"));
    });

  program
    .command("vscode")
    .description("write an extension of VS Code that makes the figures of notebooks live")
    .option("--out <file>", "file that is written", "mixlens-figures.vsix")
    .action(async ({ out }: { out: string }) => {
      checkOutput(out);
      await writeWhole(out, vscodeExtension());
      log(`wrote ${out}; install it with: code --install-extension ${JSON.stringify(out)}`);
    });

  const notebook = program.command("notebook").description("notebooks without a browser");
  notebook
    .command("run")
    .description("run notebooks from top to bottom")
    .argument("<files...>", "notebooks (.ipynb)")
    .option("--write", "store the outputs in the files")
    .option(
      "--set <name=value>",
      "a parameter, for a cell after the one with the tag parameters (again for more)",
      setting,
      {},
    )
    .option("--json", "print one JSON document")
    .action(runFiles);

  const lint = notebook
    .command("lint")
    .description("look for traps in notebooks, and for outputs that another run would not give; runs nothing")
    .argument("<files...>", "notebooks (.ipynb)");
  addFlags(lint, { maxOutput: defaulted(positive, 200, "size of an output at the most, in kB") });
  lint.option("--json", "print one JSON document").action(lintFiles);
}

async function runLab(flags: { browser: boolean; port?: number; ip?: string; notebooks?: string }): Promise<void> {
  const signal = interrupted();
  try {
    const { ended } = await startLab({ ...flags, log, signal });
    process.exitCode = await ended;
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = 130;
  }
}

/** Adds `k=3` to the parameters: JSON, or else text. */
function setting(given: string, parameters: Parameters): Parameters {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(given) ?? [];
  if (name === undefined) throw new InputError("set a parameter", "NAME=VALUE", quote(given), "write --set k=3");
  return { ...parameters, [name]: jsonOr(value) };
}

function jsonOr(text: string): Parameters[string] {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function runFiles(files: string[], flags: { write?: boolean; json?: boolean; set: Parameters }): Promise<void> {
  const signal = interrupted();
  const runs: NotebookRun[] = [];
  try {
    for await (const run of runNotebooks(files, {
      ...flags,
      parameters: flags.set,
      now: () => performance.now(),
      signal,
    })) {
      runs.push(run);
      const { file, cells, executed, failed, seconds, firstError, unwritten } = run;
      log(`${file}: ${executed} of ${cells} cells run, ${failed} failed, ${seconds.toFixed(1)} s`);
      if (firstError)
        log(`  cell ${firstError.cell}: ${firstError.message}${firstError.stack ? `\n${firstError.stack}` : ""}`);
      if (unwritten) log(unwritten);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = 130;
    return;
  }
  if (flags.json) printJson({ notebooks: runs });
  if (runs.some(({ failed, unwritten }) => failed > 0 || unwritten)) process.exitCode = 1;
}

async function lintFiles(files: string[], flags: { maxOutput: number; json?: boolean }): Promise<void> {
  const { maxOutput, json } = flags;
  const findings: object[] = [];
  for (const file of files) {
    for (const finding of await lintFile(file, { largest: 1000 * maxOutput })) {
      findings.push({ file, ...finding });
      if (!json) print(`${file}, cell ${finding.cell}, line ${finding.line}: ${finding.message} (${finding.rule})`);
    }
  }
  if (json) printJson({ notebooks: files.length, findings });
  else log(`${files.length} notebook${files.length === 1 ? "" : "s"}, ${findings.length} found`);
  if (findings.length > 0) process.exitCode = 1;
}

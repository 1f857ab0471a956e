import { readFile } from "node:fs/promises";
import { InputError, quote } from "../../errors.ts";
import { writeWhole } from "../../files/write-file.ts";
import { parsedJson } from "../../text/nesting.ts";

/** The name that people read of the kernel "mixlens". */
export const kernelDisplayName = "Mixlens (TypeScript)";

/** What a cell printed. */
export type StreamOutput = {
  output_type: "stream";
  name: "stdout" | "stderr";
  text: string;
};
/** What a cell showed: one value by mime type. */
export type DisplayOutput = {
  output_type: "display_data";
  data: Readonly<Record<string, unknown>>;
  metadata: Readonly<Record<string, unknown>>;
};
/** The value of a cell's last expression. */
export type ResultOutput = Omit<DisplayOutput, "output_type"> & {
  output_type: "execute_result";
  execution_count: number;
};
/** What a cell threw. */
export type ErrorOutput = {
  output_type: "error";
  ename: string;
  evalue: string;
  traceback: readonly string[];
};
export type Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput;

type Metadata = Readonly<Record<string, unknown>>;

/** A cell that is not code: kept as it is. */
export interface TextCell {
  readonly cell_type: "markdown" | "raw";
  readonly source: string;
  readonly metadata: Metadata;
}

export interface CodeCell {
  readonly cell_type: "code";
  readonly source: string;
  readonly metadata: Metadata;
  readonly execution_count: number | null;
  readonly outputs: readonly Output[];
}

export type Cell = TextCell | CodeCell;

/** A notebook in the terms of nbformat 4, except that text is whole here and a list of lines in the file. */
export interface Notebook {
  readonly cells: readonly Cell[];
  readonly metadata: Metadata;
  readonly nbformat: 4;
  readonly nbformat_minor: number;
}

/** Reads a TypeScript notebook; an InputError says what is wrong with the file. */
export async function readNotebook(file: string): Promise<Notebook> {
  const wrong = (expected: string, got: string, next?: string) =>
    new InputError(`read notebook ${quote(file)}`, expected, got, next);

  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw wrong("a file", error.code === "ENOENT" ? "none of that name" : (error.code ?? error.message));
  });
  const value = parse(text);
  if (value === undefined) throw wrong("JSON", text.trim() === "" ? "an empty file" : "something else");
  if (!isRecord(value) || value.nbformat !== 4 || !Array.isArray(value.cells)) {
    throw wrong("a notebook of format 4 with a list of cells", describe(value));
  }
  const cells = value.cells.map((cell: unknown, index) => {
    const found = readCell(cell);
    if (found === undefined)
      throw wrong("cells with a cell_type, a source and outputs", `another thing as cell ${index + 1}`);
    return found;
  });
  const metadata = isRecord(value.metadata) ? value.metadata : {};
  if (!isTypeScript(metadata)) {
    throw wrong("a TypeScript notebook", kernelOf(metadata), `choose the kernel ${quote(kernelDisplayName)} and save`);
  }
  const minor = typeof value.nbformat_minor === "number" ? value.nbformat_minor : 5;
  return { cells, metadata, nbformat: 4, nbformat_minor: minor };
}

/** Writes a notebook byte for byte as JupyterLab saves it: sorted keys, text by line, nothing that changes by itself. */
export async function writeNotebook(file: string, notebook: Notebook): Promise<void> {
  const cells = notebook.cells.map((cell) => ({
    ...byLine(cell),
    metadata: stable(cell.metadata),
  }));
  const metadata = named(notebook.metadata);
  await writeWhole(file, `${JSON.stringify(sorted({ ...notebook, metadata, cells }), null, 1)}\n`);
}

/** Whether the author expects this cell to throw, or does not mind. */
export function mayThrow(cell: CodeCell): boolean {
  return Array.isArray(cell.metadata.tags) && cell.metadata.tags.includes("raises-exception");
}

/** What the front end runs: cells of white space alone are passed over there, too. */
export function isRunnable(cell: Cell): cell is CodeCell {
  return cell.cell_type === "code" && cell.source.trim() !== "";
}

function readCell(value: unknown): Cell | undefined {
  if (!isRecord(value)) return undefined;
  const { cell_type } = value;
  const source = joined(value.source);
  if (source === undefined) return undefined;
  const metadata = isRecord(value.metadata) ? value.metadata : {};
  // What stands beside the known fields (id, attachments) is kept.
  if (cell_type === "markdown" || cell_type === "raw") return { ...value, cell_type, source, metadata };
  if (cell_type !== "code" || !Array.isArray(value.outputs) || !value.outputs.every(isOutput)) return undefined;
  const execution_count = typeof value.execution_count === "number" ? value.execution_count : null;
  return {
    ...value,
    cell_type,
    source,
    metadata,
    execution_count,
    outputs: value.outputs,
  };
}

/** Whether this is an output of nbformat 4, which knows four kinds. */
function isOutput(value: unknown): value is Output {
  if (!isRecord(value)) return false;
  const { output_type: type, data, text, evalue, traceback } = value;
  if (type === "stream") return joined(text) !== undefined;
  if (type === "error")
    return typeof evalue === "string" && Array.isArray(traceback) && joined(traceback) !== undefined;
  return (type === "display_data" || type === "execute_result") && isRecord(data);
}

function isTypeScript(metadata: Metadata): boolean {
  const { kernelspec, language_info: info } = metadata;
  if (isRecord(kernelspec)) {
    return kernelspec.language === "typescript" || kernelspec.name === "tslab" || kernelspec.name === "mixlens";
  }
  return isRecord(info) && info.name === "typescript";
}

function kernelOf(metadata: Metadata): string {
  const { kernelspec } = metadata;
  return isRecord(kernelspec) ? `one for the kernel ${quote(kernelspec.name)}` : "one that names no kernel";
}

/** A notebook of our kernel has the name that the kernel goes by now, as where it is saved in JupyterLab. */
function named(metadata: Metadata): Metadata {
  const { kernelspec } = metadata;
  if (!isRecord(kernelspec) || kernelspec.name !== "mixlens") return metadata;
  return { ...metadata, kernelspec: { ...kernelspec, display_name: kernelDisplayName } };
}

/** The times of the last run and marks of trust belong to one sitting, not to the file. */
function stable({ execution: _times, trusted: _trust, ...metadata }: Metadata): Metadata {
  return metadata;
}

function byLine(cell: Cell): object {
  const source = lines(cell.source);
  return cell.cell_type === "code" ? { ...cell, source, outputs: cell.outputs.map(outputByLine) } : { ...cell, source };
}

function outputByLine(output: Output): object {
  if (output.output_type === "stream") return { ...output, text: byLineIfText("text", output.text) };
  if (!("data" in output)) return output;
  const data = Object.entries(output.data).map(([mime, value]) => [mime, byLineIfText(mime, value)]);
  return { ...output, data: Object.fromEntries(data) };
}

function byLineIfText(mime: string, value: unknown): unknown {
  return typeof value === "string" && mime !== "application/json" ? lines(value) : value;
}

function lines(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

function joined(source: unknown): string | undefined {
  if (typeof source === "string") return source;
  return Array.isArray(source) && source.every((line) => typeof line === "string") ? source.join("") : undefined;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}

function parse(text: string): unknown {
  try {
    return parsedJson(text);
  } catch {
    return undefined;
  }
}

function describe(value: unknown): string {
  if (!isRecord(value)) return "other JSON";
  return typeof value.nbformat === "number" ? `format ${value.nbformat}` : "JSON without nbformat and cells";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

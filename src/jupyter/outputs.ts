import type { DisplayOutput, ErrorOutput, Output, StreamOutput } from "./notebook.ts";
import type { Shown } from "./tslab.ts";

/** Collects what cells put out, in nbformat's form. */
export class Outputs {
  #current: Output[] = [];
  readonly #places = new Map<string, DisplayOutput>();

  /** Starts a cell; its list goes on growing until the next cell starts. */
  begin(): Output[] {
    this.#current = [];
    return this.#current;
  }

  /** Adds printed text to what the same stream printed just before. */
  write(name: StreamOutput["name"], text: string): void {
    const last = this.#current.at(-1);
    if (last?.output_type === "stream" && last.name === name) last.text += text;
    else this.#current.push({ output_type: "stream", name, text });
  }

  /** Shows a value; an update changes the place that already has its id, in whatever cell that is. */
  show({ data, metadata, transient: { display_id: id } }: Shown, update: boolean): void {
    const place = update && id !== undefined ? this.#places.get(id) : undefined;
    if (place !== undefined) {
      Object.assign(place, { data, metadata });
      return;
    }
    const output: DisplayOutput = {
      output_type: "display_data",
      data,
      metadata,
    };
    this.#current.push(output);
    if (id !== undefined) this.#places.set(id, output);
  }
}

/** An error as a notebook keeps it: without the stack, whose paths differ from machine to machine. */
export function errorOutput(error: unknown): ErrorOutput {
  const { name, message } = error instanceof Error ? error : { name: "Uncaught", message: String(error) };
  return {
    output_type: "error",
    ename: name,
    evalue: message,
    traceback: [`${name}: ${message}`],
  };
}

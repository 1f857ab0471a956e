import type { DisplayOutput, Output, StreamOutput } from "../run/notebook.ts";
import type { Shown } from "./tslab.ts";

/** Collects what cells put out, in nbformat's form, each in its own list. */
export class Outputs {
  readonly #places = new Map<string, DisplayOutput[]>();

  /** Adds printed text to what the same stream printed just before. */
  write(cell: Output[], name: StreamOutput["name"], text: string): void {
    const last = cell.at(-1);
    if (last?.output_type === "stream" && last.name === name) last.text += text;
    else cell.push({ output_type: "stream", name, text });
  }

  /** Shows a value; an update changes the places that already have its id, in whatever cells they are. */
  show(cell: Output[], { data, metadata, transient: { display_id: id } }: Shown, update: boolean): void {
    const places = id === undefined ? [] : (this.#places.get(id) ?? []);
    if (update && places.length > 0) {
      for (const place of places) Object.assign(place, { data, metadata });
      return;
    }
    const output: DisplayOutput = { output_type: "display_data", data, metadata };
    cell.push(output);
    if (id !== undefined) this.#places.set(id, [...places, output]);
  }
}

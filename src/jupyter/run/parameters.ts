import type { Json } from "../../display/json.ts";
import { InputError, listed, quote } from "../../errors.ts";
import { namesOf, parseCell } from "../cells/scopes.ts";
import { cellReader } from "../cells/tslab.ts";
import type { Cell, CodeCell, Notebook } from "./notebook.ts";

/** Values by the names that a notebook's cell with the tag `parameters` declares. */
export type Parameters = Readonly<Record<string, Json>>;

/** The tags by which papermill knows the cell that declares parameters, and the one that sets them. */
const DECLARING = "parameters";
const SETTING = "injected-parameters";

/**
 * A notebook with a cell that sets parameters, after the one that declares them; it takes the place of an earlier one.
 *
 * @throws InputError when no cell declares them, by the name that is wrong
 */
export function withParameters(notebook: Notebook, file: string, parameters: Parameters): Notebook {
  const names = Object.keys(parameters);
  if (names.length === 0) return notebook;
  const cells = notebook.cells.filter((cell) => !isTagged(cell, SETTING));
  const at = cells.findIndex((cell) => isTagged(cell, DECLARING));
  const act = `set ${names.join(", ")} in ${quote(file)}`;
  if (at < 0) {
    throw new InputError(act, `a code cell with the tag "${DECLARING}"`, "none", "tag the cell that declares them");
  }
  const declared = [...namesOf(parseCell(cellReader().typescript, cells[at].source)).keys()];
  const unknown = names.find((name) => !declared.includes(name));
  if (unknown !== undefined) {
    const wanted = declared.length === 0 ? "names that the cell declares, which are none" : listed(declared, "or");
    throw new InputError(act, wanted, quote(unknown), `declare it in the cell with the tag "${DECLARING}"`);
  }
  const lines = names.map((name) => `let ${name} = ${JSON.stringify(parameters[name])};`);
  const cell: CodeCell & { id?: string } = {
    cell_type: "code",
    metadata: { tags: [SETTING] },
    source: ["// Parameters", ...lines].join("\n"),
    execution_count: null,
    outputs: [],
    // Cells have names from format 4.5 on.
    ...(notebook.nbformat_minor >= 5 && { id: SETTING }),
  };
  return { ...notebook, cells: [...cells.slice(0, at + 1), cell, ...cells.slice(at + 1)] };
}

function isTagged({ cell_type, metadata }: Cell, tag: string): boolean {
  return cell_type === "code" && Array.isArray(metadata.tags) && metadata.tags.includes(tag);
}

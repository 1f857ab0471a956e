import { mimeBundle } from "../../display/mime.ts";
import type { Outcome } from "../cells/outcome.ts";
import type { Session } from "../cells/tslab.ts";
import type { ErrorOutput } from "../run/notebook.ts";
import type { Request } from "./kernel-shared.ts";
import type { Content } from "./wire.ts";

/** A cell that runs or ran, and what it left behind. */
export interface Cell {
  readonly request: Request;
  readonly silent: boolean;
  /** What nobody caught while it was on. */
  error?: Outcome;
  over: boolean;
}

/** What is asked of a cell. */
export interface ExecuteRequest {
  readonly code: string;
  readonly silent?: boolean;
  readonly store_history?: boolean;
  readonly stop_on_error?: boolean;
  readonly user_expressions?: unknown;
}

/** An error in words. To read it may run code of its author, which is then that of the cell. */
export async function described(session: Session<Cell>, cell: Cell | undefined, error: unknown): Promise<ErrorOutput> {
  const outcome = await session.call(cell, () => session.describe(error));
  return "error" in outcome ? session.describe(outcome.error) : (outcome.value as ErrorOutput);
}

/** What a front end asks for beside a cell: expressions, each with its value or its error. */
export async function valuesOf(session: Session<Cell>, cell: Cell, expressions: unknown): Promise<Content> {
  const values: [string, Content][] = [];
  for (const [name, code] of Object.entries(Object(expressions))) {
    const ran = await session.execute(cell, `expression ${name}`, `(${String(code)})`);
    const shown = "error" in ran ? ran : await session.call(cell, () => mimeBundle(ran.value));
    if ("error" in shown) {
      const { output_type: _, ...said } = await described(session, cell, shown.error);
      values.push([name, { status: "error", ...said }]);
    } else values.push([name, { status: "ok", data: shown.value, metadata: {} }]);
  }
  return Object.fromEntries(values);
}

import { readOptions } from "../errors/options.ts";
import { printed } from "../text/printed.ts";
import type { Table } from "../text/table.ts";
import { showing } from "../text/tabled.ts";
import type { FitRows, Whole } from "./fitted.ts";
import { predict, SHOWN } from "./predict.ts";
import { PREDICT, type PredictOptions } from "./predict-options.ts";
import { counted } from "./summary.ts";

/** Which expert each row belongs to. */
export interface Classification {
  readonly rows: number;
  /** Number of the most probable expert of each row, from 1 (n); 0 of a row that misses a value, where such rows are dropped. */
  readonly experts: Int32Array;
  /** Its responsibility, P(z | x, y) (n); of a row without a response P(z | x). */
  readonly responsibilities: Float64Array;
}

/**
 * The most probable expert of each row.
 *
 * @param rows as those of {@link predict}; default: those of the fit
 * @param options as those of `predict`
 * @throws InputError as `predict`
 * @example
 * ```ts
 * import { classify, fit } from "mixlens";
 * const x = [-3, -2, -1, 1, 2, 3, 4, -4, 5, -5];
 * const bent = fit({ x, y: x.map((v, i) => Math.abs(v) + 0.1 * Math.sin(9 * i)) }, { response: "y", starts: 5, sigmaFloor: 0.05 });
 * const { experts, responsibilities } = classify(bent);
 * if (experts[2] === experts[3] || responsibilities[5] < 0.5) throw new Error("the two arms have an expert each");
 * const [right] = classify(bent, { x: [2.5] }).experts;
 * if (right !== experts[3]) throw new Error("a row without a response goes where the gate says");
 * ```
 */
export function classify(fitted: Whole, rows?: FitRows, options: PredictOptions = {}): Classification {
  const { rows: n, gate, responsibilities = gate } = predict(fitted, rows, readOptions("classify", options, PREDICT));
  const { k } = fitted.mixture.spec;
  const experts = new Int32Array(n);
  const most = Float64Array.from({ length: n }, (_, row) => (Number.isNaN(gate[row * k]) ? Number.NaN : 0));
  for (let at = 0; at < responsibilities.length; at++) {
    const row = Math.floor(at / k);
    if (!(responsibilities[at] > most[row])) continue;
    most[row] = responsibilities[at];
    experts[row] = (at % k) + 1;
  }
  return showing(printed({ rows: n, experts, responsibilities: most }, classesInWords), classesTable);
}

function classesTable(found: Classification): Table {
  const { rows, experts, responsibilities } = found;
  return {
    columns: [{ name: "row", align: "right" }, { name: "expert" }, { name: "responsibility" }],
    rows: Array.from({ length: Math.min(rows, SHOWN) }, (_, i) => [String(i + 1), experts[i], responsibilities[i]]),
    caption: classesInWords(found),
    ...(rows > SHOWN && { note: `… ${counted(rows - SHOWN, "more row")}` }),
  };
}

function classesInWords({ rows, experts }: Classification): string {
  const numbers = [...new Set(experts)].filter((z) => z > 0).sort((a, b) => a - b);
  const shares = numbers.map((z) => `${counted(experts.filter((found) => found === z).length, "row")} to expert ${z}`);
  return `${counted(rows, "row")}: ${shares.join(", ")}`;
}

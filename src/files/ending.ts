import { extname } from "node:path";
import { InputError, joined } from "../errors.ts";

/** What other programs open by these endings: a file of another kind would be none to them. */
const KNOWN: ReadonlySet<string> = new Set(
  `.csv .tsv .parquet .parq .pq .arrow .feather .json .jsonl .ndjson .html .htm .pdf .xlsx .xls .ods .docx .doc .png .svg .jpg
  .md .ipynb .rds .rdata .sav .dta .h5 .npy .npz .pkl .zip .gz .bz2 .xz .zst .sqlite .db`.split(/\s+/),
);

/**
 * Refuses a name that ends as files of another kind do than what is written; one with no such ending may be of any.
 *
 * @param what what is written: "a web page"
 * @param endings those that it may have, the first the usual ones
 * @param usual how many of them are
 * @throws InputError naming the usual endings
 */
export function checkEnding(file: string, what: string, endings: readonly string[], usual: number = 1): void {
  const ending = extname(file).toLowerCase();
  if (!KNOWN.has(ending) || endings.includes(ending)) return;
  const next = `let it end in ${joined(endings.slice(0, usual))}`;
  throw new InputError(`write ${JSON.stringify(file)}`, `the name of ${what}`, `one that ends in ${ending}`, next);
}

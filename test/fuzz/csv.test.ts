import { gzipSync } from "node:zlib";
import { CsvError, parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import type { Random } from "../../src/math/random.ts";
import { readCsvBytes } from "../../src/table/csv.ts";
import { CsvRecords } from "../../src/table/csv-records.ts";
import { ENCODINGS, type Encoding, type ReadCsvPlan } from "../../src/table/read-options.ts";
import { type DataTable, place } from "../../src/table/table.ts";
import { casesOf, chance, faultsOf, mutated, NAMES, pick, several } from "./hostile.ts";

const SEPARATORS = [",", ";", "|", "\t"] as const;
const LINE_ENDS = ["\n", "\r\n", "\r"] as const;
const MISSING = /^(|\.|\?|-+|na|n\/a|#n\/a|<na>|nan|nat|null|none|undefined)$/i;

/** What can be written to a file and told apart when it is read: no lone half of a letter, no zero, not blank alone. */
const WORDS = NAMES.filter((name) => name !== "\ud800" && !name.includes("\0") && name.trim() === name && name !== "");
const TEXTS = [
  ...WORDS,
  "a,b",
  "a;b",
  "a|b",
  "a\tb",
  'say "x"',
  '"',
  "two\nlines",
  "two\r\nlines",
  " edge ",
  "12%",
  "#",
];

interface Written {
  readonly names: readonly string[];
  readonly columns: readonly (readonly (number | string | null)[])[];
  readonly bytes: Buffer;
  readonly plan: ReadCsvPlan;
  /** What was made bytes of. */
  readonly text: string;
}

const distinct = (rng: Random, count: number): string[] => {
  const names = new Set<string>();
  while (names.size < count) names.add(pick(rng, WORDS));
  return [...names];
};

/** A table, and a file of it in a dialect of CSV. */
function written(rng: Random): Written {
  const names = distinct(rng, 2 + rng.integer(4));
  const rows = 1 + rng.integer(6);
  const columns = names.map(() => {
    const isText = chance(rng, 0.5);
    const cells = Array.from({ length: rows }, (_, i) => {
      if (chance(rng, 0.15) && i > 0) return null;
      if (isText) return i === 0 ? "word" : pick(rng, TEXTS);
      const size = 10 ** (chance(rng, 0.9) ? rng.integer(12) - 4 : rng.integer(600) - 300);
      return chance(rng, 0.3) ? rng.integer(1000) : rng.normal() * size;
    });
    return cells;
  });
  const separator = pick(rng, SEPARATORS);
  const end = pick(rng, LINE_ENDS);
  const decimal = separator !== "," && chance(rng, 0.3) ? "," : ".";
  const blank = (): string => (chance(rng, 0.1) ? " " : "");
  const cell = (value: number | string | null): string => {
    if (value === null) return pick(rng, ["", "NA", "NaN", " "]);
    if (typeof value === "number") return `${blank()}${String(value).replace(".", decimal)}${blank()}`;
    const isPlain = !/[",;|\t\r\n#]/.test(value) && value.trim() === value && !MISSING.test(value) && chance(rng, 0.7);
    return isPlain ? value : `${blank()}"${value.replaceAll('"', '""')}"${blank()}`;
  };
  const lines = [
    names.map((name) => `"${name}"`),
    ...columns[0].map((_, i) => columns.map((column) => cell(column[i]))),
  ];
  const text = lines.map((line) => line.join(separator)).join(end) + (chance(rng, 0.7) ? end : "");
  const { bytes, encoding } = encoded(rng, text);
  const plan = { separator, decimal: decimal as "," | ".", ...(encoding && { encoding }) };
  return { names, columns, bytes: chance(rng, 0.1) ? gzipSync(bytes, { level: 1 }) : bytes, plan, text };
}

/** The bytes of a text, and the encoding where they do not say it. */
function encoded(rng: Random, text: string): { bytes: Buffer; encoding?: Encoding } {
  const encoding = pick<Encoding>(rng, ["utf-8", "utf-8", ...ENCODINGS]);
  const isMarked = chance(rng, 0.5);
  const marked = `${isMarked ? "\ufeff" : ""}${text}`;
  if (encoding === "latin1" && [...text].every((letter) => letter.codePointAt(0)! < 128 || letter === "é")) {
    return { bytes: Buffer.from(text, "latin1"), encoding };
  }
  if (!encoding.startsWith("utf-16")) return { bytes: Buffer.from(marked) };
  const bytes = Buffer.from(marked, "utf16le");
  return { bytes: encoding === "utf-16be" ? bytes.swap16() : bytes, ...(!isMarked && { encoding }) };
}

const whole = ({ columns, rowNames }: DataTable) => (rowNames === undefined ? columns : [rowNames, ...columns]);
const same = (a: unknown, b: unknown): boolean => (a === null ? b === null || Number.isNaN(b) : a === b);

test(`a table that was written in any dialect is read as it was: ${casesOf(40_000)} of them`, {
  timeout: 36e6,
}, async () => {
  const faults = await faultsOf(casesOf(40_000), (rng) => {
    const { names, columns, bytes, plan, text } = written(rng);
    const read = (): void => {
      const found = whole(readCsvBytes(bytes, '"a.csv"', plan));
      if (found.map(({ name }) => name).join("\n") !== names.join("\n"))
        throw new Error(`names ${found.map((f) => f.name)}`);
      for (const [j, { name, values }] of found.entries()) {
        const odd = columns[j].findIndex((cell, i) => !same(cell, values[i]));
        if (odd >= 0) throw new Error(`row ${odd} of ${name} is ${values[odd]}`);
      }
    };
    return { shown: () => JSON.stringify([text, plan]), read };
  });
  expect(faults).toEqual([]);
});

test(`records are those that csv-parse finds: ${casesOf(20_000)} texts`, { timeout: 36e6 }, async () => {
  let [both, neither] = [0, 0];
  const faults = await faultsOf(casesOf(20_000), (rng) => {
    const pieces = [
      "a",
      "1",
      ",",
      ",",
      ",",
      ",",
      '"',
      '""',
      '"b"',
      '"c,d"',
      '"e\nf"',
      "\n",
      "\r\n",
      "\r",
      " ",
      "é",
      "",
    ];
    const text = several(rng, 14, () => pick(rng, pieces)).join("");
    const read = (): void => {
      const theirs = attempted(() =>
        parse(text, {
          trim: true,
          skip_empty_lines: true,
          relax_column_count: true,
          record_delimiter: ["\r\n", "\n", "\r"],
        }),
      );
      const ours = attempted(() => recordsOf(text));
      if (theirs === undefined || ours === undefined) neither++;
      else {
        both++;
        // Where a record is one blank cell in quotes, theirs is an empty line.
        const filled = (records: readonly (readonly string[])[]) =>
          JSON.stringify(records.filter((cells) => cells.some((cell) => cell.trim() !== "") || cells.length > 1));
        if (filled(ours) !== filled(theirs)) throw new Error(`${filled(ours)}, by csv-parse ${filled(theirs)}`);
      }
    };
    return { shown: () => JSON.stringify(text), read };
  });
  expect(faults).toEqual([]);
  expect(both).toBeGreaterThan(neither / 2);
});

function attempted(find: () => string[][]): string[][] | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof InputError || error instanceof CsvError) return undefined;
    throw error;
  }
}

function recordsOf(text: string): string[][] {
  const records = new CsvRecords(Buffer.from(text), "the text");
  const found: string[][] = [];
  for (let cells = records.next(); cells !== undefined; cells = records.next()) found.push([...cells]);
  return found;
}

test(`no bytes make anything but a table or a sentence: ${casesOf(60_000)} files`, { timeout: 36e6 }, async () => {
  const faults = await faultsOf(casesOf(60_000), (rng) => {
    const sound = written(rng);
    const bytes = chance(rng, 0.7)
      ? mutated(rng, sound.bytes)
      : Buffer.from(several(rng, 30, () => pick(rng, TEXTS)).join(pick(rng, [",", "\n", ""])));
    const plan: ReadCsvPlan = chance(rng, 0.5) ? {} : { ...sound.plan, encoding: pick(rng, ENCODINGS) };
    const read = (): void => {
      const table = readCsvBytes(bytes, '"a.csv"', plan);
      const columns = whole(table);
      if (new Set(columns.map(({ name }) => name)).size < columns.length) throw new Error("a name twice");
      for (const { name, kind, values } of columns) {
        const isSound =
          values.length === table.rows &&
          [...values].every((value) =>
            value === null ? kind === "text" : typeof value === (kind === "text" ? "string" : "number"),
          );
        if (!isSound) throw new Error(`column ${name} of ${kind}: ${values}`);
      }
      place(table, table.rows - 1);
    };
    return { shown: () => JSON.stringify([bytes.toString("latin1"), plan]), read };
  });
  expect(faults).toEqual([]);
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, createGzip, gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { fit } from "../../src/fit/fit.ts";
import { load } from "../../src/fit/model-file.ts";
import { source } from "../../src/fit/source/source.ts";
import { decode, encode, Signer } from "../../src/jupyter/protocol/wire.ts";
import { readNotebook } from "../../src/jupyter/run/notebook.ts";
import { readCsv } from "../../src/table/csv.ts";
import { readTable } from "../../src/table/read-table.ts";

// What is far larger, deeper or wider than anybody means it to be: read, or refused in a sentence that states the limit.

const folder = mkdtempSync(join(tmpdir(), "mixlens-limits-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, contents: string | Uint8Array): string => {
  writeFileSync(join(folder, name), contents);
  return join(folder, name);
};
const refusal = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).toMatch(/^Cannot [^\n]{1,2000}$/);
    return error.message;
  }
  return "read";
};

test("1e5 columns are read, fitted by some of them, and refused as features by number", () => {
  const names = Array.from({ length: 1e5 }, (_, j) => `x${j}`);
  const rows = [
    names.join(),
    ...[1, 2, 3, 4, 5].map((i) => names.map((_, j) => Math.sin(i * (j + 1)).toFixed(3)).join()),
  ];
  const path = file("wide.csv", rows.join("\n"));
  expect(readTable(path).columns.length).toBe(1e5);
  const found = fit(path, { response: "x0", features: ["x5"], k: 1, ridge: 0.1 });
  expect(found.observations.rows).toBe(5);
  expect(refusal(() => fit(path, { formula: "x0 ~ .", k: 1 }))).toContain("at most 10000 terms, got 99999");
});

test("a line of 100 MB is a cell, or refused where it is none", () => {
  const cell = "a".repeat(1e8);
  const { columns } = readCsv(file("cell.csv", `x,s\n1,${cell}\n2,b\n`));
  expect(String(columns[1].values[0]).length).toBe(1e8);
  expect(refusal(() => readCsv(file("header.csv", cell)))).toContain("at least one row");
  expect(refusal(() => fit(source(join(folder, "header.csv")), { response: "x" }))).toMatch(/^Cannot read/);
  expect(refusal(() => readCsv(file("quote.csv", `x\n"${cell}`)))).toContain("stays open to the end");
});

test("UTF-16 without a mark is refused with a next step that works", () => {
  for (const encoding of ["utf-16le", "utf-16be"] as const) {
    const bytes = Buffer.from("x,y\n1,é\n2,b\n", "utf16le");
    const path = file(`${encoding}.csv`, encoding === "utf-16be" ? bytes.swap16() : bytes);
    expect(refusal(() => readCsv(path))).toMatch(/encoding|UTF-8/);
    expect(readCsv(path, { encoding }).columns[1].values).toEqual(["é", "b"]);
  }
});

test("a bomb of gzip is refused by a stated limit, whatever it is of", async () => {
  const zeros = Buffer.alloc(2 ** 26);
  const gzip = createGzip({ level: constants.Z_BEST_COMPRESSION });
  const parts: Buffer[] = [];
  gzip.on("data", (part: Buffer) => parts.push(part));
  for (let count = 0; count < 10; count++) {
    if (!gzip.write(zeros)) await new Promise((resolve) => gzip.once("drain", resolve));
  }
  gzip.end();
  await new Promise((resolve) => gzip.once("end", resolve));
  const before = process.memoryUsage.rss();
  expect(refusal(() => readCsv(file("bomb.csv.gz", Buffer.concat(parts))))).toMatch(
    /got one of more than 100 times its own size; unpack it first/,
  );
  expect(process.memoryUsage.rss() - before).toBeLessThan(5e8);
  const small = gzipSync(Buffer.from(`x,y\n${"1,2\n".repeat(1e6)}`));
  expect(readCsv(file("dense.csv.gz", small)).rows).toBe(1e6);
});

test("lists in lists without end are refused by every reader of JSON", async () => {
  const deep = "[".repeat(1e5) + "]".repeat(1e5);
  expect(refusal(() => load(file("deep.json", `{"format":${deep}}`)))).toContain("Cannot read the model");
  const notebook = `{"nbformat":4,"cells":[],"metadata":{"kernelspec":{"name":"mixlens","deep":${deep}}}}`;
  await expect(readNotebook(file("deep.ipynb", notebook))).rejects.toThrow(/^Cannot read notebook .* expected JSON/);
  const header = { msg_id: "1", msg_type: "a", session: "", username: "", date: "", version: "5.3" };
  const message = { identities: [], header, parent: {}, metadata: {}, content: {}, buffers: [] };
  const frames = encode(message, new Signer({})).map((frame) => Buffer.from(frame));
  expect(decode(frames, new Signer({}))).toMatchObject({ header });
  expect(decode([...frames.slice(0, -1), Buffer.from(`{"code":${deep}}`)], new Signer({}))).toBeUndefined();
  expect(refusal(() => readTable(file("deep.jsonl", `{"x":${deep}}`)))).toContain("at most 500 lists and objects");
  const packed = file("deep.json.gz", gzipSync(`[{"x":"[[","y":${deep}}]`));
  expect(refusal(() => readTable(packed))).toContain("at most 500 lists and objects in one another, got 100002");
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { fit } from "../../src/fit/fit.ts";
import { parseCsv, readCsv } from "../../src/table/csv.ts";
import { numericColumn } from "../../src/table/numeric.ts";
import type { ReadOptions } from "../../src/table/read-options.ts";
import { place } from "../../src/table/table.ts";

// Files as people have them: read, or refused with the word for what they are.
const folder = mkdtempSync(join(tmpdir(), "mixlens-files-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (contents: string | Uint8Array, name = "data.csv") => {
  writeFileSync(join(folder, name), contents);
  return join(folder, name);
};
const columnsOf = (contents: string | Uint8Array, options: ReadOptions = {}) =>
  readCsv(file(contents), options).columns.map(({ name, kind, values }) => [name, kind, ...values]);
const refusal = (contents: string | Uint8Array, options: ReadOptions = {}) => {
  try {
    readCsv(file(contents), options);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return "no refusal";
};
const good = [
  ["x", "numeric", 1, 2.5],
  ["s", "text", "é", "b"],
];

describe("read is what holds the same cells", () => {
  const text = "x,s\n1,é\n2.5,b\n";
  const wide = Buffer.from(`\uFEFF${text}`, "utf16le");
  test.each<[string, string | Uint8Array]>([
    ["with a byte order mark", `\uFEFF${text}`],
    ["with Windows line ends", text.replaceAll("\n", "\r\n")],
    ["with CR alone", text.replaceAll("\n", "\r")],
    ["in UTF-16 LE", wide],
    ["in UTF-16 BE", Buffer.from(wide).swap16()],
    ["packed", gzipSync(text)],
    ["packed in UTF-16", gzipSync(wide)],
    ["packed with a byte order mark and CR LF", gzipSync(`\uFEFF${text.replaceAll("\n", "\r\n")}`)],
    ["packed in two parts", Buffer.concat([gzipSync("x,s\n1,é\n"), gzipSync("2.5,b\n")])],
    ["with tabs", text.replaceAll(",", "\t")],
    ["with semicolons", text.replaceAll(",", ";")],
    ["with semicolons and decimal commas", text.replaceAll(",", ";").replace("2.5", "2,5")],
    ["with tabs and decimal commas", text.replaceAll(",", "\t").replace("2.5", "2,5")],
    ["with bars", text.replaceAll(",", "|")],
    ["with Excel's sep", `sep=;\r\n${text.replaceAll(",", ";")}`],
    ["with Excel's sep of tabs", `sep=\t\n${text.replaceAll(",", "\t")}`],
    ["in quotes throughout", '"x";"s"\n"1";"é"\n"2,5";"b"\n'],
    ["below comments", `# made by hand, twice\n#\n# in 2020\n${text}`],
    ["below comments with a byte order mark", `\uFEFF# a;b\n${text}`],
    ["below a header that is a comment", `# x,s\n${text.slice(4)}`],
    ["with commas at the end", "x,s,\n1,é,\n2.5,b,\n"],
    ["with commas at the end of the header", "x,s,,\n1,é,,\n2.5,b,,\n"],
    ["with commas at the end of rows", "x,s\n1,é,\n2.5,b,\n"],
    ["with commas at the end of some rows", "x,s\n1,é\n2.5,b,,\n"],
    ["with an empty column between", "x,,s\n1,,é\n2.5,,b\n"],
  ])("%s", (_, contents) => {
    expect(columnsOf(contents)).toEqual(good);
  });

  test.each<[string, ReadOptions, Buffer]>([
    ["latin1", { encoding: "latin1" }, Buffer.from(text, "latin1")],
    ["utf-16le without a mark", { encoding: "utf-16le" }, Buffer.from(text, "utf16le")],
    ["utf-16be without a mark", { encoding: "utf-16be" }, Buffer.from(text, "utf16le").swap16()],
    ["utf-8 in spite of latin1", { encoding: "latin1" }, Buffer.from(`\uFEFF${text}`)],
    ["another separator", { separator: ";" }, Buffer.from(text.replaceAll(",", ";"))],
    ["tabs by name", { separator: "tab" }, Buffer.from(text.replaceAll(",", "\t"))],
    ["decimal commas in quotes", { decimal: "," }, Buffer.from('x,s\n1,é\n"2,5",b\n')],
  ])("and where it is said, %s", (_, options, bytes) => {
    expect(columnsOf(bytes, options)).toEqual(good);
  });

  test("in the encoding of Windows the euro sign is one", () => {
    expect(columnsOf(Buffer.of(...Buffer.from("s\n5 "), 0x80), { encoding: "latin1" })).toEqual([["s", "text", "5 €"]]);
  });
});

describe("a file that is none is called what it is", () => {
  test.each([
    [
      "Latin-1",
      Buffer.from("x,s\n1,\xe9\n", "latin1"),
      /line 2; save it as CSV in UTF-8, or set encoding to "latin1" \(--enc/,
    ],
    ["UTF-16 without a mark", Buffer.from("x,s\n", "utf16le"), /without a byte order mark\).*"utf-16le"/],
    ["a broken archive", gzipSync("x,y\n1,2\n").subarray(0, 20), /got a broken gzip archive; fetch it again$/],
    ["a packed binary file", gzipSync(Buffer.of(1, 0, 0, 2)), /a binary file/],
    ["JSON", '[{"x": 1}]', /expected a table as CSV, got JSON; give its rows as objects/],
    ["JSON lines", '{"x": 1}\n{"x": 2}\n', /got JSON/],
    ["a web page", "<!DOCTYPE html>\n<html><body>x,y</body></html>", /got a web page; download the file itself/],
    ["XML", '<?xml version="1.0"?>\n<a/>', /got XML/],
    ["a pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n", /got a pointer of Git LFS/],
    ["a workbook", Buffer.from("PK\x03\x04\x14\0\x06\0"), /a ZIP archive, such as an Excel workbook/],
    [
      "what write.table writes",
      '"x" "y"\n"1" 2.5 3\n"2" 1 4\n',
      /commas, semicolons, tabs or bars, got blanks in the header/,
    ],
    ["cells between blanks", "x y\n1   2\n3   4\n", /got blanks in the header "x y"; save it with commas/],
    ["comments alone", "# x\n# y\n", /expected a header and rows, got comments only/],
  ])("%s", (_, contents, message) => {
    expect(refusal(contents)).toMatch(message);
  });

  test("but a column of words is a column", () => {
    expect(columnsOf("full name\nAda Lovelace\nAlan Turing\n")).toEqual([
      ["full name", "text", "Ada Lovelace", "Alan Turing"],
    ]);
    expect(columnsOf('"#",x\n1,2\n')).toEqual([
      ["#", "numeric", 1],
      ["x", "numeric", 2],
    ]);
    expect(columnsOf("#,x\n1,2\n")).toEqual([
      ["#", "numeric", 1],
      ["x", "numeric", 2],
    ]);
  });

  test("rows know their lines below comments", () => {
    expect(place(parseCsv("# a\n\n# b\nx\n1\n2\n"), 1)).toBe("row 2 (line 6)");
  });
});

describe("row names", () => {
  test.each([
    ["write.csv", '"","x","y"\n"1",2,5\n"2",3,4\n', "numeric"],
    ["to_csv", ",x,y\n0,2,5\n1,3,4\n", "numeric"],
    ["write.table with commas", '"x","y"\n"1",2,5\n"2",3,4\n', "numeric"],
    ["write.table of some rows", '"x","y"\n"7",2,5\n"3",3,4\n', "numeric"],
    ["write.table without quotes", "x\ty\nMazda RX4\t2\t5\nFiat\t3\t4\n", "text"],
    ["write.table with a blank at the end", '"x","y"\n"1",2,5\n"2",3,\n', "numeric"],
    ["write.table with a blank first", '"x","y"\n"1",2,\n"2",3,4\n', "numeric"],
  ])("of %s are no column", (_, text, kind) => {
    const table = parseCsv(text);
    expect(table.columns.map(({ name }) => name)).toEqual(["x", "y"]);
    expect([...table.columns[0].values]).toEqual([2, 3]);
    expect(table.rowNames?.kind).toBe(kind);
  });

  test.each([
    ["that repeat", "x,y\na,1,2\na,3,4\n", "2 cells in every row, as in the header, got 3 on line 2"],
    ["that do not count", "x,y\n5,1,2\n9,3,4\n", "2 cells in every row, as in the header, got 3 on line 2"],
    ["in some rows", "x,y\n1,2\nb,3,4\n", "2 cells in every row, as in the header, got 3 on line 3"],
    ["in the first row alone", "x,y\na,3,4\n1,2\n", "2 cells in every row, as in the header, got 3 on line 2"],
    ["that are decimal commas", "x\n1,5\n2,5\n", "1 cell in every row, as in the header, got 2 on line 2"],
    ["beside a column without a name", "x,y,\n1,2,3\n", "a name for every column, got an empty name for column 3"],
  ])("%s are none", (_, text, message) => {
    expect(refusal(text)).toContain(message);
  });
});

describe("numbers", () => {
  test("percentages are fractions", () => {
    const path = fileURLToPath(new URL("../cases/models/percent.csv", import.meta.url));
    const x = numericColumn(readCsv(path), "x");
    expect([...x.subarray(0, 3)]).toEqual([0.204, -0.256, 0.042]);
    expect(fit(path, { response: "y", k: 1 }).formula.features).toEqual(["x"]);
    expect(columnsOf("p;q\n12.3%;12,3 %\nNA;-\n")).toEqual([
      ["p", "numeric", 0.123, Number.NaN],
      ["q", "numeric", 0.123, Number.NaN],
    ]);
  });

  test.each([
    ["12.3%", "5"],
    ["12.3%", "half"],
    ["1,204%", "744%"],
  ])("a column of %s and %s is none of percentages", (a, b) => {
    expect(columnsOf(`x\n"${a}"\n"${b}"\n`)).toEqual([["x", "text", a, b]]);
  });

  test.each([
    ['x,y\n"1,204",1\n"744",2\n', "write numbers without thousands separators: 1204"],
    ["x;y\n1,204;1\n744;2\n", "write numbers without thousands separators: 1204"],
    ["x;y\n1.204,5;1\n744;2\n", "write numbers without thousands separators: 1204.5"],
    ["x;y\n1.204,5;0,5\n744;2\n", "write numbers without thousands separators: 1204.5"],
    ["x,y\n1 204,1\n744,2\n", "write numbers without thousands separators: 1204"],
    ["x\ty\n1 204,5\t0,5\n744\t2\n", "write numbers without thousands separators: 1204.5"],
    ["x;y\n1.204.500;1\n1.204;2\n", "write numbers without thousands separators: 1204500"],
  ])("thousands separators are refused by word: %j", (text, advice) => {
    expect(() => fit(file(text), { response: "y" })).toThrow(advice);
    expect(() => numericColumn(readCsv(file(text)), "x")).toThrow(advice);
  });

  test("a comma is decimal where another column shows it", () => {
    expect(columnsOf("x;y\n1,204;0,5\n744;2\n")).toEqual([
      ["x", "numeric", 1.204, 744],
      ["y", "numeric", 0.5, 2],
    ]);
  });

  test("a point may be of thousands beside decimal commas: that is refused, with a way on that works", () => {
    const text = "price;amount\n3,50;1.204\n0,5;744\n";
    expect(refusal(text)).toMatch(
      /without thousands separators, got "1\.204" in column "amount" at row 1 \(line 2\), beside decimals with commas; write 1204 for thousands, or .* \(--decimal \.\)$/,
    );
    expect(columnsOf(text, { decimal: "." })[1]).toEqual(["amount", "numeric", 1.204, 744]);
    expect(columnsOf(text.replace("1.204", "1204"))[1]).toEqual(["amount", "numeric", 1204, 744]);
    expect(columnsOf(text.replace("744", "0.744"))[1]).toEqual(["amount", "numeric", 1.204, 0.744]);
  });
});

test("what is said of a file is checked", () => {
  const path = file("x\n1\n");
  expect(() => readCsv(path, { encoding: "ascii" as never })).toThrow('encoding to be "utf-8", "latin1", ');
  expect(() => readCsv(path, { separator: " " as never })).toThrow('separator to be ",", ";", "|" or "tab", got " "');
  expect(() => readCsv(path, { decimals: "," } as never)).toThrow('did you mean "decimal"?');
  expect(() => fit(path, { response: "x", encoding: "latin2" as never })).toThrow(
    "Cannot fit: expected encoding to be",
  );
});

import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { csv, mixlens, scratch, type Table, twoLines } from "./scratch.ts";

// What a user can get wrong, and the one line that is then said.
const good = twoLines(30, 4) as Table;
const { x1, x2, y, label } = good;
const line = (change: (lines: string[]) => string[]) => `${change(csv(good).trim().split("\n")).join("\n")}\n`;
/** The good rows with another cell in row 5 of a column. */
const cell = (name: string, value: number | string) => csv({ ...good, [name]: good[name].with(4, value) });
const filled = (name: string, value: number | string) => csv({ ...good, [name]: y.map(() => value) });

const files: Record<string, string | Uint8Array> = {
  "good.csv": csv(good),
  "-dash.csv": csv(good),
  "title.csv": `Some rows\n${csv(good)}`,
  "no-header.csv": "1,2\n2,3.5\n3,4\n",
  "bar.csv": "x^y\n1^2\n2^3.5\n3^4\n",
  "empty.csv": "",
  "header.csv": line((lines) => lines.slice(0, 1)),
  "ragged.csv": line((lines) => lines.toSpliced(3, 1, "1,2")),
  "twice.csv": csv(good).replace("x1,x2", "x1,x1"),
  "blanks.csv": csv(good).replaceAll(",", " "),
  "binary.csv": Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0xff),
  "text.csv": cell("x1", "abc"),
  "nan.csv": cell("x1", "NaN"),
  "infinite.csv": cell("x1", "Infinity"),
  "overflow.csv": cell("x1", "1e999"),
  "blank.csv": cell("x1", ""),
  "no-response.csv": cell("y", ""),
  "huge.csv": cell("x1", 1e200),
  "tiny.csv": csv({ ...good, y: y.map((value) => Number(value) * 1e-200) }),
  "constant-response.csv": filled("y", 3),
  "one-label.csv": filled("label", "yes"),
  "three-labels.csv": cell("label", "middle"),
  "missing-label.csv": cell("label", ""),
  "combination.csv": csv({ ...good, x3: x1.map((value, i) => Number(value) + 2 * Number(x2[i])) }),
  "constant.csv": csv({ ...good, x3: y.map(() => 7) }),
  "zero.csv": csv({ ...good, x3: y.map(() => 0) }),
  "negative-weight.csv": cell("w", -1),
  "zero-weights.csv": filled("w", 0),
  "few-weights.csv": csv({ ...good, w: y.map((_, i) => (i < 2 ? 1 : 0)) }),
  "negative-start.csv": cell("r1", -0.5),
  "zero-start.csv": csv({ ...good, r1: y.map((_, i) => i % 2), r2: y.map(() => 0) }),
  "two-rows.csv": "x1,x2,y\n1,2,3\n2,1,4\n",
};
for (const [name, count] of Object.entries({ negative: -2, half: 1.5, large: 1e16 })) {
  files[`${name}-count.csv`] = csv({ ...good, y: y.map((_, i) => (i === 4 ? count : i % 3)) });
}
const folder = scratch(files);
mkdirSync(join(folder, "folder"));
const contents = readdirSync(folder);

const linear = "--response y --features x1,x2 --starts 2";
const poisson = `${linear} --experts poisson`;
const logistic = "--response label --features x1,x2 --experts logistic --ridge 0.1 --starts 2";

/** Runs a bad command, sees that it does nothing but say so in one line, and returns that line. */
async function mistake(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await mixlens(folder, ...args);
  expect(stderr).toMatch(/^Cannot [^\n]+: expected [^\n]+, got [^\n]+\n$/);
  expect({ code, stdout, files: readdirSync(folder) }).toEqual({ code: 2, stdout: "", files: contents });
  return stderr.trim();
}

const row5 = "at row 5 (line 6)";
const drop = 'fill it in, or leave this row out with missing: "drop" (--missing drop)';

describe("a file", () => {
  test.concurrent.each([
    ["nothing.csv", "a CSV file, got no such file"],
    ["folder", 'a CSV file, got a folder; name the files in it, such as "folder/**/*.parquet"'],
    ["empty.csv", "a header and rows, got an empty file"],
    ["header.csv", "at least one row, got none"],
    [
      "ragged.csv",
      "8 cells in every row, as in the header, got 2 on line 4; write a comma for every cell of it, also a blank one",
    ],
    ["twice.csv", 'a different name for every column, got "x1" for columns 1 and 2'],
    [
      "blanks.csv",
      `cells separated by commas, semicolons, tabs or bars, got blanks in the header "x1 x2 y label w o r1 r2"; save it with commas`,
    ],
    [
      "binary.csv",
      "text in UTF-8, got bytes that are none on line 1 (a ZIP archive, such as an Excel workbook); save the sheet as CSV in UTF-8",
    ],
    [
      "text.csv",
      `a finite number in column "x1", got "abc" ${row5}; if these are labels, write factor(x1) in a formula`,
    ],
    ["nan.csv", `a value in every row of column "x1", got a missing value in 1 of 30 rows, ${row5}; ${drop}`],
    ["infinite.csv", `a finite number in column "x1", got Infinity ${row5}`],
    ["overflow.csv", `a finite number in column "x1", got Infinity ${row5}`],
    ["blank.csv", `a value in every row of column "x1", got a missing value in 1 of 30 rows, ${row5}; ${drop}`],
    ["no-response.csv", `a value in every row of column "y", got a missing value in 1 of 30 rows, ${row5}; ${drop}`],
    ["huge.csv", `numbers of a size from 1e-50 to 1e+50 in column "x1", got 1e+200 ${row5}; give them in another unit`],
    ["tiny.csv", /^numbers of a size from 1e-50 to 1e\+50 in column "y", got none above \d\.\d+e-\d+; give them in/],
  ])("%s", async (file, wanted) => {
    const found = await mistake("fit", file, ...linear.split(" "), "--model-out", "model.json", "--json");
    const prefix = `Cannot read "${file}": expected `;
    expect(found.slice(0, prefix.length)).toBe(prefix);
    const said = found.slice(prefix.length);
    typeof wanted === "string" ? expect(said).toBe(wanted) : expect(said).toMatch(wanted);
  });
});

const dependent = "columns of the experts that do not determine each other";
const leave = "leave it out or set a ridge above 0";
const count = "to be a whole number from 1";

describe("an option or a column", () => {
  test.concurrent.each([
    ["good.csv --response z", 'Cannot read "good.csv": expected a column such as "y", "w" or "o", got "z"'],
    ["good.csv --response Y", 'Cannot read "good.csv": expected a column such as "y", "w" or "o", got "Y"'],
    [`good.csv ${linear} --features x1,X3`, 'a column such as "x1", "x2" or "y", got "X3"'],
    [`good.csv ${linear} --gate-features x9`, 'a column such as "x1", "x2" or "y", got "x9"'],
    [`good.csv ${linear} --weights wt`, 'a column such as "w", "x1" or "x2", got "wt"'],
    [`good.csv ${linear} --offset off`, /a column such as .*"o".*, got "off"$/],
    [`good.csv ${linear} --start-columns r1,r3`, 'a column such as "r1", "r2" or "x1", got "r3"'],
    [`good.csv ${linear} --k 0`, `--k ${count} on, got "0"`],
    [`good.csv ${linear} --k 1.5`, `--k ${count} on, got "1.5"`],
    [`good.csv ${linear} --k 31`, `k ${count} to 30, the number of rows, got 31`],
    [`good.csv ${linear} --start-scheme best`, /--start-scheme to be cells, k-means, .* or random, got "best"$/],
    [`good.csv ${linear} --starts 0`, `--starts ${count} to 1000000, got "0"`],
    [`good.csv ${linear} --seed 0.5`, '--seed to be a whole number from -2147483648 to 4294967295, got "0.5"'],
    [`good.csv ${linear} --max-iterations 0`, `--max-iterations ${count} on, got "0"`],
    [`good.csv ${linear} --tolerance -1`, '--tolerance to be a number from 0 to 1e+50, got "-1"'],
    [`good.csv ${linear} --tolerance Infinity`, '--tolerance to be a number from 0 to 1e+50, got "Infinity"'],
    [`good.csv ${linear} --ridge -1`, '--ridge to be a number from 0 to 1e+50, got "-1"'],
    [`good.csv ${linear} --k 0x2`, 'a number for --k, got "0x2"'],
    [`good.csv ${linear} --algorithm gradient-descent --step-size 0`, '--step-size to be a number above 0, got "0"'],
    [
      `good.csv ${linear} --step-size 1`,
      /--step-size with --algorithm gradient-em, .* or mini-batch-em only, got 1 with em$/,
    ],
    [
      `good.csv ${linear} --algorithm line-search --gate-step-size 1`,
      "--gate-step-size with --algorithm gradient-em, gradient-descent, adam or mini-batch-em only, got 1 with line-search",
    ],
    [`good.csv ${linear} --algorithm generalised-em --inner-steps 0`, `--inner-steps ${count} on, got "0"`],
    [`good.csv ${linear} --experts tree`, /--experts to be linear, .* or [a-z-]+, got "tree"$/],
    [`good.csv ${linear} --algorithm newton`, /--algorithm to be em, .* or warm-restarts, got "newton"$/],
    [
      "good.csv --response label --features x1",
      `a finite number in column "label", got the label "${label[0]}" at row 1 (line 2); set experts to "logistic" (--experts logistic), which predict labels`,
    ],
    ["constant-response.csv --response y", 'a response that varies, got 3 in every row of column "y"'],
    [`one-label.csv ${logistic}`, 'a response of two or more labels, got only "yes" in column "label"'],
    [
      `missing-label.csv ${logistic}`,
      `a value in every row of column "label", got a missing value in 1 of 30 rows, ${row5}; ${drop}`,
    ],
    [
      "good.csv --response y --features x1 --experts logistic",
      `text or whole numbers as labels in column "y", got ${y[0]} at row 1 (line 2); round it, or write words for its values`,
    ],
    [
      "combination.csv --response y --features x1,x2,x3",
      `${dependent}, got "x3", a combination of "x1" and "x2"; ${leave}`,
    ],
    [
      "combination.csv --response y --features x1 --gate-features x1,x2,x3",
      `columns of the gate that do not determine each other, got "x3", a combination of "x1" and "x2"; ${leave}`,
    ],
    [
      "constant.csv --response y --features x1,x3",
      `${dependent}, got "x3", which is the same in every row like the intercept; ${leave}`,
    ],
    ["zero.csv --response y --features x1,x3", `${dependent}, got "x3", which is 0 in every row; ${leave}`],
    [
      "two-rows.csv --response y",
      "at least as many rows as the 3 columns of the experts, got 2; leave columns out or set a ridge and a sigmaFloor above 0",
    ],
    [
      `few-weights.csv ${linear} --weights w`,
      "at least as many rows as the 3 columns of the experts, got 2 with a weight above 0; leave columns out or set a ridge and a sigmaFloor above 0",
    ],
    [`negative-weight.csv ${linear} --weights w`, `weights of 0 or more, got -1 in column "w" ${row5}`],
    [`zero-weights.csv ${linear} --weights w`, 'a weight above 0, got 0 in every row of column "w"'],
    ["good.csv --response y --features x1,y", 'features other than the response, got "y" as both'],
    ["good.csv --response y --features x1 --gate-features y", 'gate features other than the response, got "y" as both'],
    ["good.csv --response y --features x1 --weights x1", 'features other than the weights, got "x1" as both'],
    [
      "good.csv --response y --features x1 --weights w --offset w",
      'different columns for weights and offset, got "w" for both',
    ],
    ["good.csv --response y --features x1,x2,x1", 'each of the features once, got "x1" twice'],
    [
      "good.csv --response y --features= --no-intercept",
      "at least one column for the experts, got none and no intercept",
    ],
    [
      "three-labels.csv --response label --features x1 --experts logistic --offset o",
      'an offset with numbers, counts or two labels to predict, got offset "o" with 3 labels',
    ],
    [
      `good.csv ${logistic} --shared-variance`,
      "a shared variance with linear experts only, got sharedVariance with logistic experts",
    ],
    [
      `good.csv ${poisson} --shared-variance`,
      "a shared variance with linear experts only, got sharedVariance with poisson experts",
    ],
    ...Object.entries({ negative: -2, half: 1.5, large: 1e16 }).map(([name, count]): [string, string] => [
      `${name}-count.csv ${poisson}`,
      `counts, whole numbers from 0 on, in column "y", got ${count} ${row5}`,
    ]),
    [`good.csv ${linear} --fix expert1.x1`, '--fix parameter=value, got "expert1.x1"'],
    [`good.csv ${linear} --fix expert1.x1=a`, 'a number for --fix, got "a"'],
    [
      `good.csv ${linear} --fix expert1.x3=1`,
      /^Cannot fix a parameter: expected one of the 11, such as .*"expert1\.x1".*, got "expert1\.x3"$/,
    ],
    [`constant-response.csv ${poisson}`, 'a response that varies, got 3 in every row of column "y"'],
    [`good.csv ${linear} --start-columns r1`, "2 start columns, one for each expert, got 1"],
    [
      `negative-start.csv ${linear} --start-columns r1,r2`,
      /start columns of 0 or more with a positive sum in each row, got -0\.5, 0\.[28] at row 5 \(line 6\)$/,
    ],
    [
      `zero-start.csv ${linear} --start-columns r1,r2`,
      "start columns of 0 or more with a positive sum in each row, got 0, 0 at row 1 (line 2)",
    ],
    [
      `good.csv ${linear} --model-out nowhere/model.json`,
      'Cannot write "nowhere/model.json": expected a file that can be written, got no folder "nowhere"',
    ],
    [
      `good.csv ${linear} --model-out folder`,
      'Cannot write "folder": expected a file that can be written, got a folder',
    ],
    [`good.csv ${linear} --model-out=`, 'Cannot write "": expected a file that can be written, got no name'],
  ])("fit %s", async (args, wanted) => {
    const found = await mistake(
      "fit",
      ...args.split(" "),
      ...(args.includes("--model-out") ? [] : ["--model-out", "m.json"]),
    );
    const said = typeof wanted === "string" && !wanted.startsWith("Cannot") ? found.split(": expected ")[1] : found;
    typeof wanted === "string" ? expect(said).toBe(wanted) : expect(said).toMatch(wanted);
  });

  test.concurrent.each(["k", "starts", "seed", "tolerance", "ridge", "max-iterations", "step-size", "inner-steps"])(
    "fit --%s that is no number",
    async (option) => {
      for (const text of ["NaN", "two", ""]) {
        const found = await mistake("fit", "good.csv", ...linear.split(" "), `--${option}=${text}`);
        expect(found).toBe(`Cannot run mixlens: expected a number for --${option}, got "${text}"`);
      }
    },
  );
});

describe("a command", () => {
  const option = 'an option that "mixlens fit --help" lists';
  const command = 'a command that "mixlens --help" lists';
  test.concurrent.each([
    ["help fitt", `Cannot run mixlens: expected ${command}, got fitt`],
    ["fitt good.csv", `Cannot run mixlens: expected ${command}, got fitt; did you mean fit?`],
    [
      "fit good.csv --response y --ridg 1",
      `Cannot run mixlens fit: expected ${option}, got --ridg; did you mean --ridge?`,
    ],
    ["fit good.csv --response y --quickly", `Cannot run mixlens fit: expected ${option}, got --quickly`],
    ["fit good.csv", "Cannot fit: expected a response, or a formula such as y ~ x, got neither"],
    ["fit --response y", "Cannot run mixlens fit: expected the argument <data>, got none"],
    ["fit good.csv --response", "Cannot run mixlens fit: expected a value for --response <column>, got none"],
    [
      "fit good.csv more.csv --response y",
      "Cannot run mixlens fit: expected 1 argument, got 2; name several files by one pattern in quotes, such as 'sales-*.csv', and columns with commas and without blanks, such as x1,x2",
    ],
    ["fit good.csv --response y --scale true", "switches, such as --scale, take no value"],
    [
      "fit -dash.csv --response y",
      `Cannot run mixlens fit: expected ${option}, got -dash.csv; name the file ./-dash.csv`,
    ],
    [
      "fit good.cvs --response y",
      'Cannot read "good.cvs": expected a CSV file, got no such file; did you mean "good.csv"?',
    ],
    [
      "fit no/good.csv --response y",
      'Cannot read "no/good.csv": expected a CSV file, got no such file; there is no folder "no"',
    ],
    [
      "fit - --response y",
      'Cannot read "-": expected a CSV file, got no such file; the name of the standard input is /dev/stdin',
    ],
    ["fit good.csv --response y --separator ;", "set separator (--separator) to what stands between the cells"],
    [
      "fit good.csv --response y --model-out model.csv",
      'Cannot write "model.csv": expected the name of a model file, got one that ends in .csv; let it end in .json',
    ],
    ["report good.csv good.csv --out page.pdf", "got one that ends in .pdf; let it end in .html"],
    ["predict good.csv good.csv", "name a file that save (--model-out) wrote, and that of the rows after it"],
    [
      "fit no-header.csv --response y",
      'such as "1" or "2", got "y"; write a first line of names, for these are numbers',
    ],
    ["fit bar.csv --response y", 'got "y"; set separator (--separator) to what stands between the cells'],
    ["fit title.csv --response z", "or take out lines above the header, such as a title"],
    ["bench --only fits", 'got "fits"; did you mean "fit"?'],
    ["spectrum model.json", "Cannot run mixlens spectrum: expected the argument <data>, got none"],
    ["datasets", 'Cannot run mixlens datasets: expected a command that "mixlens datasets --help" lists, got none'],
    [
      "datasets path irises",
      'Cannot find the dataset: expected "iris", "penguins", "wine" or "fashion-mnist", got "irises"',
    ],
  ])("%s", async (args, wanted) => {
    const said = await mistake(...args.split(" "));
    if (wanted.startsWith("Cannot")) expect(said).toBe(wanted);
    else expect(said).toContain(wanted);
  });
});

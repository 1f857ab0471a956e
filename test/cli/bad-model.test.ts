import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FittedMixture } from "../../src/fit/fitted.ts";
import { columns, features, linear, logistic, poisson, readIn } from "../support/model-files.ts";
import { csv, mixlens, scratch } from "./scratch.ts";

type Model = Record<"formula" | "make" | "origin", Record<string, unknown>> & Record<"version" | "parameters", unknown>;
const changed = (change: (model: Model & { parameters: [string, unknown][] }) => unknown, text = linear): string => {
  const model = JSON.parse(text);
  change(model);
  return JSON.stringify(model);
};
const unread = (name: string) => csv(Object.fromEntries(Object.entries(columns).filter(([other]) => other !== name)));

const folder = scratch({
  "linear.json": linear,
  "logistic.json": logistic,
  "data.csv": csv(columns),
  "no-x2.csv": unread("x2"),
  "no-response.csv": unread("y"),
  "new-label.csv": csv({ ...columns, label: columns.label.with(2, "middling") }),
});
mkdirSync(join(folder, "folder"));

async function mistake(...args: string[]): Promise<string> {
  const before = readdirSync(folder);
  const { code, stdout, stderr } = await mixlens(folder, ...args);
  expect(stderr).toMatch(/^Cannot [^\n]+: expected [^\n]+, got [^\n]+\n$/);
  expect({ code, stdout, files: readdirSync(folder) }).toEqual({ code: 2, stdout: "", files: before });
  return stderr.trim();
}

describe("a command", () => {
  test.each([
    ["spectrum nothing.json data.csv", 'Cannot read "nothing.json": expected a model file, got no such file'],
    ["predict folder data.csv", 'Cannot read "folder": expected a model file, got a folder'],
    [
      "snr data.csv linear.json",
      'Cannot read the model "data.csv": expected JSON, got "x1,x2,y,label,w,o,r1"…; name a file that save (--model-out) wrote, and that of the rows after it',
    ],
    [
      "predict linear.json no-x2.csv",
      /^Cannot read "no-x2.csv": expected the column "x2" that the model reads, got only "x1", "y", /,
    ],
    [
      "spectrum linear.json no-response.csv",
      /expected the column "y" that the model reads, got only "x1", "x2", "label", "w", "o" and 2 more$/,
    ],
    ["snr linear.json no-response.csv", /expected the column "y" that the model reads/],
    [
      "spectrum logistic.json new-label.csv",
      'Cannot read "new-label.csv": expected the labels "high" or "low" in column "label", got "middling" at row 3 (line 4)',
    ],
    [
      "spectrum linear.json data.csv --top 0",
      'Cannot run mixlens: expected --top to be a whole number from 1 on, got "0"',
    ],
    [
      "predict linear.json data.csv --json --out nowhere/p.csv",
      'Cannot write "nowhere/p.csv": expected a file that can be written, got no folder "nowhere"',
    ],
    [
      "predict linear.json data.csv --json --out folder",
      'Cannot write "folder": expected a file that can be written, got a folder',
    ],
  ])("%s", async (args, wanted) => {
    const found = await mistake(...args.split(" "));
    typeof wanted === "string" ? expect(found).toBe(wanted) : expect(found).toMatch(wanted);
  });

  test("a model that can't be read writes no predictions", async () => {
    writeFileSync(join(folder, "broken.json"), linear.slice(0, -40));
    expect(await mistake("predict", "broken.json", "data.csv", "--out", "p.csv")).toMatch(/expected JSON/);
  });
});

const reading = (text: string): FittedMixture | string => readIn(folder, text);

test("an unchanged model is read", () => {
  expect(reading(linear)).toHaveProperty("formula.features", features);
  expect(reading(logistic)).toHaveProperty("formula.labels", ["high", "low"]);
  expect(reading(poisson)).toHaveProperty("mixture.spec.experts", "poisson");
});

const list = "to be a list of different names";
test.each([
  ["an empty file", "", "JSON, got an empty file"],
  ["half a file", linear.slice(0, 60), /^expected JSON, got "\{/],
  ["another object", '{"a":1}', 'the format "mixlens mixture", got nothing'],
  ["a list", "[1,2]", 'an object with the format "mixlens mixture", got [1,2]'],
  ["null", "null", 'an object with the format "mixlens mixture", got null'],
  [
    "another version",
    changed((m) => {
      Object.assign(m, { version: 2, origin: { ...m.origin, mixlens: "9.1.0" } });
    }),
    'version 1, got 2; take a later version of mixlens, as "9.1.0" that wrote it, or fit anew',
  ],
  ["an older version", changed((m) => Object.assign(m, { version: 0 })), "version 1, got 0; fit anew, and save that"],
  ["no object as its origin", changed((m) => Object.assign(m, { origin: [1] })), "the origin to be an object, got [1]"],
  [
    "no seed",
    changed((m) => Reflect.deleteProperty(m.origin, "seed")),
    /^expected the origin's seed to be a whole .* got nothing$/,
  ],
  [
    "a number of rows that is none",
    changed((m) => Object.assign(m.origin.data as object, { rows: 0.5 })),
    "the origin's data's rows to be a whole number from 1 on, got 0.5",
  ],
  [
    "half a checksum",
    changed((m) => Object.assign(m.origin.data as object, { sha256: "ab" })),
    "the origin's data's sha256 to be the 64 digits of a SHA-256, got \"ab\"",
  ],
  [
    "a prototype",
    linear.replace('"make": {', '"make": { "__proto__": { "k": 9 },'),
    /^expected no other entry of the make than .*, got "__proto__"$/,
  ],
  ["no formula", changed((m) => Reflect.deleteProperty(m, "formula")), "the formula to be an object, got nothing"],
  [
    "no response",
    changed((m) => {
      m.formula.response = 3;
    }),
    "the formula's response to be the name of a column, got 3",
  ],
  [
    "features",
    changed((m) => {
      m.formula.features = "x1";
    }),
    `the formula's features ${list}, got "x1"`,
  ],
  [
    "a feature twice",
    changed((m) => {
      m.formula.features = ["x1", "x1"];
    }),
    `the formula's features ${list}, got ["x1","x1"]`,
  ],
  [
    "gate features",
    changed((m) => {
      m.formula.gateFeatures = [1];
    }),
    `the formula's gateFeatures ${list}, got [1]`,
  ],
  [
    "intercept",
    changed((m) => {
      m.formula.intercept = "no";
    }),
    'the formula\'s intercept to be true or false, got "no"',
  ],
  [
    "labels",
    changed((m) => {
      m.formula.labels = ["a"];
    }, logistic),
    'the formula\'s labels to be two or more different texts, got ["a"]',
  ],
  [
    "linear experts for labels",
    changed((m) => {
      m.make.experts = "linear";
    }, logistic),
    'experts of labels, as the formula says, got "linear"',
  ],
  [
    "weights",
    changed((m) => {
      m.formula.weights = null;
    }),
    "the formula's weights to be the name of a column, got null",
  ],
  [
    "offset",
    changed((m) => {
      m.formula.offset = [];
    }),
    "the formula's offset to be the name of a column, got []",
  ],
  [
    "make",
    changed((m) => {
      m.make = [] as never;
    }),
    "the make to be an object, got []",
  ],
  [
    "experts",
    changed((m) => {
      m.make.experts = "tree";
    }),
    /^expected the make's experts to be "linear", .*, got "tree"$/,
  ],
  [
    "k",
    changed((m) => {
      m.make.k = 1e9;
    }),
    "k to be a whole number from 1 to 11, the number of parameters, got 1000000000",
  ],
  [
    "another k",
    changed((m) => {
      m.make.k = 3;
    }),
    "18 parameters, got 11",
  ],
  [
    "a fixed parameter beyond all size",
    changed((m) => {
      m.make.fixed = { "gate2.x1": 1e300 };
    }),
    'the make\'s fixed to be numbers up to 1e+50 by name, got {"gate2.x1":1e+300}',
  ],
  [
    "an option of a later version",
    changed((m) => {
      m.make.tempering = 2;
    }),
    /^expected no other entry of the make than "experts", .* and "priorOrigins", got "tempering"$/,
  ],
  [
    "a column of a later version",
    changed((m) => {
      m.formula.cluster = "x1";
    }),
    /^expected no other entry of the formula than "response", .*, got "cluster"$/,
  ],
  [
    "shared variance",
    changed((m) => {
      m.make.sharedVariance = 1;
    }),
    "the make's sharedVariance to be true or false, got 1",
  ],
  [
    "ridge",
    changed((m) => {
      m.make.ridge = -1;
    }),
    "the make's ridge to be a number from 0 to 1e+50, got -1",
  ],
  [
    "fixed parameters",
    changed((m) => {
      m.make.fixed = { "gate2.x1": "0" };
    }),
    'the make\'s fixed to be an object of numbers by name, got {"gate2.x1":"0"}',
  ],
  [
    "a fixed parameter it does not have",
    changed((m) => {
      m.make.fixed = { w: 0 };
    }),
    /^Cannot fix a parameter: expected one of the 11, such as .*, got "w"$/,
  ],
  [
    "an endless ridge",
    linear.replace('"ridge": 0', '"ridge": 1e999'),
    'the make\'s ridge to be a number from 0 to 1e+50, got "Infinity"',
  ],
  [
    "no list of parameters",
    changed((m) => {
      Object.assign(m, { parameters: {} });
    }),
    "a list of parameters, got {}",
  ],
  ["a parameter fewer", changed((m) => m.parameters.pop()), "11 parameters, got 10"],
  [
    "a parameter's name",
    changed((m) => {
      m.parameters[1][0] = "w";
    }),
    /^expected the parameter "gate2.x1" and a number up to 1e\+50, got \["w",/,
  ],
  [
    "no number",
    changed((m) => {
      m.parameters[1][1] = null;
    }),
    'the parameter "gate2.x1" and a number up to 1e+50, got ["gate2.x1",null]',
  ],
  [
    "a large number",
    changed((m) => {
      m.parameters[1][1] = 1e300;
    }),
    'the parameter "gate2.x1" and a number up to 1e+50, got ["gate2.x1",1e+300]',
  ],
])("a model file with %s is refused", (_, text, wanted) => {
  const found = reading(text);
  typeof wanted === "string" ? expect(found).toBe(`expected ${wanted}`) : expect(found).toMatch(wanted);
});

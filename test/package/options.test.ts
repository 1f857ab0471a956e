import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ALGORITHM_NAMES, algorithmOptions, namedAlgorithms } from "../../src/algorithms/named.ts";
import { flagOf } from "../../src/cli/options.ts";
import { defaultOf, type Optional } from "../../src/errors/options.ts";
import { FIT } from "../../src/fit/fit-options.ts";
import { SOURCE } from "../../src/fit/source/source.ts";
import * as mixlens from "../../src/index.ts";
import { mixlens as run, scratch } from "../cli/scratch.ts";

// Whatever says what the options of a fit are says what their declaration says.
type AnyOption = Optional<unknown> & { readonly value?: unknown };
const entries = (table: object): [string, AnyOption][] => Object.entries({ ...table });
const code = (text: string | undefined): string => (text === undefined ? "" : `\`${text}\``);

describe("the README", () => {
  const readme = readFileSync("README.md", "utf8");

  /** The cells below a header, without the blanks that align them. */
  function rowsBelow(first: string): string[][] {
    const lines = readme.split("\n");
    const from = lines.findIndex((line) => new RegExp(`^\\| ${first} +\\|`).test(line)) + 2;
    expect(from).toBeGreaterThan(1);
    const below = lines.slice(from);
    return below
      .slice(0, below.indexOf(""))
      .map((line) => line.split("|").slice(1, -1))
      .map((cells) => cells.map((cell) => cell.trim()));
  }

  test("has every option of a fit, with its flag and its default", () => {
    const declared = entries(FIT).map(([name, option]) => {
      const { value, otherwise } = option;
      const preset = option.isRequired ? "" : value === undefined ? (otherwise ?? "") : code(JSON.stringify(value));
      return [code(name), code(flagOf(name, option)), preset, option.help ?? ""];
    });
    expect(rowsBelow("option")).toEqual(declared);
  });

  test("has every option of a source", () => {
    const own = entries(SOURCE).filter(([name]) => !(name in FIT));
    const declared = own.map(([name, option]) => {
      return [code(name), code(flagOf(name, option)), option.otherwise ?? "", option.help ?? ""];
    });
    expect(rowsBelow("option of `source`")).toEqual(declared);
  });

  test("has every algorithm that a fit knows by name, with its options", () => {
    const declared = ALGORITHM_NAMES.map((name) => {
      const { make, options, help } = namedAlgorithms[name];
      const own = entries(options).map(([option, entry]) => `${code(option)} (${defaultOf(entry)})`);
      const [exported] = Object.entries(mixlens).find(([, value]) => value === make)!;
      return [code(name), code(`${exported}()`), help, own.join(", ")];
    });
    expect(rowsBelow("`algorithm` +\\| itself")).toEqual(declared);
  });
});

describe("the comment on each field of a table begins with what it is and its default:", () => {
  const sentence = ({ help = "", value, otherwise, isRequired }: AnyOption): string => {
    const preset = value === undefined ? (isRequired ? undefined : `: ${otherwise}`) : ` ${presetOf(value)}`;
    return `${help[0].toUpperCase()}${help.slice(1)}${preset === undefined ? "" : `; default${preset}`}.`;
  };
  const presetOf = (value: unknown): string =>
    typeof value === "string" ? `\`"${value}"\`` : Array.isArray(value) ? value.join(" and ") : String(value);
  const files = new Map<string, object>([
    ["frame/formula.ts", FIT],
    ["models/make.ts", FIT],
    ["fit/fit-options.ts", FIT],
    ["table/read-options.ts", FIT],
    ...ALGORITHM_NAMES.map((name): [string, object] => [`algorithms/${name}.ts`, namedAlgorithms[name].options]),
  ]);

  test.each([...files])("%s", (file, table) => {
    const fields = /((?: {3}\* .*\n| {3}\*\/\n| {2}\/\*\*.*\n)+) {2}readonly (\w+): (?:Needed|Optional|Defaulted)</g;
    const found = Array.from(readFileSync(`src/${file}`, "utf8").matchAll(fields), ([, comment, name]) => {
      return [name, comment.replace(/\s*\/?\*+\/?\s*/g, " ").trim()] as const;
    });
    const options = new Map(entries(table));
    for (const [name, comment] of found) expect(`${comment} `).toContain(`${sentence(options.get(name)!)} `);
    const declared = table === FIT ? found.length : options.size;
    expect(found.length).toBe(declared);
    if (!/^algorithms\/(one-pass-)?em\.ts$/.test(file)) expect(found.length).toBeGreaterThan(0);
  });

  test("there is one for each option of a fit", () => {
    const text = ["frame/formula.ts", "models/make.ts", "fit/fit-options.ts", "table/read-options.ts"]
      .map((file) => readFileSync(`src/${file}`, "utf8"))
      .join("");
    const fields = Array.from(text.matchAll(/ {2}readonly (\w+): (?:Needed|Optional|Defaulted)</g), ([, name]) => name);
    expect(fields).toEqual(Object.keys(FIT));
  });
});

describe("the command line", () => {
  const folder = scratch({ "data.csv": "x,y\n1,2\n2,3.5\n3,3\n4,5\n" });

  test("lists every option that can be written, of a fit and of its algorithms, and takes it", async () => {
    const { stdout } = await run(folder, "fit", "--help");
    const shown = stdout.replace(/\s+/g, " ");
    const options = [
      ...entries(FIT),
      ...[...algorithmOptions()].map(([name, takers]): [string, AnyOption] => [name, [...takers.values()][0]]),
    ];
    const written = options.flatMap(([name, option]) => flagOf(name, option) ?? []);
    expect(written.length).toBeGreaterThan(25);
    for (const flag of written) expect(shown).toContain(` ${flag} `);
    for (const [name, { help = "", written }] of entries(FIT)) {
      if (written !== undefined) expect([name, shown]).toEqual([name, expect.stringContaining(help)]);
    }
  });

  test("refuses the value of any flag that is not of its kind, naming the flag", async () => {
    const flags = entries(FIT).flatMap(([name, option]) => {
      const [flag] = flagOf(name, option)?.split(" ") ?? [];
      return option.written === "number" || option.written === "name" ? [flag] : [];
    });
    expect(flags.length).toBeGreaterThan(8);
    for (const flag of flags) {
      const { code, stdout, stderr } = await run(folder, "fit", "data.csv", "--response", "y", `${flag}=-0.5x`);
      expect([flag, code, stdout]).toEqual([flag, 2, ""]);
      expect(stderr).toMatch(new RegExp(`^Cannot run mixlens: expected [^\\n]*${flag}[^\\n]*, got "-0.5x"\\n$`));
    }
  });
});

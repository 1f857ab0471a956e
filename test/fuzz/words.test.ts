import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, expect, test, vi } from "vitest";
import { mixlensProgram } from "../../src/cli/program.ts";
import { partOf } from "../../src/errors/options.ts";
import { fit } from "../../src/fit/fit.ts";
import { FIT } from "../../src/fit/fit-options.ts";
import { parseFormula } from "../../src/frame/formula-text.ts";
import { tokensOf } from "../../src/frame/tokens.ts";
import type { Random } from "../../src/math/random.ts";
import { csv, twoLines } from "../cli/scratch.ts";
import { casesOf, chance, computed, faultsOf, HANGS, mutated, NAMES, pick, several } from "./hostile.ts";

// Words that somebody writes: formulas, and what stands on a command line.

const columns = twoLines(12, 3);
const PIECES = [
  "x1",
  "x2",
  "y",
  "label",
  "`x1`",
  ".",
  "0",
  "1",
  "2",
  "9",
  "1e3",
  "~",
  "|",
  "+",
  "-",
  "*",
  ":",
  "^",
  "(",
  ")",
  ",",
];
const CALLS = [
  "log(",
  "I(",
  "poly(",
  "factor(",
  "offset(",
  "exp(",
  "sqrt(",
  "pmax(",
  "import(",
  "eval(",
  "constructor(",
];
const OTHERS = [
  "==",
  "<",
  "!=",
  "/",
  "%",
  "'",
  '"',
  "`",
  "\\",
  "\n",
  "\0",
  "é",
  ".5",
  "x1.x2",
  "_",
  "[",
  "=",
  ";",
  "!",
];

const SOUND = [
  "y ~ x1 + x2 | x1",
  "y ~ log(x1^2 + 1) * factor(label) + poly(x2, 2) - 1 | .",
  "y ~ (x1 + x2)^2 + offset(o)",
  "y ~ I(x1 > 0):x2 + pmax(x1, x2)",
];

function formula(rng: Random): string {
  if (chance(rng, 0.3)) return mutated(rng, Buffer.from(pick(rng, SOUND))).toString();
  const written = several(rng, 12, () => {
    const kind = rng.uniform();
    return kind < 0.6
      ? pick(rng, PIECES)
      : kind < 0.8
        ? pick(rng, CALLS)
        : kind < 0.9
          ? pick(rng, NAMES)
          : pick(rng, OTHERS);
  }).join(chance(rng, 0.5) ? " " : "");
  return chance(rng, 0.6) ? `y ~ ${written}` : written;
}

test(`a formula is read or refused in a sentence: ${casesOf(40_000)} of them`, { timeout: 36e6 }, async () => {
  let read = 0;
  const faults = await faultsOf(casesOf(40_000), (rng) => {
    const text = formula(rng);
    return {
      shown: () => JSON.stringify(text),
      read: () => {
        const { response, experts, gate, computed } = parseFormula(text, () => ["x1", "x2"]);
        read++;
        // What is read are names that were written, or computed of such.
        const written = new Set([...tokensOf(text).map((token) => token.text), "x1", "x2"]);
        for (const label of [response, ...experts.terms.flat(), ...(gate?.terms.flat() ?? [])]) {
          if (!written.has(label) && !computed.has(label)) throw new Error(`a name from nowhere: ${label}`);
        }
      },
    };
  });
  expect(faults).toEqual([]);
  expect(read).toBeGreaterThan(casesOf(40_000) / 25);
});

test(`a formula is fitted or refused in a sentence: ${casesOf(1500)} of them`, { timeout: 36e6 }, async () => {
  const faults = await faultsOf(casesOf(1500), (rng) => {
    const text = formula(rng);
    const options = { formula: text, k: 1 + rng.integer(2), starts: 1, maxIterations: 3, ridge: 0.1 };
    return { shown: () => JSON.stringify(text), read: () => fit(columns, options) };
  });
  expect(faults).toEqual([]);
});

const many = (count: number, sign: string): string => Array.from({ length: count }, (_, j) => `x${j}`).join(sign);

test.each([
  ["1e5 columns", `y ~ ${many(1e5, "+")}`, /at most 10000 terms, got 100000/],
  ["1e5 products", `y ~ ${many(1e5, ":")}`, /products of at most 100 columns/],
  ["1e5 crossed columns", `y ~ ${many(1e5, "*")}`, /at most 10000 terms/],
  ["powers of many", `y ~ ${`(${many(300, "+")})^9`}`, /at most 10000 terms/],
  [
    "many powers",
    `y ~ ${Array.from({ length: 1000 }, () => `(${many(100, "+")})^2`).join(":")}`,
    /at most 10000 terms/,
  ],
  ["a long sum in arithmetic", `y ~ I(${many(1e4, "+")})`, /at most 1000 names, numbers and signs/],
  ["many signs", `y ~ I(${"-".repeat(1e5)}x)`, /at most 1000 names, numbers and signs/],
  ["signs as many as may be", `y ~ I(${"-".repeat(990)}x)`, undefined],
  ["powers as many as may be", `y ~ I(${"x^".repeat(490)}x)`, undefined],
  ["parentheses without end", `y ~ ${"(".repeat(1e5)}`, /at most 100 parentheses/],
  ["a name of 1e6 letters", `y ~ ${"x".repeat(1e6)}`, undefined],
  ["a backtick that stays open", `y ~ ${"`".repeat(1e5)}`, /names, numbers/],
  ["1e5 constants", `y ~ ${"1+".repeat(1e5)}1`, undefined],
])("a formula of %s is read or refused at once", (_, text, refusal) => {
  const begun = computed();
  const read = () => parseFormula(text, () => []);
  if (refusal === undefined) expect(read().response).toBe("y");
  else expect(read).toThrow(refusal);
  expect(computed() - begun).toBeLessThan(HANGS);
});

const folder = mkdtempSync(join(tmpdir(), "mixlens-words-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "data.csv"), csv(columns));

const program = mixlensProgram();
/** Commands that read rows and print: what they do takes no time, and leaves nothing. */
const RUN = ["fit", "select", "predict", "spectrum", "snr", "summary", "datasets"];

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}
const pathOf = (command: Command): string[] =>
  command.parent === null ? [] : [...pathOf(command.parent), command.name()];
const VALUES = [
  ...NAMES,
  "0",
  "1",
  "2",
  "-1",
  "0.5",
  "1e9",
  "1e999",
  "",
  " ",
  "y",
  "x1",
  "x1,x2",
  'x1,"x2',
  "em",
  "adam",
  "linear",
  "poisson",
  "data.csv",
  "-",
  "=",
  "a=1",
  "expert1.x1=0",
  "__proto__=1",
  "true",
  "\n",
];

/** A command, some of its flags and values for them, and now and then what belongs to none. */
function line(rng: Random, command: Command): string[] {
  const flags = several(rng, 4, () => {
    const option = command.options.length > 0 ? pick(rng, command.options) : undefined;
    const flag = chance(rng, 0.9)
      ? (option?.long ?? "--json")
      : pick(rng, ["--", "-x", "--__proto__", "--no-json", "--help", "--json=1", "---"]);
    const value = pick(rng, VALUES);
    if (chance(rng, 0.1)) return [`${flag}=${value}`];
    return option?.required === true || chance(rng, 0.1) ? [flag, value] : [flag];
  }).flat();
  const given = command.registeredArguments.map((argument) =>
    argument.name() === "data" && chance(rng, 0.8) ? join(folder, "data.csv") : pick(rng, VALUES),
  );
  const at = rng.integer(given.length + 1);
  return [
    ...pathOf(command),
    ...given.slice(0, at),
    ...flags,
    ...given.slice(at),
    ...(chance(rng, 0.05) ? [pick(rng, VALUES)] : []),
  ];
}

const commands = leaves(program);

test(`the flags of every command are read or refused in a sentence: ${casesOf(30_000)} lines`, {
  timeout: 36e6,
}, async () => {
  const silent = mixlensProgram();
  silent.configureOutput({ writeOut: () => {} });
  for (const command of leaves(silent)) {
    command.configureOutput({ writeOut: () => {} }).action(() => {});
  }
  const faults = await faultsOf(casesOf(30_000), (rng) => {
    const args = line(rng, pick(rng, commands));
    return { shown: () => JSON.stringify(args), read: () => parsed(silent, args) };
  });
  expect(faults).toEqual([]);
});

test(`what the flags say is done or refused in a sentence: ${casesOf(600)} lines`, { timeout: 36e6 }, async () => {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const log = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const runs = commands.filter((command) => RUN.includes(pathOf(command)[0]));
  const before = process.cwd();
  process.chdir(folder);
  const faults = await faultsOf(casesOf(600), (rng) => {
    const args = [...line(rng, pick(rng, runs)), "--starts", "1", "--max-iterations", "3"];
    return { shown: () => JSON.stringify(args), read: () => parsed(program, args) };
  });
  process.chdir(before);
  write.mockRestore();
  log.mockRestore();
  process.exitCode = 0;
  expect(faults).toEqual([]);
});

/** Runs a line; help, which ends it, is an end as any. */
async function parsed(of: Command, args: readonly string[]): Promise<void> {
  try {
    await of.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!String((error as { code?: string }).code).startsWith("commander.")) throw error;
  }
}

test(`options of any name and value are read or refused in a sentence: ${casesOf(2000)} of them`, {
  timeout: 36e6,
}, async () => {
  const known = Object.keys(FIT);
  const faults = await faultsOf(casesOf(2000), (rng) => {
    const options = JSON.parse("{}");
    for (let count = rng.integer(4); count >= 0; count--) {
      const name = chance(rng, 0.8) ? pick(rng, known) : pick(rng, NAMES);
      const value = pick<unknown>(rng, [
        ...VALUES,
        0,
        1,
        -1,
        0.5,
        Number.NaN,
        null,
        true,
        [],
        ["x1"],
        {},
        { __proto__: 1 },
        JSON.parse('{"__proto__":1}'),
        { toString: 1 },
      ]);
      Object.defineProperty(options, name, { value, enumerable: true, configurable: true });
    }
    const given = { response: "y", starts: 1, maxIterations: 3, ...options, ...partOf({}, FIT) };
    delete given.checkpoint;
    return { shown: () => JSON.stringify(options), read: () => fit(columns, given) };
  });
  expect(faults).toEqual([]);
});

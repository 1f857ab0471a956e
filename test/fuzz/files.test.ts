import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { openJournal } from "../../src/files/journal.ts";
import { fit } from "../../src/fit/fit.ts";
import { load } from "../../src/fit/model-file.ts";
import { predict } from "../../src/fit/predict.ts";
import { source } from "../../src/fit/source/source.ts";
import { lintNotebook } from "../../src/jupyter/lint/lint.ts";
import { answer, decode, encode, Signer } from "../../src/jupyter/protocol/wire.ts";
import { readNotebook, writeNotebook } from "../../src/jupyter/run/notebook.ts";
import { withDuckDb } from "../../src/table/duckdb/session.ts";
import { partsOf } from "../../src/table/duckdb/sources.ts";
import { readTable } from "../../src/table/read-table.ts";
import { csv } from "../cli/scratch.ts";
import { columns, features, linear, logistic, poisson, table } from "../support/model-files.ts";
import { casesOf, chance, faultsOf, mutated, oddJson, oddlyEdited, pick, wrongOf } from "./hostile.ts";

// Files that mixlens wrote, or others did: whole, cut, spliced, and with anything in any place.

const folder = mkdtempSync(join(tmpdir(), "mixlens-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);
/** Files that one database reads in turn. */
const BATCH = 100;

test(`a model file is read and used, or refused in a sentence: ${casesOf(20_000)} of them`, {
  timeout: 36e6,
}, async () => {
  const sound = [linear, logistic, poisson].map((text) => [Buffer.from(text), JSON.parse(text)] as const);
  let used = 0;
  const faults = await faultsOf(casesOf(20_000), (rng) => {
    const [bytes, value] = pick(rng, sound);
    const changed = chance(rng, 0.3) ? mutated(rng, bytes) : Buffer.from(JSON.stringify(oddlyEdited(rng, value)));
    return {
      shown: () => changed.toString("latin1"),
      read: () => {
        writeFileSync(path("model.json"), changed);
        const model = load(path("model.json"));
        const { gate } = predict(model, table);
        if (!gate.every(Number.isFinite)) throw new Error("a probability that is no number");
        used++;
      },
    };
  });
  expect(faults).toEqual([]);
  expect(used).toBeGreaterThan(casesOf(20_000) / 100);
});

const NOTEBOOK = {
  cells: [
    {
      cell_type: "code",
      id: "a",
      source: ["1 +\n", "1"],
      metadata: { tags: ["parameters"] },
      execution_count: 1,
      outputs: [
        { output_type: "stream", name: "stdout", text: ["a\n"] },
        {
          output_type: "execute_result",
          data: { "text/plain": ["2"], "application/json": { a: 1 } },
          metadata: {},
          execution_count: 1,
        },
        { output_type: "error", ename: "E", evalue: "e", traceback: ["t"] },
      ],
    },
    { cell_type: "markdown", id: "b", source: "# b", metadata: {}, attachments: {} },
  ],
  metadata: {
    kernelspec: { name: "mixlens", language: "typescript", display_name: "M" },
    language_info: { name: "typescript" },
  },
  nbformat: 4,
  nbformat_minor: 5,
};

test(`a notebook is read, written and read again as it was, or refused in a sentence: ${casesOf(8000)} of them`, {
  timeout: 36e6,
}, async () => {
  let read = 0;
  const faults = await faultsOf(casesOf(8000), (rng) => {
    const changed = chance(rng, 0.2)
      ? mutated(rng, Buffer.from(JSON.stringify(NOTEBOOK)))
      : Buffer.from(JSON.stringify(oddlyEdited(rng, NOTEBOOK)));
    return {
      shown: () => changed.toString("latin1"),
      read: async () => {
        writeFileSync(path("n.ipynb"), changed);
        const found = await readNotebook(path("n.ipynb"));
        if (read++ % 20 > 0) return;
        lintNotebook(found, { largest: 1e5 });
        await writeNotebook(path("n.ipynb"), found);
        const again = await readNotebook(path("n.ipynb"));
        const sources = ({ cells }: typeof found) => JSON.stringify(cells.map((cell) => cell.source));
        if (sources(again) !== sources(found)) throw new Error("another notebook");
      },
    };
  });
  expect(faults).toEqual([]);
  expect(read).toBeGreaterThan(casesOf(8000) / 10);
});

test(`frames are a message or none: ${casesOf(20_000)} of them`, { timeout: 36e6 }, async () => {
  const header = { msg_id: "1", msg_type: "execute_request", session: "s", username: "u", date: "", version: "5.3" };
  const request = {
    identities: [Buffer.from("c")],
    header,
    parent: {},
    metadata: {},
    content: { code: "1" },
    buffers: [],
  };
  const signer = () => new Signer({ key: "" });
  const sound: readonly Buffer[] = encode(request, signer()).map((frame) => Buffer.from(frame));
  let read = 0;
  const faults = await faultsOf(casesOf(20_000), (rng) => {
    const at = rng.integer(sound.length);
    const frame = chance(rng, 0.5) ? mutated(rng, sound[at]) : Buffer.from(JSON.stringify(oddJson(rng)) ?? "");
    const frames = chance(rng, 0.9) ? sound.with(at, frame) : sound.toSpliced(at, 1 + rng.integer(3));
    return {
      shown: () => frames.map(String).join(" | "),
      read: () => {
        const message = decode(frames, signer());
        if (message === undefined) return;
        read++;
        const reply = encode(answer(message, "status", { execution_state: "idle" }), signer());
        const again = decode(
          reply.map((part) => Buffer.from(part)),
          signer(),
        );
        if (again?.parent.msg_id !== message.header.msg_id) throw new Error("an answer to another message");
      },
    };
  });
  expect(faults).toEqual([]);
  expect(read).toBeGreaterThan(casesOf(20_000) / 10);
});

test(`a journal goes on from what it says, or is refused in a sentence: ${casesOf(3000)} of them`, {
  timeout: 36e6,
}, async () => {
  const file = path("journal");
  const of = { work: "test" };
  const notes = [{ theta: Float64Array.of(1, 2), at: 3 }, "two", { three: [1, "2", null] }];
  const { note } = openJournal({ file, resume: false, of });
  for (const each of notes) note(each);
  const sound = readFileSync(file);
  const faults = await faultsOf(casesOf(3000), (rng) => {
    const changed = mutated(rng, sound);
    return {
      shown: () => changed.toString("latin1"),
      read: () => {
        writeFileSync(file, changed);
        const { past } = openJournal({ file, resume: true, of });
        const isSound = past.every((found, at) => JSON.stringify(found) === JSON.stringify(notes[at % notes.length]));
        if (!isSound) throw new Error(`notes that nobody made: ${JSON.stringify(past)}`);
      },
    };
  });
  expect(faults).toEqual([]);
});

test(`a cache is used as it was filled, filled anew or refused: ${casesOf(400)} of them`, {
  timeout: 36e6,
}, async () => {
  writeFileSync(path("rows.csv"), csv(columns));
  const options = { response: "y", features, k: 1, maxIterations: 2 };
  const cache = path("rows.tiles");
  const fitted = () => fit(source(path("rows.csv"), { cache }), options);
  const wanted = fitted().theta;
  const sound = readFileSync(cache);
  const faults = await faultsOf(casesOf(400), (rng) => {
    const changed = mutated(rng, sound);
    return {
      shown: () => changed.toString("latin1"),
      read: () => {
        writeFileSync(cache, changed);
        if (Buffer.compare(Buffer.from(fitted().theta.buffer), Buffer.from(wanted.buffer)) !== 0)
          throw new Error("other numbers");
      },
    };
  });
  expect(faults).toEqual([]);
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test.each([
  ["parquet", casesOf(40)],
  ["json", casesOf(10)],
] as const)(
  `a file of %s is a table or refused in a sentence: %i batches of ${BATCH}, and ${casesOf(20)} by themselves`,
  { timeout: 36e6 },
  async (ending, batches) => {
    const names = ["__proto__", "constructor", "toString", "<b>", "é"];
    const select = names.map((name, j) => `x + ${j} as "${name}"`).join(", ");
    await written(`sound.${ending}`, `select ${select} from (select 1.5 as x union all select 2.5)`);
    expect(readTable(path(`sound.${ending}`)).columns.map(({ name, values }) => [name, ...values])).toEqual(
      names.map((name, j) => [name, 1.5 + j, 2.5 + j]),
    );
    await written(
      `kinds.${ending}`,
      `select i::double / 3 as x, i as n, case when i % 3 = 0 then null else 't' || i % 5 end as s, i % 2 = 0 as b,
        date '2020-01-01' + i::int as d, (i * 1.25)::decimal(9, 2) as c from range(40) t(i)`,
    );
    const sound = ["sound", "kinds"].map((name) => readFileSync(path(`${name}.${ending}`)));
    const kind = ending === "parquet" ? "a Parquet file" : "a JSON file";
    const file = path(`odd.${ending}`);
    const alone = await faultsOf(casesOf(20), (rng) => {
      const changed = mutated(rng, pick(rng, sound));
      const read = (): void => {
        writeFileSync(file, changed);
        const { rows, columns } = readTable(file);
        if (columns.some(({ values }) => values.length !== rows)) throw new Error("columns of other lengths");
      };
      return { shown: () => changed.toString("latin1"), read };
    });
    expect(alone).toEqual([]);
    let read = 0;
    const together = await faultsOf(batches, (rng, number) => ({
      shown: () => `batch ${number}`,
      read: () =>
        withDuckDb("read", (session) => {
          for (let left = BATCH; left > 0; left--) {
            const changed = mutated(rng, pick(rng, sound));
            writeFileSync(file, changed);
            try {
              for (const part of partsOf(session, { kind, names: [file], source: JSON.stringify(file) }))
                while (part.next() !== undefined);
              read++;
            } catch (error) {
              const said = String((error as Error).message);
              const odd = wrongOf(error) ?? (/INTERNAL|FATAL|bug|invalidated/.test(said) ? said : undefined);
              if (odd !== undefined || !said.includes(file)) throw new Error(`${changed.toString("base64")}: ${said}`);
              // What DuckDB says of itself after that is not said of files.
              if (said.includes("DuckDB fails")) return;
            }
          }
        }),
    }));
    expect(together).toEqual([]);
    expect(read).toBeGreaterThan((batches * BATCH) / 100);
  },
);

test("a file at which DuckDB itself fails is bad input, and the next one is read", async () => {
  const odd = path("width.parquet");
  await written("width.parquet", "select 1.5::decimal(2, 1) as c");
  const bytes = readFileSync(odd);
  const sound = path("sound-width.parquet");
  writeFileSync(sound, bytes);
  // The digits of a decimal number, which stand before its type: as many as no number has.
  bytes[bytes.indexOf(Buffer.of(0x2c, 0x5c)) - 1] = 0x27;
  writeFileSync(odd, bytes);
  for (const read of [() => readTable(odd), () => readTable(odd, { sql: "select sum(c) as c from data" })]) {
    expect(read).toThrow(InputError);
    expect(read).toThrow(
      /^Cannot read "[^"]+width\.parquet": expected a Parquet file, got one at which DuckDB fails \(Decimal [^\n]+\); a file that is damaged is to be written anew$/,
    );
    expect(readTable(sound).columns[0].values).toEqual(Float64Array.of(1.5));
  }
});

/** Makes a file of the rows of a query. */
async function written(name: string, query: string): Promise<void> {
  const instance = await DuckDBInstance.create();
  const duckdb = await instance.connect();
  await duckdb.run(`copy (${query}) to '${path(name)}'`);
  duckdb.closeSync();
  instance.closeSync();
}

import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lintFile } from "../../src/jupyter/lint/lint.ts";
import { type CodeCell, isRunnable, type Notebook, readNotebook } from "../../src/jupyter/run/notebook.ts";
import { scratchFolder } from "../jupyter/scratch.ts";

const files = readdirSync("notebooks").filter((name) => name.endsWith(".ipynb"));
const codeOf = ({ cells }: Notebook): CodeCell[] => cells.filter(isRunnable);

test.each(files)(
  "%s runs without a screen, and what is committed is what it shows (numbers to 1e-3)",
  {
    timeout: 480_000,
  },
  async (name) => {
    const copy = join(await scratchFolder(), name);
    copyFileSync(join("notebooks", name), copy);
    const out = execFileSync(process.execPath, ["dist/cli.mjs", "notebook", "run", copy, "--write", "--json"], {
      stdio: "pipe",
    });
    const [{ cells, executed, failed }] = JSON.parse(out.toString()).notebooks;
    expect({ executed, failed }).toEqual({ executed: cells, failed: 0 });
    const [found, committed] = await Promise.all([copy, join("notebooks", name)].map(readNotebook));
    codeOf(found).forEach((cell, at) => {
      expectAlike(shown(cell), shown(codeOf(committed)[at]));
    });
  },
);

test.each(files)("%s is committed whole: outputs of a run in order, no error, no dump, under 400 kB", async (name) => {
  const file = join("notebooks", name);
  expect(statSync(file).size).toBeLessThan(400_000);
  const cells = codeOf(await readNotebook(file));
  cells.forEach((cell, at) => {
    expect(cell.execution_count).toBe(at + 1);
    for (const output of cell.outputs) {
      expect(output.output_type).not.toBe("error");
      const text = JSON.stringify(output);
      expect(text).not.toMatch(/\[Object|TensorFlow\.js|"stderr"|no static picture/);
      // Nothing of the machine or the hour; the penguins' eggs are of 2007 to 2009.
      expect(text).not.toMatch(/\/(tmp|home|root|work|Users)\/|\b\d+(\.\d+)? m?s\b|\b20(?!0[789])\d\d-\d\d-\d\d\b/);
    }
  });
});

/** A letter with an index or a power in the manner of TeX, and the names of letters. */
const UNTYPESET = /(?<!\p{L})\p{L}[_^]|[_^]\{|\b(?:theta|lambda|log-lik)\b/u;

test.each(files)("%s has its symbols typeset in figures and the heads of tables", async (name) => {
  const outputs = codeOf(await readNotebook(join("notebooks", name))).flatMap((cell) => cell.outputs);
  const html = outputs.flatMap((output) =>
    "data" in output ? [[output.data["text/html"] ?? ""].flat().join("")] : [],
  );
  const figures = html.flatMap((one) => /<script type="application\/json">(.*?)<\/script>/s.exec(one)?.[1] ?? []);
  const texts = figures.flatMap((figure) => [...figure.matchAll(/"(?:text|name|title)":"((?:[^"\\]|\\.)*)"/g)]);
  const heads = html.flatMap((one) => [...one.matchAll(/<th [^>]*>(.*?)<\/th>/gs)]);
  expect(texts.length + heads.length).toBeGreaterThan(4);
  expect([...texts, ...heads].map(([, text]) => text).filter((text) => UNTYPESET.test(text))).toEqual([]);
});

test("a text that is not typeset is found", () => {
  expect(["λ_max", "L_t − L_t+1", "θ^{1}", "theta of expert 1"].filter((text) => !UNTYPESET.test(text))).toEqual([]);
  expect(["color_intensity", "λₘₐₓ", "‖β‖²", "x1"].filter((text) => UNTYPESET.test(text))).toEqual([]);
});

test.each(files)("%s has none of the traps that the lint knows", async (name) => {
  expect(await lintFile(join("notebooks", name), { largest: 200_000 })).toEqual([]);
});

test.each(files)(
  "%s reads like a chapter: a title, text about the code, nothing but public doors, claims at the end",
  async (name) => {
    const notebook = await readNotebook(join("notebooks", name));
    expect(notebook.cells[0]).toMatchObject({ cell_type: "markdown", source: expect.stringMatching(/^# /) });
    const entries = ["mixlens", "mixlens/theory", "mixlens/paper", "mixlens/notebook"];
    const doors = [...entries, "danfojs-node", "mathjs", "assert", "fs", "os", "path"];
    const cells = codeOf(notebook);
    for (const { source } of cells) {
      for (const [, door] of source.matchAll(/\b(?:from|import|require\()\s*"([^"]+)"/g)) expect(doors).toContain(door);
      expect(source.split("\n").length).toBeLessThan(65);
      // What a cell is wide in JupyterLab, beside its panels, on a screen of 1100 pixels.
      expect(source.split("\n").filter((line) => line.length > 110)).toEqual([]);
    }
    const claims = cells[cells.length - 1];
    expect(claims.source.match(/^ *ok\(|\) ok\(/gm)?.length).toBeGreaterThan(4);
    expect(JSON.stringify(claims.outputs)).toContain("All claims hold.");
  },
);

/** What a reader sees of a cell; of a figure the live chart, of which the picture is drawn. */
function shown({ outputs }: CodeCell): string {
  return JSON.stringify(outputs).replace(/base64,[A-Za-z0-9+/=]*/g, "");
}

const NUMBER = /(\d+(?:\.\d+)?(?:e[+−-]?\d+)?)/;

/** The same text, and numbers that differ by rounding at the most: results may depend on the processor's last bit. */
function expectAlike(found: string, wanted: string): void {
  const [words, expected] = [found, wanted].map((text) => text.split(NUMBER));
  expect(words.filter((_, at) => at % 2 === 0)).toEqual(expected.filter((_, at) => at % 2 === 0));
  const off = words.findIndex((word, at) => {
    const [a, b] = [word, expected[at]].map((text) => Number(text.replace("−", "-")));
    return at % 2 === 1 && !(Math.abs(a - b) <= 1e-9 + 1e-3 * Math.abs(b));
  });
  expect(words[off]).toBe(expected[off]);
}

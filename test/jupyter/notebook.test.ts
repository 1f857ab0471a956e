import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { readNotebook, writeNotebook } from "../../src/jupyter/run/notebook.ts";
import { notebookOf, scratchFolder, scratchNotebook } from "./scratch.ts";

const python = {
  ...notebookOf([]),
  metadata: { kernelspec: { name: "python3", language: "python" } },
};

test.each([
  ["nothing", "", "expected JSON, got an empty file"],
  ["text", "# Title", "expected JSON, got something else"],
  ["other JSON", "[1]", "expected a notebook of format 4 with a list of cells, got other JSON"],
  ["an object", "{}", "got JSON without nbformat and cells"],
  ["an older format", '{"nbformat": 3, "worksheets": []}', "got format 3"],
  ["a cell without source", '{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "got another thing as cell 1"],
  ["a Python notebook", JSON.stringify(python), 'got one for the kernel "python3"'],
  ["no kernel", JSON.stringify({ ...python, metadata: {} }), "got one that names no kernel"],
])("%s is refused in one line that names the file", async (_, text, message) => {
  const file = join(await scratchFolder(), "bad.ipynb");
  await writeFile(file, text);
  const error = await readNotebook(file).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  expect(String(error)).toContain(message);
  expect(String(error)).toContain("bad.ipynb");
});

test("a missing file and a folder are refused", async () => {
  const folder = await scratchFolder();
  await expect(readNotebook(join(folder, "none.ipynb"))).rejects.toThrow("expected a file, got none of that name");
  await expect(readNotebook(folder)).rejects.toThrow(/expected a file, got EISDIR/);
});

test("writing keeps what it does not know, drops the marks of one sitting and leaves no other file", async () => {
  const file = await scratchNotebook("1\n2", "");
  const notebook = await readNotebook(file);
  const cells = notebook.cells.map((cell) => ({
    ...cell,
    metadata: {
      ...cell.metadata,
      execution: { "iopub.status.busy": "2024" },
      trusted: true,
      tags: ["kept"],
    },
    attachments: { "a.png": {} },
  }));
  await writeNotebook(file, { ...notebook, cells });
  const text = await readFile(file, "utf8");
  expect(JSON.parse(text)).toMatchObject({
    nbformat: 4,
    cells: [
      {
        id: "title",
        metadata: { tags: ["kept"] },
        source: ["# Scratch\n", "two lines"],
        attachments: { "a.png": {} },
      },
      { id: "cell-1", source: ["1\n", "2"] },
      { id: "cell-2", source: [] },
    ],
  });
  expect(text).not.toMatch(/execution"|trusted/);
  expect(await readdir(dirname(file))).toEqual(["scratch.ipynb"]);
});

test("writing gives a notebook of our kernel the name that the kernel goes by, and leaves those of others", async () => {
  const file = await scratchNotebook("1");
  const notebook = await readNotebook(file);
  const nameOf = async (name: string): Promise<string> => {
    const kernelspec = { name, language: "typescript", display_name: "Old (name)" };
    await writeNotebook(file, { ...notebook, metadata: { kernelspec, title: "kept" } });
    const { metadata } = await readNotebook(file);
    expect(metadata).toMatchObject({ title: "kept", kernelspec: { name, language: "typescript" } });
    return (metadata.kernelspec as { display_name: string }).display_name;
  };
  expect(await nameOf("mixlens")).toBe("Mixlens (TypeScript)");
  expect(await nameOf("tslab")).toBe("Old (name)");
});

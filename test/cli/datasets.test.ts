import { cpSync, existsSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { datasetPath } from "../../src/datasets/dataset-path.ts";
import { listDatasets } from "../../src/datasets/registry.ts";
import { mixlens, mixlensJson, scratch, typesOf } from "./scratch.ts";

const folder = scratch({});

test("datasets list prints what is known of each", async () => {
  const found = await mixlensJson(folder, "datasets", "list");
  expect(found).toEqual(listDatasets());
  const known = {
    name: "string",
    rows: "number",
    columns: ["string"],
    response: "string",
    files: [{ name: "string", bytes: "number", sha256: "string" }],
  };
  expect(typesOf(found)).toEqual([
    expect.objectContaining(known),
    expect.objectContaining({ ...known, download: "string" }),
  ]);
  const { stdout } = await mixlens(folder, "datasets", "list");
  expect(stdout).toMatch(/^name +rows +columns +response +license\niris +150 +5 +species +CC BY 4\.0/);
  expect(stdout).toMatch(/^fashion-mnist +70000 +2 +label +MIT/m);
});

test.each(["path", "fetch"])("datasets %s prints where the file is", async (command) => {
  const { code, stdout } = await mixlens(folder, "datasets", command, "iris");
  expect([code, stdout]).toEqual([0, `${datasetPath("iris")}\n`]);
  expect(existsSync(stdout.trim())).toBe(true);
});

test.each(["path", "fetch"])("datasets %s fashion-mnist prints the folder of its files", async (command) => {
  const { code, stdout } = await mixlens(folder, "datasets", command, "fashion-mnist");
  expect([code, stdout]).toEqual([0, `${datasetPath("fashion-mnist")}\n`]);
});

test("the data folder comes first: an altered file in it is refused with its name and checksum", async () => {
  const own = join(folder, "own");
  cpSync(datasetPath("fashion-mnist"), join(own, "fashion-mnist"), { recursive: true });
  const found = await mixlens(folder, "datasets", "path", "fashion-mnist", "--data-dir", own);
  expect([found.code, found.stdout]).toEqual([0, `${join(own, "fashion-mnist")}\n`]);
  truncateSync(join(own, "fashion-mnist/t10k-labels-idx1-ubyte.gz"), 5000);
  for (const command of ["path", "fetch"]) {
    const { code, stdout, stderr } = await mixlens(folder, "datasets", command, "fashion-mnist", "--data-dir", own);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(
      /^Cannot use dataset "fashion-mnist": expected "[^"]+\/t10k-labels-idx1-ubyte.gz" with SHA-256 0402a9[0-9a-f]{58}, got one that was cut short; delete the file and run "mixlens datasets fetch fashion-mnist"\n$/,
    );
  }
});

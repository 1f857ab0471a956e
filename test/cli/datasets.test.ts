import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { datasetPath, listDatasets } from "../../src/data/registry.ts";
import { mixlens, mixlensJson, scratch, typesOf } from "./scratch.ts";

const folder = scratch({});

test("datasets list prints what is known of each", async () => {
  const found = await mixlensJson(folder, "datasets", "list");
  expect(found).toEqual(listDatasets());
  expect(typesOf(found)).toEqual([
    expect.objectContaining({
      name: "string",
      rows: "number",
      columns: ["string"],
      response: "string",
      sha256: "string",
    }),
  ]);
  const { stdout } = await mixlens(folder, "datasets", "list");
  expect(stdout).toMatch(/^name +rows +columns +response +license\niris +150 +5 +species +CC BY 4\.0/);
});

test.each(["path", "fetch"])("datasets %s prints where the file is", async (command) => {
  const { code, stdout } = await mixlens(folder, "datasets", command, "iris");
  expect([code, stdout]).toEqual([0, `${datasetPath("iris")}\n`]);
  expect(existsSync(stdout.trim())).toBe(true);
});

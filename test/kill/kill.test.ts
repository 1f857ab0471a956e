import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { load } from "../../src/fit/model-file.ts";
import { csv, mixlensJson, scratch, twoLines } from "../cli/scratch.ts";
import { KILLS, killed } from "./killed.ts";

// What is killed at any moment loses the step it was at, and nothing else: the same command then comes to the same numbers.

const many = twoLines(1200, 8);
const folder = scratch({ "data.csv": csv(many), "rows.csv": csv(twoLines(20_000, 4)) });
const path = (name: string): string => join(folder, name);
const drafts = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".tmp"));
const options = { timeout: 36e6 };
/** What a command found; the first to begin says that there was nothing to go on from. */
const found = async (...args: readonly string[]): Promise<object> => {
  const { seconds: _, messages, ...numbers } = await mixlensJson(folder, ...args);
  const isOther = (message: string): boolean => !message.startsWith("There was no checkpoint");
  return { ...numbers, messages: (messages as string[] | undefined)?.filter(isOther) };
};

test(`a fit with a checkpoint, killed ${KILLS} times`, options, async () => {
  const fit = [
    "fit",
    "data.csv",
    "--formula",
    "y ~ x1 + x2 | x1 + x2",
    "--k",
    "3",
    "--starts",
    "5",
    "--tolerance",
    "1e-9",
  ];
  const wanted = await found(...fit, "--model-out", "whole.json");
  const resumed = [...fit, "--checkpoint", "fit.checkpoint", "--resume", "--model-out", "resumed.json"];
  const restore = (): void => rmSync(path("fit.checkpoint"));
  await killed(folder, resumed, { restore });
  expect(await found(...resumed)).toEqual(wanted);
  expect(readFileSync(path("resumed.json"))).toEqual(readFileSync(path("whole.json")));
});

test(`a bootstrap with a checkpoint, killed ${KILLS} times with its workers`, options, async () => {
  await mixlensJson(folder, "fit", "data.csv", "--formula", "y ~ x1 | x1", "--starts", "3", "--model-out", "pair.json");
  const summary = ["summary", "pair.json", "data.csv", "--errors", "bootstrap", "--replicates", "60", "--workers", "2"];
  const wanted = await found(...summary);
  const resumed = [...summary, "--checkpoint", "boot.checkpoint", "--resume"];
  const restore = (): void => rmSync(path("boot.checkpoint"));
  await killed(folder, resumed, { restore });
  expect(await found(...resumed)).toEqual(wanted);
});

test(`a choice of the number of experts with a checkpoint, killed ${KILLS} times`, options, async () => {
  const select = ["select", "data.csv", "--formula", "y ~ x1 + x2 | x1", "--k", "1..3", "--starts", "3", "--by", "cv"];
  const wanted = await found(...select, "--model-out", "chosen.json");
  const resumed = [...select, "--checkpoint", "select.checkpoint", "--resume", "--model-out", "resumed.json"];
  const restore = (): void => rmSync(path("select.checkpoint"));
  await killed(folder, resumed, { restore });
  expect(await found(...resumed)).toEqual(wanted);
  expect(readFileSync(path("resumed.json"))).toEqual(readFileSync(path("chosen.json")));
});

test(`a cache that is filled, killed ${KILLS} times`, options, async () => {
  const fit = ["fit", "rows.csv", "--response", "y", "--features", "x1,x2", "--k", "1"];
  const wanted = await found(...fit, "--cache", "other.tiles");
  const cached = [...fit, "--cache", "rows.tiles"];
  const whole = readFileSync(path("other.tiles")).length;
  // By its name there is a whole cache or none.
  const look = (): void => {
    if (!existsSync(path("rows.tiles"))) return;
    expect(readFileSync(path("rows.tiles")).length).toBe(whole);
    rmSync(path("rows.tiles"));
  };
  await killed(folder, cached, { look });
  expect(await found(...cached)).toEqual(wanted);
  expect(drafts()).toEqual([]);
});

test(`a model file that is written over, killed ${KILLS} times`, options, async () => {
  const fit = (model: string, ...more: string[]) => [
    "fit",
    "data.csv",
    "--formula",
    "y ~ x1 | x1",
    "--k",
    "1",
    ...more,
    "--model-out",
    model,
  ];
  await mixlensJson(folder, ...fit("old.json", "--ridge", "3"));
  await mixlensJson(folder, ...fit("new.json"));
  const [old, anew] = ["old.json", "new.json"].map((name) => readFileSync(path(name)));
  mkdirSync(path("models"));
  writeFileSync(path("models/model.json"), old);
  const seen = { old: 0, anew: 0 };
  const look = (): void => {
    const found = readFileSync(path("models/model.json"));
    expect(load(path("models/model.json")).theta.length).toBeGreaterThan(2);
    if (found.equals(old)) seen.old++;
    else {
      expect(found).toEqual(anew);
      seen.anew++;
      writeFileSync(path("models/model.json"), old);
    }
  };
  await killed(folder, fit("models/model.json"), { look });
  expect(seen.old + seen.anew).toBeGreaterThan(KILLS);
  await mixlensJson(folder, ...fit("models/model.json"));
  expect(readdirSync(path("models"))).toEqual(["model.json"]);
  expect(readFileSync(path("models/model.json"))).toEqual(anew);
});

test(`a run of reproduce, killed ${KILLS} times with its workers`, options, async () => {
  const theorems = ["reproduce", "theorems", "--instances", "2"];
  const wanted = await mixlensJson(folder, ...theorems, "--out", "whole");
  const resumed = [...theorems, "--out", "resumed", "--resume"];
  const restore = (): void => rmSync(path("resumed"), { recursive: true });
  await killed(folder, resumed, { restore });
  expect(await mixlensJson(folder, ...resumed)).toEqual({ ...wanted, folder: "resumed" });
  const files = (of: string) => readdirSync(path(of), { recursive: true }).map(String).toSorted();
  expect(files("resumed")).toEqual(files("whole"));
});

import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { csv, mixlens, scratch, type Table, twoLines } from "./scratch.ts";

// The command and its input are right, but nothing comes of the work.
const table = twoLines(30, 6) as Table;
const exact = { x1: [1, 2, 3, 4, 5, 6], y: [1, 3, 5, 7, 9, 11] };
const folder = scratch({ "data.csv": csv(table), "exact.csv": csv(exact) });

test.each([
  [
    "too many experts: a variance collapses in every start",
    "data.csv --k 20 --starts 3 --features x1,x2",
    /^Cannot fit: expected one of 3 starts to succeed, got only failures such as "[^"\n]+ expert \d+ (collapsed|emptied)[^"\n]+"; try fewer experts, more starts, one variance for all \(sharedVariance\) or a sigmaFloor, such as [\d.]+\n$/,
  ],
  [
    "a response without noise",
    "exact.csv --k 1",
    /^Cannot fit: expected the start to succeed, got "Stopped at the start: the variance of expert 1 collapsed: it fits its rows exactly"; leave columns out, add rows, or set a ridge and a sigmaFloor, such as [\d.]+\n$/,
  ],
  [
    "a step too long for gradient descent",
    "data.csv --features x1,x2 --starts 2 --algorithm gradient-descent --step-size 1e6",
    /^Cannot fit: expected one of 2 starts to succeed, got only failures such as "The objective is not finite after step \d+: try a shorter step"\n$/,
  ],
])("%s", async (_, args, wanted) => {
  const before = readdirSync(folder);
  const flags = ["--response", "y", "--model-out", "model.json", "--json"];
  const { code, stdout, stderr } = await mixlens(folder, "fit", ...args.split(" "), ...flags);
  expect(stderr).toMatch(wanted);
  expect({ code, stdout, files: readdirSync(folder) }).toEqual({ code: 1, stdout: "", files: before });
});

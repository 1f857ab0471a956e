import { expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { fit } from "../../src/fit/fit.ts";
import { source } from "../../src/fit/source/source.ts";
import { sparkAddress } from "../../src/spark/address.ts";
import { mixlens, scratch } from "../cli/scratch.ts";

test("a connection string says where the server is, and how it is spoken to", () => {
  expect(sparkAddress("sc://spark.example")).toEqual({
    ...{ name: "sc://spark.example:15002", at: "spark.example:15002", isSecure: false, user: "mixlens", headers: {} },
  });
  expect(sparkAddress("sc://[::1]:99/;token=a%3Bb;user_id=ann;x-team=blue")).toEqual({
    ...{ name: "sc://[::1]:99", at: "[::1]:99", isSecure: false, token: "a;b", user: "ann" },
    headers: { "x-team": "blue" },
  });
  expect(sparkAddress("sc://host:1;use_ssl=true")?.isSecure).toBe(true);
  expect(sparkAddress("sc://localhost:1/;token=t;use_ssl=true")?.isSecure).toBe(true);
});

test("a token is sent to other machines through TLS alone", () => {
  expect(sparkAddress("sc://host/;token=t")?.isSecure).toBe(true);
  expect(sparkAddress("sc://host/;token=t;use_ssl=false")).toBe(undefined);
  expect(sparkAddress("sc://127.0.0.1/;token=t")?.isSecure).toBe(false);
  expect(sparkAddress("sc://127.evil.example/;token=t")?.isSecure).toBe(true);
  expect(sparkAddress("sc://host/;token=t")?.name).not.toContain("token");
});

test.each([
  "host:15002",
  "sc://",
  "sc://host:0",
  "sc://host:65536",
  "sc://host:port",
  "sc://host/path",
  "sc://host/;token",
  "sc://host/;token=",
  "sc://host/;use_ssl=yes",
  "sc://host/;token=a;token=b",
  "sc://host/;session_id=b2b2b2b2-0000-4000-8000-000000000000",
  "http://host:15002",
])("%s is none", (text) => {
  expect(sparkAddress(text)).toBe(undefined);
});

const rows = { x: [1, 2, 3, 4, 5, 6], y: [1, 3, 2, 5, 4, 6] };
const options = { response: "y", k: 1 } as const;
const said = (of: () => unknown): string => {
  try {
    of();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return "nothing was refused";
};

test("options that do not go together are refused in a sentence", () => {
  expect(said(() => fit(source(rows), { ...options, engine: "spark" }))).toBe(
    'Cannot fit: expected engine to be a server of Spark Connect, sc://host:15002, with ;use_ssl=true where there is a ;token=…, got "spark"',
  );
  expect(said(() => fit(rows, { ...options, engine: "sc://host" }))).toBe(
    "Cannot fit: expected a source of rows, source(…), with engine, got rows in memory",
  );
  expect(said(() => fit(source(rows), { ...options, partitions: 2 }))).toBe(
    "Cannot fit a source: expected partitions with an engine (--engine), got 2 without one; name a server of Spark Connect",
  );
  expect(said(() => fit(source(rows), { ...options, engine: "sc://host", algorithm: "adam" }))).toBe(
    "Cannot fit a source: expected one-pass-em with an engine, got adam; leave algorithm out",
  );
});

test("the command line refuses what is no address, as bad input", async () => {
  const folder = scratch({ "rows.csv": "x,y\n1,2\n2,3\n" });
  for (const command of [["fit", "rows.csv", "--response", "y"], ["doctor"]]) {
    const { code, stderr } = await mixlens(folder, ...command, "--engine", "sc://host/;token=t;use_ssl=false");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Cannot [^\n]+ expected [^\n]*a server of Spark Connect, sc:\/\/host:15002[^\n]+\n$/);
  }
});

import { expect, test } from "vitest";
import { mixlens, mixlensJson, scratch } from "./scratch.ts";

const folder = scratch({});

test("says what is here, with a next step beside all that is not", async () => {
  const { findings } = await mixlensJson(folder, "doctor");
  const states = new Map(findings.map((finding: { name: string; state: string }) => [finding.name, finding.state]));
  expect(states.get("Node.js")).toBe("ok");
  expect(states.get("computing")).toBe("ok");
  expect(states.get("tslab")).toBe("ok");
  for (const { state, next, found } of findings) {
    if (state !== "ok") expect(next).toMatch(/\w/);
    expect(found).toMatch(/\w/);
  }
});

test("prints a table, of all of it", async () => {
  const { stdout, code } = await mixlens(folder, "doctor");
  expect(code).toBe(0);
  expect(stdout).toContain(process.versions.node);
});

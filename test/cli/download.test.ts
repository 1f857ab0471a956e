import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DatasetInfo } from "../../src/datasets/registry.ts";
import { random } from "../../src/math/random.ts";
import { type Run, scratch } from "./scratch.ts";

// The package once more, with a Fashion-MNIST of a few images, which a server on this machine sends.
const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = scratch({});
const rng = random(1);
const files = [[300, 28, 28], [300], [50, 28, 28], [50]].map((shape, at) => {
  const head = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  head.setUint32(0, 0x800 + shape.length);
  shape.forEach((length, j) => {
    head.setUint32(4 + 4 * j, length);
  });
  const size = shape.reduce((product, length) => product * length);
  const entries = Uint8Array.from({ length: size }, () => rng.integer(shape.length === 1 ? 10 : 256));
  const bytes = Buffer.concat([new Uint8Array(head.buffer), entries]);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { info: { name: `part${at}`, bytes: bytes.length, sha256 }, body: gzipSync(bytes) };
});

const server = createServer(({ url = "" }, response) => {
  const { body } = files[Number(/part(\d)\.gz/.exec(url)?.[1])];
  response.writeHead(200, { "content-length": body.length });
  return url.startsWith("/stuck/") ? response.write(body.subarray(0, body.length / 2)) : response.end(body);
});
beforeAll(async () => {
  for (const name of ["dist", "package.json", "datasets"])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => server.close());

/** Runs the command on what it takes for a terminal, its data in a folder that is empty at first. */
function onTerminal(way: string, place: string, args: readonly string[], enough = (_: string) => false): Promise<Run> {
  const registry = join(folder, "datasets/registry.json");
  const download = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${way}`;
  const sets: DatasetInfo[] = JSON.parse(readFileSync(registry, "utf8"));
  const served = { files: files.map(({ info }) => info), download };
  writeFileSync(
    registry,
    JSON.stringify(sets.map((set) => (set.download === undefined ? set : { ...set, ...served }))),
  );
  const terminal = ["--import", "data:text/javascript,process.stderr.isTTY = true"];
  const child = spawn(process.execPath, [...terminal, join(folder, "dist/cli.mjs"), ...args], {
    cwd: folder,
    env: { ...process.env, MIXLENS_DATA: join(folder, place) },
  });
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      printed[name] += text;
      if (!child.killed && enough(printed.stderr)) child.kill("SIGINT");
    });
  }
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...printed })));
}

const CLEAR = "\x1b[K";
const bar = /\rpart0 \[#+ *\] 0\.[12] MB of 0\.2/;

test("datasets fetch shows a bar on a terminal, and takes it away", async () => {
  const { code, stdout, stderr } = await onTerminal("whole", "fetched", ["datasets", "fetch", "fashion-mnist"]);
  expect([code, stdout]).toEqual([0, `${join(folder, "fetched/fashion-mnist")}\n`]);
  expect(stderr).toMatch(bar);
  expect(stderr.endsWith(`\r${CLEAR}`)).toBe(true);
});

const figure3 = ["reproduce", "figure3", "--instances", "1", "--json"];

test("reproduce shows the same bar where it has to download, and then how far it is", async () => {
  const { code, stdout, stderr } = await onTerminal("whole", "reproduced", figure3);
  expect([code, JSON.parse(stdout).instances]).toEqual([0, 1]);
  const first = stderr.indexOf("\rfigure3: 0 of 1 instances");
  expect(stderr.slice(0, first)).toMatch(bar);
  expect(stderr.slice(first)).not.toMatch(bar);
  const again = await onTerminal("whole", "reproduced", figure3);
  expect(again.stderr.startsWith(`\rfigure3: 0 of 1 instances${CLEAR}`)).toBe(true);
});

test("Ctrl-C ends a download that reproduce waits for", async () => {
  const { code, stdout, stderr } = await onTerminal("stuck", "broken", figure3, (said) => bar.test(said));
  expect([code, stdout]).toEqual([130, ""]);
  expect(stderr).toMatch(/Stopped before the first instance; continue with: mixlens reproduce figure3 .*--resume\n$/);
  expect(existsSync(join(folder, "broken"))).toBe(false);
});

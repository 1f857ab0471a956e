import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createServer } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { iterate } from "../../src/algorithms/iterate.ts";
import { onePassEm } from "../../src/algorithms/one-pass-em.ts";
import { STRETCH_ROWS } from "../../src/compute/blocks.ts";
import { fit } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import { source } from "../../src/fit/source/source.ts";
import { observe } from "../../src/frame/observe.ts";
import { random } from "../../src/math/random.ts";
import { toTable } from "../../src/table/source.ts";
import { csv, scratch, twoLines } from "../cli/scratch.ts";
import { type Cluster, executorOf, startCluster } from "./cluster.ts";

const cli = join(import.meta.dirname, "../../dist/cli.mjs");
const stretches = 4;
const rows = twoLines((stretches - 1) * STRETCH_ROWS + 9000, 4);
const folder = scratch({ "rows.csv": csv(rows) });
const file = join(folder, "rows.csv");
const cache = join(folder, "rows.tiles");
const options = { response: "y", features: ["x1", "x2"], starts: 3 } as const;
const flags = ["--response", "y", "--features", "x1,x2", "--starts", "3", "--cache", "rows.tiles", "--json"];
/** The fit without Spark. */
const known = fit(source(file, { cache }), options);

// Each waits for nothing but Spark, which takes its time on a machine that is busy.
vi.setConfig({ testTimeout: 600_000 });

let cluster: Cluster;
// The first time Spark is downloaded.
beforeAll(async () => {
  cluster = await startCluster();
}, 900_000);
afterAll(() => cluster?.stop(), 120_000);
beforeEach(() => {
  cluster.expectAlive();
  cluster.install();
});
afterEach(({ task }) => {
  if (task.result?.state === "fail") console.log(`The driver of Spark wrote last:\n${cluster.log().slice(-4000)}`);
});

/** Begins `mixlens fit` with its sums on Spark. */
function fitOnSpark(more: readonly string[] = [], engine: string = cluster.engine, env: object = {}) {
  const args = [cli, "fit", "rows.csv", ...flags, "--engine", engine, ...more];
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, ...env } });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) child[name].on("data", (text) => (said[name] += text));
  const end = new Promise<typeof said & { readonly code: number | null }>((resolve) => {
    child.on("close", (code) => resolve({ code, ...said }));
  });
  return { child, end };
}

/** What a command printed is what the fit without Spark has, to the last digit. */
function expectKnown({ code, stdout, stderr }: Awaited<ReturnType<typeof fitOnSpark>["end"]>): void {
  expect(stderr).not.toContain("Cannot");
  expect(code).toBe(0);
  const found = JSON.parse(stdout);
  expect(found.trace).toEqual(known.trace.map(({ logLikelihood }) => logLikelihood));
  expect(found.experts.map(({ weight }: { weight: number }) => weight)).toEqual(known.shares);
  expect(found.result).toBe("converged");
}

test.each([1, 2, 4])("in %i partitions the sums are those of memory, to the bit", (partitions) => {
  const found = fit(source(file, { cache }), { ...options, engine: cluster.engine, partitions, start: known.start });
  const inMemory = observe(toTable(file), known.formula);
  const stop = { tolerance: 1e-8, maxIterations: 10_000 };
  const steps = Array.from(iterate(onePassEm(), found.mixture, found.start, inMemory, stop));
  expect(found.trace).toEqual(steps.map(({ theta: _, ...info }) => info));
  expect(found.theta).toEqual(steps.at(-1)?.theta);
  expect(found.result).toBe("converged");
});

test("laws whose sums are plain code, with weights, an offset and a gate of its own, give the same bits", () => {
  const counts = { ...rows, n: rows.y.map((y) => Math.max(0, Math.round(y))) };
  const own = { formula: "n ~ x1 + offset(o) | x2", experts: "poisson", weights: "w", maxIterations: 3 } as const;
  const start = [0.1, 0.5, 0.2, 0.1, -0.3, 0.4];
  const there = fit(source(counts), { ...own, start, engine: cluster.engine });
  const here = fit(source(counts), { ...own, start });
  expect(there.trace).toEqual(here.trace);
  expect(there.theta).toEqual(here.theta);
});

/** Visits of persons, in any order; the year is far from 0 for how much it varies. */
function visits(count: number, persons: number): Record<string, number | string>[] {
  const rng = random(3);
  const age = Array.from({ length: persons }, () => rng.normal());
  const isFirst = age.map((value) => rng.uniform() < 1 / (1 + Math.exp(-1.5 * value)));
  return Array.from({ length: count }, () => {
    const person = rng.integer(persons);
    const [x, year] = [rng.normal(), 1990 + rng.integer(30)];
    const y = (isFirst[person] ? 1 + x : -0.5 - x + 0.05 * (year - 2005)) + rng.normal();
    const [p1, p2] = isFirst[person] ? [0.8, 0.2] : [0.3, 0.7];
    return { x, year, y, age: age[person], id: `p${person}`, p1, p2 };
  });
}

test.each<[string, FitOptions, readonly number[]]>([
  ["groups in scaled columns", { formula: "y ~ x + year | age", group: "id", scale: true }, [1, 2, 4]],
  ["columns that are far from 0", { formula: "y ~ x + year | age + year" }, [2]],
  ["a polynomial, from start columns", { formula: "y ~ poly(x, 2) | age", startColumns: ["p1", "p2"] }, [2]],
])("%s have the bits that they have without Spark", (_, asked, all) => {
  const some = source(visits(2 * STRETCH_ROWS + 5000, 9000));
  const own: FitOptions = { ...asked, k: 2, starts: 2, maxIterations: 2 };
  const here = fit(some, own);
  for (const partitions of all) {
    const there = fit(some, { ...own, engine: cluster.engine, partitions });
    expect(there.trace).toEqual(here.trace);
    expect(there.theta).toEqual(here.theta);
  }
});

test("blocks are kept once; what is cut short or damaged of them is not trusted", async () => {
  expectKnown(await fitOnSpark().end);
  const sha256 = known.observations.stretches?.sha256 ?? "";
  const blocks = join(cluster.folder, "warehouse/mixlens-blocks", sha256);
  const names = readdirSync(blocks).sort();
  expect(names.length).toBe(stretches);
  const written = (): number[] => names.map((name) => statSync(join(blocks, name)).mtimeMs);
  const before = written();
  // Of an executor's own blocks another is made.
  const asWritten = cluster.log().length;
  for (const file of copiesOf(names[1])) damage(file);
  expectKnown(await fitOnSpark().end);
  expect(cluster.log().slice(asWritten)).not.toContain("Lost task");
  expect(written()).toEqual(before);
  truncateSync(join(blocks, names[1]), 1000);
  expectKnown(await fitOnSpark().end);
  expect(written()).not.toEqual(before);
  onTestFinished(() => rmSync(join(blocks, names[2]), { force: true }));
  for (const file of [join(blocks, names[2]), ...copiesOf(names[2])]) damage(file);
  const { code, stderr } = await fitOnSpark().end;
  expect(stderr).toContain(`block 2 as it was kept, got a damaged one; remove ${blocks}/${names[2]}, and run it again`);
  expect(code).toBe(1);
  rmSync(join(blocks, names[2]));
  expectKnown(await fitOnSpark().end);
});

/** The files of a block on the disks of the executors. */
function copiesOf(name: string): string[] {
  const local = join(cluster.folder, "local");
  const files = readdirSync(local, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(name));
  expect(files.length).toBeGreaterThan(0);
  return files.map((file) => join(local, file));
}

/** Changes a byte in the middle of a file. */
function damage(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(file, bytes);
}

test("an executor that is killed in the middle of a pass changes no digit", async () => {
  const release = cluster.hold();
  onTestFinished(release);
  const before = cluster.log().length;
  const { end } = fitOnSpark();
  process.kill(executorOf(await cluster.waiting()), "SIGKILL");
  release();
  expectKnown(await end);
  expect(cluster.log().slice(before)).toMatch(/Lost task \d+\.0 in stage/);
});

test("Ctrl-C, and the end of the client by force, leave no query running", async () => {
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    const release = cluster.hold();
    onTestFinished(release);
    const { child, end } = fitOnSpark();
    await cluster.waiting();
    expect(await cluster.isRunning()).toBe(true);
    child.kill(signal);
    await end;
    // The workers wait for ever: nothing but an interrupt ends the query.
    while (await cluster.isRunning()) await setTimeout(100);
    release();
  }
});

test("an interrupt of the code that waits leaves no query running either, in a process that goes on", async () => {
  const release = cluster.hold();
  onTestFinished(release);
  const library = JSON.stringify(join(import.meta.dirname, "../../dist/index.cjs"));
  const given = JSON.stringify({ ...options, engine: cluster.engine, start: Array.from(known.start) });
  const program = `
    const { fit, source } = require(${library});
    globalThis.work = () => fit(source("rows.csv", { cache: "rows.tiles" }), ${given});
    try { require("node:vm").runInThisContext("work()", { breakOnSigint: true }); } catch {}
    console.log("goes on");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["-e", program], { cwd: folder });
  onTestFinished(() => void child.kill("SIGKILL"));
  await cluster.waiting();
  child.kill("SIGINT");
  await new Promise((resolve) => child.stdout.once("data", resolve));
  while (await cluster.isRunning()) await setTimeout(100);
  expect(child.exitCode).toBe(null);
});

test("a client that was killed goes on from its checkpoint to the same digits", async () => {
  const checkpoint = join(folder, "fit.checkpoint");
  onTestFinished(() => rmSync(checkpoint, { force: true }));
  const noted = (): number => (existsSync(checkpoint) ? statSync(checkpoint).size : 0);
  const { child, end } = fitOnSpark(["--checkpoint", "fit.checkpoint"]);
  while (noted() === 0) await setTimeout(10);
  const head = noted();
  while (noted() === head && child.exitCode === null) await setTimeout(10);
  child.kill("SIGKILL");
  await end;
  expect(child.signalCode).toBe("SIGKILL");
  expectKnown(await fitOnSpark(["--checkpoint", "fit.checkpoint", "--resume"]).end);
});

test("a checkpoint has every step as soon as it is taken", () => {
  const checkpoint = join(folder, "steps.checkpoint");
  onTestFinished(() => rmSync(checkpoint, { force: true }));
  const sizes: number[] = [];
  const onStep = (): void => void sizes.push(statSync(checkpoint).size);
  const noted = { ...options, start: known.start, maxIterations: 4, checkpoint, onStep };
  fit(source(file, { cache }), { ...noted, engine: cluster.engine });
  expect(sizes.length).toBe(5);
  for (const [step, size] of sizes.slice(1).entries()) expect(size).toBeGreaterThan(sizes[step]);
});

test("a worker that is missing, crashes or is of another version is one clear line, and exit code 1", async () => {
  const refused = async (): Promise<string> => {
    const { code, stdout, stderr } = await fitOnSpark().end;
    expect(code).toBe(1);
    expect(stdout).toBe("");
    const lines = stderr.trim().split("\n");
    expect(lines.length).toBe(1);
    return lines[0].replace(/executor [^,]+,/, "executor HOST,");
  };
  const wanted =
    "Cannot find the sums of a pass on Spark: expected the sums of `mixlens worker` on the executor HOST, got ";
  const next = /; npm install --global mixlens@\d+\.\d+\.\d+ on every executor$/;
  cluster.uninstall();
  const missing = await refused();
  expect(missing).toContain(`${wanted}no program mixlens on the PATH`);
  expect(missing).toMatch(next);
  cluster.install("echo 'out of luck' >&2; exit 3");
  expect(await refused()).toContain(`${wanted}exit code 3: out of luck`);
  cluster.install("kill -9 $$");
  expect(await refused()).toContain(`${wanted}signal 9: nothing was said`);
  cluster.install(`head -n 1 | sed 's/"mixlens": "[^"]*"/"mixlens": "0.0.1"/' | '${process.execPath}' '${cli}' "$@"`);
  const other = await refused();
  expect(other).toContain(`${wanted}exit code 1: `);
  expect(other).toMatch(/expected mixlens 0\.0\.1, got \d+\.\d+\.\d+/);
});

test("the doctor says of each executor what it has, and what it lacks", async () => {
  const doctor = () =>
    new Promise<{ code: number | null; text: string }>((resolve) => {
      const child = spawn(process.execPath, [cli, "doctor", "--engine", cluster.engine, "--json"]);
      let text = "";
      child.stdout.on("data", (part) => (text += part));
      child.on("close", (code) => resolve({ code, text }));
    });
  const executors = ({ text }: { text: string }) =>
    JSON.parse(text).findings.filter(({ name }: { name: string }) => name.startsWith("executor "));
  const well = await doctor();
  expect(well.code).toBe(0);
  expect(executors(well).length).toBeGreaterThan(0);
  for (const { state, found } of executors(well)) {
    expect(state).toBe("ok");
    expect(found).toContain(`on Node.js ${process.versions.node}`);
  }
  cluster.uninstall();
  const ill = await doctor();
  expect(ill.code).toBe(1);
  for (const { state, found } of executors(ill)) {
    expect(state).toBe("wrong");
    expect(found).toContain("no program mixlens on the PATH");
  }
});

test("a token opens the server, also through TLS; another one, and no server, is one clear line", async () => {
  const wrong = await fitOnSpark([], `sc://127.0.0.1:${cluster.port}/;token=other`).end;
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toMatch(/^Cannot work with Spark at sc:\/\/127\.0\.0\.1:\d+: expected [^\n]+\n$/);
  const nobody = await fitOnSpark([], "sc://127.0.0.1:1").end;
  expect(nobody.code).toBe(1);
  expect(nobody.stderr).toMatch(/got No connection established. Last error: connect ECONNREFUSED [^\n]+\n$/);
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert];
  execFileSync("openssl", [...request, ...names], { stdio: "ignore" });
  const secured = { key: readFileSync(key), cert: readFileSync(cert), ALPNProtocols: ["h2"] };
  const server = createServer(secured, (socket) => {
    const plain = connect(cluster.port, "127.0.0.1");
    socket.pipe(plain).pipe(socket);
    for (const end of [socket, plain]) end.on("error", () => end.destroy());
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.on("listening", resolve));
  const { port } = server.address() as { port: number };
  const secure = `sc://localhost:${port}/;use_ssl=true;token=${cluster.engine.split("token=")[1]}`;
  expectKnown(await fitOnSpark([], secure, { GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: cert }).end);
});

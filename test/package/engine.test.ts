import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const built = join(import.meta.dirname, "../../dist/index.mjs");

/** A program that imports the built package and has 40,000 rows ready to be fitted. */
const program = (rest: string): string => `
import { em, fit, iterate, mixture, setThreads } from ${JSON.stringify(built)};
const n = 40_000;
const x = Array.from({ length: 4 }, (_, j) => Float64Array.from({ length: n }, (_, i) => Math.sin(i * (j + 1.3) + j)));
const y = Float64Array.from({ length: n }, (_, i) => (i % 2 ? x[0][i] : -x[1][i]) + 0.1 * Math.sin(7.7 * i));
const names = ["a", "b", "c", "d"];
const design = { columns: names, values: x };
const data = { rows: n, gate: design, expert: design, response: y };
const model = mixture({ experts: "linear", k: 2, gateColumns: names, expertColumns: names });
const theta = Float64Array.from(model.names, (_, j) => 0.1 * Math.cos(j));
setThreads(4);
${rest}`;

function run(code: string, ...flags: string[]) {
  const child = spawnSync(process.execPath, [...flags, "--input-type=module", "-e", program(code)], {
    encoding: "utf8",
    timeout: 50_000,
  });
  return { status: child.status, signal: child.signal, out: child.stdout, err: child.stderr };
}

const fits = "for (let i = 0; i < 5; i++) model.posterior(theta, data);";

test("threads end with the program", () => {
  expect(run(`${fits} console.log("end")`)).toEqual({ status: 0, signal: null, out: "end\n", err: "" });
});

test("threads end with an exception", () => {
  const { status, err } = run(`${fits} throw new Error("mine")`);
  expect(status).toBe(1);
  expect(err).toContain("mine");
});

test("threads end with an interrupt in the midst of sums", async () => {
  const forever = `console.log("begun"); for (;;) model.posterior(theta, data);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program(forever)]);
  const end = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  child.stdout.once("data", () => setTimeout(() => child.kill("SIGINT"), 300));
  expect(await end).toBe("SIGINT");
});

test("without WebAssembly the plain code computes, and says so once", () => {
  const { status, err, out } = run(
    `delete globalThis.WebAssembly; ${fits} console.log(model.posterior(theta, data).logLikelihood < 0)`,
  );
  expect({ status, out }).toEqual({ status: 0, out: "true\n" });
  expect(err.match(/mixlens computes without WebAssembly/g)).toHaveLength(1);
});

test("without room for the rows the plain code computes, and says so once", () => {
  const noRoom = "WebAssembly.Memory.prototype.grow = () => { throw new RangeError('no room'); };";
  const { status, err, out } = run(`${noRoom} ${fits} console.log(model.posterior(theta, data).logLikelihood < 0)`);
  expect({ status, out }).toEqual({ status: 0, out: "true\n" });
  expect(err.match(/40000 rows find no room/g)).toHaveLength(1);
});

test("without shared memory the plain code computes", () => {
  const noSharing =
    "const { Memory } = WebAssembly; WebAssembly.Memory = function (options) { if (options.shared) throw new TypeError('no sharing'); return new Memory(options); };";
  const { status, err } = run(`${noSharing} ${fits}`);
  expect(status).toBe(0);
  expect(err).toContain("no sharing");
});

test("1000 data sets, fitted one after the other in one turn, leave less than 64 MB more than 200 do", () => {
  const { out } = run(
    `
    const measure = () => { globalThis.gc(); return process.memoryUsage().rss / 2 ** 20; };
    let early = 0;
    for (let i = 0; i < 1000; i++) {
      const column = x[0].slice(0, 2000);
      fit({ column, y: y.slice(0, 2000) }, { response: "y", k: 2, starts: 1, maxIterations: 2, seed: i });
      if (i === 199) early = measure();
    }
    console.log(measure() - early);
  `,
    "--expose-gc",
  );
  expect(Number(out)).toBeLessThan(64);
});

test("what a large data set took is given back when it is gone, to less than 64 MB", () => {
  const { out } = run(
    `
    const turn = () => new Promise((resolve) => setTimeout(resolve, 50));
    const measure = async () => {
      for (let i = 0; i < 10; i++) { globalThis.gc(); await turn(); }
      return process.memoryUsage().rss / 2 ** 20;
    };
    model.posterior(theta, data);
    const before = await measure();
    let during = 0;
    (() => {
      const rows = 3_000_000;
      const columns = { columns: names, values: names.map(() => new Float64Array(rows).fill(1)) };
      const large = { rows, gate: columns, expert: columns, response: new Float64Array(rows) };
      model.posterior(theta, large);
      during = process.memoryUsage().rss / 2 ** 20;
    })();
    console.log(during - before > 200 && (await measure()) - before < 64);
    console.log(model.posterior(theta, data).logLikelihood < 0);
  `,
    "--expose-gc",
  );
  expect(out).toBe("true\ntrue\n");
});

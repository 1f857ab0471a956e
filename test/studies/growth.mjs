// `npm run study:growth -- 1e5,1e6,1e7`: what a pass over a source takes for more and more rows of ten columns, k = 3, and how much
// memory: linear, and the same. Rows are made by DuckDB, in a folder that is removed; 1e8 take 20 GB of the disk.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

const sizes = (process.argv[2] ?? "1e5,3e5,1e6,3e6,1e7").split(",").map(Number);
const names = Array.from({ length: 10 }, (_, j) => `x${j + 1}`);

async function write(file, rows) {
  const duckdb = await (await DuckDBInstance.create(":memory:", { threads: "1", memory_limit: "2GB" })).connect();
  const normal = "sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())";
  const columns = names.map((name) => `${normal} as ${name}`).join(", ");
  const drawn = `select ${columns}, ${normal} as e, random() as u from range(${rows})`;
  // Three lines, of which the gate chooses by x1 and x2.
  const expert =
    "case when u < 1 / (1 + exp(x1)) then 2 + x2 when u < 1 / (1 + exp(x1 - x2)) then x3 - x4 else x5 - 2 end";
  await duckdb.run("select setseed(0.5)");
  await duckdb.run(`copy (select ${names.join(", ")}, ${expert} + 0.5 * e as y from (${drawn})) to '${file}'`);
  duckdb.closeSync();
}

/** In a process of its own: what the cache took, and each pass, in seconds of the processor and of the clock; its peak in MB. */
function measured(file) {
  const program = `
    import { fit, source } from "mixlens";
    const seconds = () => {
      const { user, system } = process.cpuUsage();
      return [(user + system) / 1e6, performance.now() / 1e3];
    };
    const timed = (act) => {
      const [cpu, clock] = seconds();
      act();
      const [after, then] = seconds();
      return { cpu: after - cpu, clock: then - clock };
    };
    let found;
    const filled = timed(() => {
      const options = { response: "y", features: ${JSON.stringify(names)}, k: 3, starts: 2, maxIterations: 2 };
      found = fit(source(${JSON.stringify(file)}, { cache: ${JSON.stringify(`${file}.tiles`)} }), options);
    });
    const { mixture, theta, observations } = found;
    const passes = Array.from({ length: 5 }, () => timed(() => mixture.stepSums(theta, observations)));
    console.log(JSON.stringify({ filled, passes, peak: process.resourceUsage().maxRSS / 1024 }));`;
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" }));
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
/** The slope of a line through points. */
const slope = (x, y) => {
  const mean = (values) => values.reduce((sum, value) => sum + value) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  return x.reduce((sum, v, i) => sum + (v - mx) * (y[i] - my), 0) / x.reduce((sum, v) => sum + (v - mx) ** 2, 0);
};

const folder = mkdtempSync(join(tmpdir(), "mixlens-growth-"));
const found = [];
try {
  console.log("rows\tfit with its cache, CPU s\ta pass, CPU s\ta pass, s\tCPU s per 1e6 rows\tpeak, MB");
  for (const rows of sizes) {
    const file = join(folder, `${rows}.parquet`);
    await write(file, rows);
    const { filled, passes, peak } = measured(file);
    const [cpu, clock] = ["cpu", "clock"].map((name) => median(passes.map((pass) => pass[name])));
    found.push({ rows, cpu });
    const said = [
      filled.cpu.toFixed(1),
      cpu.toFixed(3),
      clock.toFixed(3),
      ((cpu / rows) * 1e6).toFixed(3),
      peak.toFixed(0),
    ];
    console.log([rows.toExponential(0), ...said].join("\t"));
    for (const name of [file, `${file}.tiles`]) rmSync(name);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const [x, y] = ["rows", "cpu"].map((name) => found.map((one) => Math.log(one[name])));
if (found.length > 1) console.log(`seconds of a pass grow as rows to the power of ${slope(x, y).toFixed(2)}`);

// Compiles the kernels of src/compute/assembly into src/compute/generated.ts, once for each instruction set.
//
// usage: node .kernels.mjs
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";

const assembly = new URL("src/compute/assembly/", import.meta.url);
const target = new URL("src/compute/generated.ts", import.meta.url);

/** Rows of a tile. */
const TILE = 80;

/** Shapes of the register tiles: ten accumulators or fewer, or the compiler runs out of registers. */
const DOTS = [2, 1].flatMap((rows) => [4, 2, 1].map((columns) => ({ rows, columns })));
/** Those whose first runs are weighed, and left so. */
const WEIGHTED = [
  { rows: 2, columns: 4 },
  { rows: 2, columns: 2 },
  { rows: 1, columns: 1 },
];
const PREDICTORS = [
  { predictors: 4, vectors: 2 },
  { predictors: 2, vectors: 4 },
  { predictors: 1, vectors: 8 },
];

/** Images of a tile, and pixels of a part: all those of Fashion-MNIST, which is faster than parts that fit the first cache. */
const IMAGES = 64;
const PART = 784;

const range = (n) => Array.from({ length: n }, (_, i) => i);
const each = (n, line) => range(n).map(line).join("\n");

/**
 * Sums of products of `rows` runs, as they are or weighted, with `columns` others, added to sums of two lanes: in double
 * precision, or in single, in which the sums over a tile are then, too.
 */
function dotTile({ rows, columns }, weighted, single) {
  const cells = range(rows).flatMap((a) => range(columns).map((b) => ({ a, b, name: `s${a}${b}` })));
  const place = ({ a, b }) => `sums + ${a} * row, ${16 * b}`;
  const [name, inputs, step] = weighted
    ? ["weightedDots", "u: usize, w: usize, out: usize, v: usize", "u += 16, w += 16, out += 16, v += 16"]
    : ["dots", "u: usize, v: usize", "u += 16, v += 16"];
  const [suffix, type, run, add] = single
    ? ["Single", "f32x4", "SINGLE_RUN", "maddSingle"]
    : ["", "f64x2", "RUN", "madd"];
  const start = (cell) => (single ? "f32x4.splat(0.0)" : `v128.load(${place(cell)})`);
  const sum = (cell) => (single ? `f64x2.add(v128.load(${place(cell)}), widened(${cell.name}))` : cell.name);
  return `
export function ${name}${suffix}${rows}x${columns}(${inputs}, bytes: usize, sums: usize, row: usize): void {
${cells.map((cell) => `let ${cell.name} = ${start(cell)};`).join("\n")}
for (let end = u + bytes; u < end; ${step}) {
${
  weighted
    ? `const weight = v128.load(w);
${each(rows, (a) => `const u${a} = ${type}.mul(weight, v128.load(u, ${a} * ${run})); v128.store(out, u${a}, ${a} * ${run});`)}`
    : each(rows, (a) => `const u${a} = v128.load(u, ${a} * ${run});`)
}
${each(
  columns,
  (b) => `const v${b} = v128.load(v, ${b} * ${run});
${cells
  .filter((cell) => cell.b === b)
  .map(({ a, name }) => `${name} = ${add}(u${a}, v${b}, ${name});`)
  .join("\n")}`,
)}
}
${cells.map((cell) => `v128.store(sums + ${cell.a} * row, ${sum(cell)}, ${16 * cell.b});`).join("\n")}
}`;
}

/** Linear predictors of \`vectors\` pairs of rows. */
function predictTile({ predictors, vectors }) {
  const cells = range(predictors).flatMap((h) => range(vectors).map((i) => ({ h, i, name: `s${h}${i}` })));
  return `
export function predict${predictors}(x: usize, d: i32, theta: usize, out: usize, bytes: usize): void {
const stride = <usize>d << 3;
for (let end = out + bytes; out < end; out += ${16 * vectors}, x += ${16 * vectors}) {
${cells.map(({ name }) => `let ${name} = splat(0.0);`).join("\n")}
for (let at = x, t = theta, last = theta + stride; t < last; t += 8, at += RUN) {
${each(vectors, (i) => `const x${i} = v128.load(at, ${16 * i});`)}
${each(
  predictors,
  (h) => `const t${h} = v128.load64_splat(t + ${h} * stride);
${cells
  .filter((cell) => cell.h === h)
  .map(({ i, name }) => `${name} = madd(x${i}, t${h}, ${name});`)
  .join("\n")}`,
)}
}
${cells.map(({ h, i, name }) => `v128.store(out, ${name}, ${h} * RUN + ${16 * i});`).join("\n")}
}
}`;
}

/** Products of all images of a tile, four at a time, with \`predictors\` rows of coefficients, added to sums of four lanes. */
function imageDots(predictors) {
  const cells = range(4).flatMap((i) => range(predictors).map((h) => ({ i, h, name: `s${i}${h}` })));
  const place = ({ i, h }) => `out, ${16 * (h * IMAGES + i)}`;
  return `
export function dotImages${predictors}(x: usize, theta: usize, bytes: usize, out: usize): void {
for (const end = out + ${16 * IMAGES}; out < end; out += 64, x += ${16 * PART}) {
${cells.map((cell) => `let ${cell.name} = v128.load(${place(cell)});`).join("\n")}
for (let at = x, t = theta, last = x + bytes; at < last; at += 16, t += 16) {
${each(4, (i) => `const x${i} = v128.load(at, ${4 * i * PART});`)}
${each(
  predictors,
  (h) => `const t${h} = v128.load(t, ${4 * h * PART});
${each(4, (i) => `s${i}${h} = maddSingle(x${i}, t${h}, s${i}${h});`)}`,
)}
}
${cells.map((cell) => `v128.store(out, ${cell.name}, ${place(cell).split(", ")[1]});`).join("\n")}
}
}`;
}

/** Sums over the images of a tile of the products of sixteen pixels with \`predictors\` residuals, added to a gradient. */
function imageSpread(predictors) {
  const cells = range(predictors).flatMap((h) => range(4).map((j) => ({ h, j, name: `s${h}${j}` })));
  const place = ({ h, j }) => `gradient, ${4 * h * PART + 16 * j}`;
  return `
export function spread${predictors}(x: usize, residual: usize, gradient: usize): void {
${cells.map(({ name }) => `let ${name} = f32x4.splat(0.0);`).join("\n")}
for (const end = residual + ${4 * IMAGES}; residual < end; residual += 4, x += ${4 * PART}) {
${each(4, (j) => `const x${j} = v128.load(x, ${16 * j});`)}
${each(
  predictors,
  (h) => `const r${h} = v128.load32_splat(residual, ${4 * h * IMAGES});
${each(4, (j) => `s${h}${j} = maddSingle(x${j}, r${h}, s${h}${j});`)}`,
)}
}
${cells.map((cell) => `v128.store(gradient, f32x4.add(v128.load(${place(cell)}), ${cell.name}), ${place(cell).split(", ")[1]});`).join("\n")}
}`;
}

/** Sums of \`vectors\` vectors for each of \`rows\` rows: named, from where they are kept, and back to there. */
function pickedCells({ rows, vectors }, place) {
  const cells = range(rows).flatMap((i) => range(vectors).map((v) => ({ i, v, name: `s${i}${v}` })));
  const step = cells.map(({ i, v, name }) => `${name} = f32x4.add(${name}, f32x4.mul(a${i}, w${v}));`).join("\n");
  const load = cells.map(({ i, v, name }) => `let ${name} = v128.load(${place(i)}, ${16 * v});`).join("\n");
  const store = cells.map(({ i, v, name }) => `v128.store(${place(i, true)}, ${name}, ${16 * v});`).join("\n");
  return { load, step, store };
}

/** Products of rows with a matrix. */
function applyTile(shape) {
  const { rows, vectors } = shape;
  const each4 = (letter) =>
    range(rows)
      .map((i) => `${letter}${i}: usize`)
      .join(", ");
  const { load, step, store } = pickedCells(shape, (i, isEnd) =>
    isEnd ? `o${i}` : `intercept === 0 ? o${i} : intercept`,
  );
  return `
export function apply${rows}x${vectors}(${each4("x")}, ${each4("o")}, w: usize, stride: usize, bytes: usize, intercept: usize): void {
${load}
for (let end = x0 + bytes; x0 < end; ${range(rows)
    .map((i) => `x${i} += 4`)
    .join(", ")}, w += stride) {
${each(vectors, (v) => `const w${v} = v128.load(w, ${16 * v});`)}
${each(rows, (i) => `const a${i} = v128.load32_splat(x${i});`)}
${step}
}
${store}
}`;
}

/** Sums over picked rows of products of their entries with slopes. */
function outerTile(shape) {
  const { rows, vectors } = shape;
  const { load, step, store } = pickedCells(shape, (i) => `sums + ${i} * stride`);
  return `
export function outer${rows}x${vectors}(x: usize, xStride: usize, index: usize, slopes: usize, stride: usize, sums: usize, count: i32): void {
${load}
for (let end = slopes + <usize>count * stride; slopes < end; slopes += stride, index += 4) {
const from = x + <usize>load<i32>(index) * xStride;
${each(vectors, (v) => `const w${v} = v128.load(slopes, ${16 * v});`)}
${each(rows, (i) => `const a${i} = v128.load32_splat(from, ${4 * i});`)}
${step}
}
${store}
}`;
}

/** Shapes of the tiles of picked rows. */
const PICKED = [4, 1].flatMap((rows) => [2, 1].map((vectors) => ({ rows, vectors })));
const pickedSource = () => [...PICKED.map(applyTile), ...PICKED.map(outerTile)].join("\n");

/** Products of `rows` rows with `columns` others, added to what is there, once more or once less. */
function rowDotsTile({ rows, columns }) {
  const cells = range(rows).flatMap((a) => range(columns).map((b) => ({ a, b, name: `s${a}${b}` })));
  const step = (load) => `${each(rows, (a) => `const a${a} = ${load}(a + ${a} * aStride);`)}
${each(
  columns,
  (b) => `const b${b} = ${load}(b + ${b} * bStride);
${cells
  .filter((cell) => cell.b === b)
  .map(({ a, name }) => `${name} = f64x2.add(${name}, f64x2.mul(a${a}, b${b}));`)
  .join("\n")}`,
)}`;
  const add = ({ a, b, name }) => `{
const at = out + ${a} * stride + ${8 * b};
store<f64>(at, load<f64>(at) + sign * (f64x2.extract_lane(${name}, 0) + f64x2.extract_lane(${name}, 1)));
}`;
  return `
export function rowDots${rows}x${columns}(a: usize, aStride: usize, b: usize, bStride: usize, bytes: usize, odd: i32, sign: f64, out: usize, stride: usize): void {
${cells.map(({ name }) => `let ${name} = f64x2.splat(0.0);`).join("\n")}
for (const end = a + bytes; a < end; a += 16, b += 16) {
${step("v128.load")}
}
if (odd) {
${step("v128.load64_zero")}
}
${cells.map(add).join("\n")}
}`;
}

const denseSource = () => [2, 1].flatMap((rows) => [4, 1].map((columns) => rowDotsTile({ rows, columns }))).join("\n");

function generatedSource() {
  return `import { maddSingle, widened } from "./single";
import { madd, splat } from "./vector";
export const TILE: i32 = ${TILE};
export const RUN: usize = ${8 * TILE};
export const SINGLE_RUN: usize = ${4 * TILE};
export const IMAGES: i32 = ${IMAGES};
export const PART: i32 = ${PART};
${DOTS.map((shape) => dotTile(shape, false, false)).join("\n")}
${WEIGHTED.map((shape) => dotTile(shape, true, false)).join("\n")}
${DOTS.filter(({ rows }) => rows === 2)
  .map((shape) => dotTile(shape, false, true))
  .join("\n")}
${WEIGHTED.map((shape) => dotTile(shape, true, true)).join("\n")}
${PREDICTORS.map(predictTile).join("\n")}
${[1, 2].map(imageDots).join("\n")}
${[1, 2].map(imageSpread).join("\n")}
`;
}

/** The kernels, on memory that threads share. */
function compileKernels(relaxed) {
  const memory = ["--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"];
  const flags = [...memory, "--enable", "simd,threads,relaxed-simd", "--use", `RELAXED=${relaxed ? 1 : 0}`];
  return compile("index.ts", flags);
}

async function compile(entry, own) {
  const { default: asc } = await import("assemblyscript/asc");
  let binary;
  const flags = [entry, "--outFile", "out.wasm", "--optimizeLevel", "3", "--converge", "--noAssert"];
  flags.push("--runtime", "stub", "--importMemory", "--noExportMemory", "--use", "abort=", ...own);
  const { error, stderr } = await asc.main(flags, {
    readFile: (name) => {
      if (name === "tiles.ts") return generatedSource();
      if (name === "picked-tiles.ts") return pickedSource();
      if (name === "dense-tiles.ts") return denseSource();
      try {
        return readFileSync(new URL(name, assembly), "utf8");
      } catch {
        return null;
      }
    },
    writeFile: (_, contents) => {
      binary = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`Cannot compile the kernels: ${error.message}\n${stderr}`);
  return Buffer.from(binary);
}

const sources = readdirSync(assembly)
  .sort()
  .map((name) => readFileSync(new URL(name, assembly), "utf8"));
const version = createHash("sha256")
  .update([readFileSync(new URL(import.meta.url), "utf8"), ...sources].join("\0"))
  .digest("hex");
const fields = [...readFileSync(new URL("job.ts", assembly), "utf8").matchAll(/^ {2}(\w+): (i32|usize);$/gm)].map(
  ([, name]) => name,
);
let present = "";
try {
  present = readFileSync(target, "utf8");
} catch {
  // There is none yet.
}
if (!present.includes(version)) {
  const compiled = [compileKernels(false), compileKernels(true), compile("cells.ts", ["--enable", "simd"])];
  compiled.push(compile("picked.ts", ["--enable", "simd"]), compile("dense.ts", ["--enable", "simd"]));
  const [simd, relaxed, cells, picked, dense] = await Promise.all(compiled);
  writeFileSync(
    target,
    `// Made by .kernels.mjs from src/compute/assembly.
/** Hash of what it was made from. */
export const version: string = "${version}";
/** Rows of a tile. */
export const TILE_ROWS: number = ${TILE};
/** Images of a tile, and pixels of a part of them. */
export const TILE_IMAGES: number = ${IMAGES};
export const PART_PIXELS: number = ${PART};
/** Fields of the job, four bytes each. */
export type JobField = ${fields.map((name) => `"${name}"`).join(" | ")};
export const JOB_FIELDS: readonly JobField[] = ${JSON.stringify(fields)};
/** WebAssembly, compressed, in base64: first 128-bit vectors, so many bytes; then the same with fused multiply and add. */
export const SIMD_BYTES: number = ${simd.length};
export const binaries: string =
  "${brotliCompressSync(Buffer.concat([simd, relaxed])).toString("base64")}";
/** The reader of plain cells, in the same way. */
export const cells: string = "${brotliCompressSync(cells).toString("base64")}";
/** Products of picked rows, in the same way. */
export const picked: string = "${brotliCompressSync(picked).toString("base64")}";
/** Products and rotations of rows, in the same way. */
export const dense: string = "${brotliCompressSync(dense).toString("base64")}";
`,
  );
}

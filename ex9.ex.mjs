import { dirname, join, resolve } from "node:path";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, homedir, platform } from "node:os";
import { fileURLToPath } from "node:url";
import { createHash, randomUUID } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
//#region src/errors.ts
/**
* What was wrong with the input, in one line a reader can act on.
*
* Everything a caller can mend (a file, a column, an option) is reported by this class and no other; any other error
* that escapes is a defect of the library.
*
* @example
* ```ts
* import { InputError } from "mixlens";
* const error = new InputError("fit", "k of 1 or more", "0");
* if (error.message !== "Cannot fit: expected k of 1 or more, got 0") throw error;
* ```
*/
var InputError = class extends Error {
	name = "InputError";
	/**
	* @param act what could not be done, as a verb phrase: `read "a.csv"`
	* @param expected what would have been right
	* @param got what was found, naming the column, row or option
	* @param next the next step, where there is one
	*/
	constructor(act, expected, got, next) {
		super(sentence(act, expected, got, next));
	}
};
/**
* What failed though the input was right, in the same line: a download, a fit none of whose starts came to anything.
*
* @example
* ```ts
* import { FitFailure, fit, WorkFailure } from "mixlens";
* try {
*   fit({ x: [1, 2, 3, 4], y: [1, 3, 5, 7] }, { response: "y", k: 1 });
*   throw new Error("these rows have no noise to fit");
* } catch (error) {
*   if (!(error instanceof WorkFailure && error instanceof FitFailure)) throw error;
* }
* ```
*/
var WorkFailure = class extends Error {
	name = "WorkFailure";
	/** The parts of the line, as an InputError has them. */
	constructor(act, expected, got, next) {
		super(sentence(act, expected, got, next));
	}
};
function sentence(act, expected, got, next) {
	return oneLine(`Cannot ${act}: expected ${expected}, got ${got}${next === void 0 ? "" : `; ${next}`}`);
}
/** A value as it may stand in an error: quoted, on one line, cut where it is long. */
function quote(value) {
	const text = typeof value === "string" ? JSON.stringify(value) : String(value);
	return oneLine(text.length > 60 ? `${text.slice(0, 57)}…${text.at(-1) === "\"" ? "\"" : ""}` : text);
}
function oneLine(text) {
	return text.replace(/\s*[\r\n]+\s*/g, " ");
}
//#endregion
//#region src/data/package-root.ts
/** The folder of this package, whether its code runs from the source files or from the bundle. */
function packageRoot() {
	for (let here = dirname(fileURLToPath(import.meta.url));; here = dirname(here)) {
		const manifest = join(here, "package.json");
		if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).name === "mixlens") return here;
		if (here === dirname(here)) throw new InputError("find the files of mixlens", "a folder of the package \"mixlens\"", "none above the code");
	}
}
//#endregion
//#region src/data/idx.ts
/** The type of the entries that an IDX file names in its third byte: unsigned bytes. */
const UNSIGNED_BYTES = 8;
/** The array that the bytes of an IDX file hold; `source` is how errors name it. */
function parseIdx(bytes, source) {
	const refuse = (expected, got) => {
		throw new InputError(`read ${source}`, expected, got);
	};
	const magic = `an IDX file, which begins with 00 00 08 and the number of dimensions`;
	const [zero, nought, type, dimensions] = bytes;
	if (bytes.length < 4 || zero !== 0 || nought !== 0) refuse(magic, bytes.length === 0 ? "an empty file" : hex(bytes.subarray(0, 4)));
	if (type !== UNSIGNED_BYTES) refuse("an IDX file of unsigned bytes (type 08)", `type ${hex(bytes.subarray(2, 3))}`);
	if (dimensions === 0) refuse(magic, "0 dimensions");
	const start = 4 + 4 * dimensions;
	if (bytes.length < start) refuse(`a head of ${start} bytes`, `a file of ${bytes.length}`);
	const head = new DataView(bytes.buffer, bytes.byteOffset, start);
	const shape = Array.from({ length: dimensions }, (_, j) => head.getUint32(4 + 4 * j));
	const size = start + shape.reduce((product, length) => product * length, 1);
	if (bytes.length !== size) refuse(`${size} bytes for ${shape.join(" × ")} entries`, `${bytes.length}`);
	return {
		shape,
		values: bytes.subarray(start)
	};
}
/**
* What the bytes of a file hold, unzipped where they are gzipped; or, of a file that can't be unzipped, what it is.
*
* @param path name of the file: one that ends in `.gz` must be gzipped
* @param limit bytes it may hold at the most
*/
function unzipped(bytes, path, limit) {
	const isZipped = bytes[0] === 31 && bytes[1] === 139;
	if (!isZipped && !path.endsWith(".gz")) return bytes;
	if (!isZipped) return bytes.length === 0 ? "an empty file" : `one that begins with ${hex(bytes.subarray(0, 2))}`;
	try {
		return gunzipSync(bytes, limit === void 0 ? {} : { maxOutputLength: limit });
	} catch (error) {
		const { code } = error;
		if (code === "ERR_BUFFER_TOO_LARGE") return `one of more than ${limit} bytes when unzipped`;
		return code === "Z_BUF_ERROR" ? "one that was cut short" : `one that is damaged (${code})`;
	}
}
function hex(bytes) {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
//#endregion
//#region src/data/table.ts
/** Names as errors list them: `"a", "b" or "c"`. */
function listed(names, conjunction = "or") {
	const quoted = names.map(quote);
	return quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} ${conjunction} ${quoted.at(-1)}`;
}
//#endregion
//#region src/data/registry.ts
/**
* The datasets that mixlens knows.
*
* @example
* ```ts
* import { listDatasets } from "mixlens";
* if (!listDatasets().some(({ name }) => name === "iris")) throw new Error("iris comes with the package");
* ```
*/
function listDatasets() {
	return JSON.parse(readFileSync(join(packageRoot(), "datasets/registry.json"), "utf8"));
}
/** What is known of the dataset of this name; an InputError lists the known ones. */
function datasetInfo(name) {
	const known = listDatasets();
	const info = known.find((dataset) => dataset.name === name);
	if (info !== void 0) return info;
	throw new InputError("find the dataset", listed(known.map((dataset) => dataset.name)), quote(name));
}
/** What a file of a dataset holds, once its bytes are seen to be the published ones. */
function verified(path, file, info) {
	const next = info.download === void 0 ? "reinstall mixlens, and read your own version by its path" : `delete the file and run "mixlens datasets fetch ${info.name}"`;
	const refuse = (got) => {
		const expected = `${JSON.stringify(path)} with SHA-256 ${file.sha256}`;
		throw new InputError(`use dataset ${quote(info.name)}`, expected, got, next);
	};
	let bytes;
	try {
		bytes = readFileSync(path);
	} catch (error) {
		const { code } = error;
		return refuse(code === "ENOENT" || code === "ENOTDIR" ? "no such file" : `a file that cannot be read (${code})`);
	}
	const contents = checked(bytes, path, file);
	return typeof contents === "string" ? refuse(contents) : contents;
}
/** What the bytes of a dataset's file hold; or, of a file that isn't the published one, what it is. */
function checked(bytes, path, { bytes: size, sha256 }) {
	const contents = unzipped(bytes, path, size);
	if (typeof contents === "string") return contents;
	const found = createHash("sha256").update(contents).digest("hex");
	return found === sha256 ? contents : `SHA-256 ${found}: the file was altered`;
}
//#endregion
//#region src/data/dataset-path.ts
/** Where Debian's packages of datasets, such as dataset-fashion-mnist, put their files. */
const DEBIAN = "/usr/share/datasets";
/** What a file in a dataset's folder holds, once it is seen to be the published one. */
function readDatasetFile(folder, file, info) {
	return verified(fileIn(folder, file) ?? join(folder, `${file.name}.gz`), file, info);
}
/** The folders that datasets are looked for in: the first is the one that what is downloaded goes to. */
function dataFolders(dataDir, env = process.env) {
	if (dataDir === "") throw new InputError("look for a dataset", "the data folder to have a name", "none");
	return [
		...[dataDir, env.MIXLENS_DATA].flatMap((folder) => folder ? [resolve(folder)] : []),
		cacheFolder(env),
		DEBIAN
	];
}
function cacheFolder({ XDG_CACHE_HOME, LOCALAPPDATA }) {
	if (platform() === "darwin") return join(homedir(), "Library/Caches/mixlens");
	if (platform() === "win32") return join(LOCALAPPDATA ?? join(homedir(), "AppData/Local"), "mixlens");
	return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "mixlens");
}
/** The first folder that has all files of a dataset: one of these, or one in it of the dataset's name. */
function folderOf(info, places) {
	return places.flatMap((place) => [join(place, info.name), place]).find((folder) => info.files.every((file) => fileIn(folder, file) !== void 0));
}
/** A file of a dataset in a folder, gzipped or not. */
function fileIn(folder, { name }) {
	return [`${name}.gz`, name].map((found) => join(folder, found)).find((path) => existsSync(path));
}
//#endregion
//#region src/data/write-file.ts
/** Writes a file whole or not at all, making its folder where there is none. */
async function writeWhole(file, contents) {
	await mkdir(dirname(file), { recursive: true });
	const draft = `${file}.${randomUUID()}.tmp`;
	try {
		await writeFile(draft, contents);
		await rename(draft, file);
	} finally {
		await rm(draft, { force: true });
	}
}
//#endregion
//#region src/data/download.ts
/** Bytes that a gzipped file may be longer than what it holds. */
const GZIP_OVERHEAD = 1e5;
/**
* The files of a dataset, checked; what is in none of the places is downloaded from this address to the first.
*/
async function fetchFiles(info, address, options = {}, places = dataFolders(options.dataDir)) {
	const folder = folderOf(info, places) ?? join(places[0], info.name);
	const contents = [];
	for (const file of info.files) {
		const isThere = fileIn(folder, file) !== void 0;
		contents.push(isThere ? readDatasetFile(folder, file, info) : await download(file, `${address.replace(/\/$/, "")}/${file.name}.gz`, folder, options));
	}
	return {
		folder,
		contents
	};
}
async function download(file, url, folder, options) {
	const path = join(folder, `${file.name}.gz`);
	const bytes = await received(file, url, options);
	const contents = checked(bytes, path, file);
	if (typeof contents === "string") throw failure(url, `a file with SHA-256 ${file.sha256}`, contents);
	await writeWhole(path, bytes).catch((error) => {
		throw new InputError(`write ${JSON.stringify(path)}`, "a file that can be written", error.code ?? error.message);
	});
	return contents;
}
/** The bytes of a file as a server sends them: small enough to be held in memory, so that no part is ever on the disk. */
async function received(file, url, { onProgress, signal }) {
	const limit = file.bytes + GZIP_OVERHEAD;
	const chunks = [];
	let count = 0;
	try {
		const response = await fetch(url, {
			headers: { "accept-encoding": "identity" },
			...signal && { signal }
		});
		if (!response.ok) throw failure(url, "the file", `status ${`${response.status} ${response.statusText}`.trim()}`);
		const total = Number(response.headers.get("content-length") ?? NaN);
		for await (const chunk of response.body ?? []) {
			chunks.push(chunk);
			count += chunk.length;
			if (count > limit) throw failure(url, `${limit} bytes at the most`, "more");
			onProgress?.({
				file: file.name,
				received: count,
				...total > 0 && { total }
			});
		}
	} catch (error) {
		if (error instanceof WorkFailure) throw error;
		signal?.throwIfAborted();
		throw failure(url, "the file", `${count === 0 ? "no answer" : `${count} bytes and no more`} (${reason(error)})`);
	}
	return Buffer.concat(chunks);
}
/** Why there was no more: what the network says is the cause of what `fetch` says. */
function reason(error) {
	const cause = error instanceof Error ? error.cause ?? error : error;
	if (!(cause instanceof Error)) return String(cause);
	return "code" in cause ? String(cause.code) : cause.message;
}
function failure(url, expected, got) {
	return new WorkFailure(`download ${JSON.stringify(url)}`, expected, got, "try again, or get the file elsewhere");
}
//#endregion
//#region src/data/fashion-mnist.ts
/** In the order of their codes, as the dataset's own page has them. */
const KINDS = [
	"T-shirt/top",
	"Trouser",
	"Pullover",
	"Dress",
	"Coat",
	"Sandal",
	"Shirt",
	"Sneaker",
	"Bag",
	"Ankle boot"
];
/**
* The images of Fashion-MNIST, from the folders that `datasetPath` looks in or else from their home page.
*
* @param options.dataDir folder to look in first, and to download to
* @throws InputError naming the file when it isn't the published one
* @throws WorkFailure when it has to be downloaded and cannot be
* @remarks cost: 55 MB, and half a second to unzip and check them. Xiao, Rasul and Vollgraf 2017, arXiv 1708.07747.
* @example
* ```ts
* import { fashionMnist } from "mixlens";
* const { train, test, names } = await fashionMnist();
* if (train.rows !== 60_000 || test.images.length !== 10_000 * 784) throw new Error("70,000 images");
* if (names[train.labels[0]] !== "Ankle boot") throw new Error("the first image is a boot");
* ```
*/
async function fashionMnist(options = {}) {
	const info = datasetInfo("fashion-mnist");
	const { contents } = await fetchFiles(info, info.download ?? "", options);
	const [trainImages, trainLabels, testImages, testLabels] = contents.map((bytes, at) => parseIdx(bytes, info.files[at].name).values);
	return {
		train: {
			rows: trainLabels.length,
			images: trainImages,
			labels: trainLabels
		},
		test: {
			rows: testLabels.length,
			images: testImages,
			labels: testLabels
		},
		names: KINDS
	};
}
//#endregion
//#region src/data/random-invert.ts
/**
* Inverts each image, x → 255 − x, with probability ½: as in Random-Invert Fashion-MNIST.
*
* Which images are inverted depends on the stream and their number alone. What else the set has, such as its labels, is
* passed on as it is.
*
* @param set n images of any one size, row by row (n × d)
* @param random the stream to draw from, one uniform number for each image
* @returns the set with new images, and `inverted`: 1 for each image that was inverted, else 0 (n)
* @throws InputError when the bytes are not `rows` images of one size
* @remarks cost: one pass over the bytes. arXiv 2411.06056, section 6.
* @example
* ```ts
* import { random, randomInvert } from "mixlens";
* const { images, inverted } = randomInvert({ rows: 2, images: Uint8Array.of(0, 10, 0, 10) }, random(3));
* const wanted = Array.from(inverted, (flip) => (flip === 1 ? "255,245" : "0,10")).join();
* if (images.join() !== wanted) throw new Error(images.join());
* ```
*/
function randomInvert(set, random) {
	const { rows, images } = set;
	const size = images.length / rows;
	if (!Number.isInteger(size)) throw new InputError("invert images", `${rows} rows of one size`, `${images.length} bytes`);
	const inverted = Uint8Array.from({ length: rows }, () => random.uniform() < .5 ? 1 : 0);
	const flipped = Uint8Array.from(images);
	for (let i = 0; i < rows; i++) {
		if (inverted[i] === 0) continue;
		for (let at = i * size; at < (i + 1) * size; at++) flipped[at] = 255 - images[at];
	}
	return {
		...set,
		images: flipped,
		inverted
	};
}
//#endregion
//#region node_modules/pure-rand/lib/esm/distribution/uniformFloat64.js
const scale26 = 1.4901161193847656e-8;
const scale53 = 11102230246251565e-32;
const mask1 = 67108863;
const mask2 = 134217727;
/**
* Uniformly generate random 64-bit floating point values between 0 (included) and 1 (excluded)
*
* @remarks Generated values are multiples of 2**-53, providing 53 bits of randomness.
*
* @param rng - Instance of RandomGenerator to extract random values from
*
* @public
*/
function uniformFloat64(rng) {
	const value1 = rng.next() & mask1;
	const value2 = rng.next() & mask2;
	return value1 * scale26 + value2 * scale53;
}
//#endregion
//#region node_modules/pure-rand/lib/esm/distribution/uniformInt.js
/**
* Uniformly generate number in range [0 ; rangeSize[
* With rangeSize <= 0x100000000
* @internal
*/
function uniformIntInternal(rng, rangeSize) {
	const MaxAllowed = rangeSize > 2 ? ~~(4294967296 / rangeSize) * rangeSize : 4294967296;
	let deltaV = rng.next() + 2147483648;
	while (deltaV >= MaxAllowed) deltaV = rng.next() + 2147483648;
	return deltaV % rangeSize;
}
/**
* We only accept safe integers here
* @internal
*/
function fromNumberToArrayInt64(out, n) {
	if (n < 0) {
		const posN = -n;
		out.sign = -1;
		out.data[0] = ~~(posN / 4294967296);
		out.data[1] = posN >>> 0;
	} else {
		out.sign = 1;
		out.data[0] = ~~(n / 4294967296);
		out.data[1] = n >>> 0;
	}
	return out;
}
/**
* Substract two ArrayInt of 64 bits on 64 bits.
* With arrayIntA - arrayIntB >= 0
* @internal
*/
function substractArrayInt64(out, arrayIntA, arrayIntB) {
	const lowA = arrayIntA.data[1];
	const highA = arrayIntA.data[0];
	const signA = arrayIntA.sign;
	const lowB = arrayIntB.data[1];
	const highB = arrayIntB.data[0];
	const signB = arrayIntB.sign;
	out.sign = 1;
	if (signA === 1 && signB === -1) {
		const low = lowA + lowB;
		const high = highA + highB + (low > 4294967295 ? 1 : 0);
		out.data[0] = high >>> 0;
		out.data[1] = low >>> 0;
		return out;
	}
	let lowFirst = lowA;
	let highFirst = highA;
	let lowSecond = lowB;
	let highSecond = highB;
	if (signA === -1) {
		lowFirst = lowB;
		highFirst = highB;
		lowSecond = lowA;
		highSecond = highA;
	}
	let reminderLow = 0;
	let low = lowFirst - lowSecond;
	if (low < 0) {
		reminderLow = 1;
		low = low >>> 0;
	}
	out.data[0] = highFirst - highSecond - reminderLow;
	out.data[1] = low;
	return out;
}
/**
* Uniformly generate ArrayInt64 in range [0 ; rangeSize[
*
* @remarks
* In the worst case scenario it may discard half of the randomly generated value.
* Worst case being: most significant number is 1 and remaining part evaluates to 0.
*
* @internal
*/
function uniformArrayIntInternal(rng, out, rangeSize) {
	const maxIndex0 = rangeSize[0] + 1;
	out[0] = uniformIntInternal(rng, maxIndex0);
	out[1] = uniformIntInternal(rng, 4294967296);
	while (out[0] >= rangeSize[0] && (out[0] !== rangeSize[0] || out[1] >= rangeSize[1])) {
		out[0] = uniformIntInternal(rng, maxIndex0);
		out[1] = uniformIntInternal(rng, 4294967296);
	}
	return out;
}
const safeNumberMaxSafeInteger = Number.MAX_SAFE_INTEGER;
const sharedA = {
	sign: 1,
	data: [0, 0]
};
const sharedB = {
	sign: 1,
	data: [0, 0]
};
const sharedC = {
	sign: 1,
	data: [0, 0]
};
const sharedData = [0, 0];
function uniformLargeIntInternal(rng, from, to, rangeSize) {
	const rangeSizeArrayIntValue = rangeSize <= safeNumberMaxSafeInteger ? fromNumberToArrayInt64(sharedC, rangeSize) : substractArrayInt64(sharedC, fromNumberToArrayInt64(sharedA, to), fromNumberToArrayInt64(sharedB, from));
	if (rangeSizeArrayIntValue.data[1] === 4294967295) {
		rangeSizeArrayIntValue.data[0] += 1;
		rangeSizeArrayIntValue.data[1] = 0;
	} else rangeSizeArrayIntValue.data[1] += 1;
	uniformArrayIntInternal(rng, sharedData, rangeSizeArrayIntValue.data);
	return sharedData[0] * 4294967296 + sharedData[1] + from;
}
/**
* Uniformly generate random integer values between `from` (included) and `to` (included)
*
* @param rng - Instance of RandomGenerator to extract random values from
* @param from - Lower bound of the range (included)
* @param to - Upper bound of the range (included)
*
* @public
*/
function uniformInt(rng, from, to) {
	const rangeSize = to - from;
	if (rangeSize <= 4294967295) return uniformIntInternal(rng, rangeSize + 1) + from;
	return uniformLargeIntInternal(rng, from, to, rangeSize);
}
//#endregion
//#region node_modules/pure-rand/lib/esm/generator/xoroshiro128plus.js
const jumps = [
	3639956645,
	3750757012,
	1261568508,
	386426335
];
var XoroShiro128Plus = class XoroShiro128Plus {
	constructor(s01, s00, s11, s10) {
		this.s01 = s01;
		this.s00 = s00;
		this.s11 = s11;
		this.s10 = s10;
	}
	clone() {
		return new XoroShiro128Plus(this.s01, this.s00, this.s11, this.s10);
	}
	next() {
		const out = this.s00 + this.s10 | 0;
		const a0 = this.s10 ^ this.s00;
		const a1 = this.s11 ^ this.s01;
		const s00 = this.s00;
		const s01 = this.s01;
		this.s00 = s00 << 24 ^ s01 >>> 8 ^ a0 ^ a0 << 16;
		this.s01 = s01 << 24 ^ s00 >>> 8 ^ a1 ^ (a1 << 16 | a0 >>> 16);
		this.s10 = a1 << 5 ^ a0 >>> 27;
		this.s11 = a0 << 5 ^ a1 >>> 27;
		return out;
	}
	jump() {
		let ns01 = 0;
		let ns00 = 0;
		let ns11 = 0;
		let ns10 = 0;
		let s01 = this.s01;
		let s00 = this.s00;
		let s11 = this.s11;
		let s10 = this.s10;
		for (let i = 0; i !== 4; ++i) {
			const ji = jumps[i];
			for (let mask = 1; mask; mask <<= 1) {
				if (ji & mask) {
					ns01 ^= s01;
					ns00 ^= s00;
					ns11 ^= s11;
					ns10 ^= s10;
				}
				const a0 = s10 ^ s00;
				const a1 = s11 ^ s01;
				const s00_ = s00;
				const s01_ = s01;
				s00 = s00_ << 24 ^ s01_ >>> 8 ^ a0 ^ a0 << 16;
				s01 = s01_ << 24 ^ s00_ >>> 8 ^ a1 ^ (a1 << 16 | a0 >>> 16);
				s10 = a1 << 5 ^ a0 >>> 27;
				s11 = a0 << 5 ^ a1 >>> 27;
			}
		}
		this.s01 = ns01;
		this.s00 = ns00;
		this.s11 = ns11;
		this.s10 = ns10;
	}
	getState() {
		return [
			this.s01,
			this.s00,
			this.s11,
			this.s10
		];
	}
};
function xoroshiro128plus(seed) {
	return new XoroShiro128Plus(-1, ~seed, seed | 0, 0);
}
//#endregion
//#region src/math/random.ts
/**
* A stream of random numbers: xoroshiro128+ from a seed, 2⁶⁴ numbers past the stream before it.
*
* The same seed and stream give the same numbers; different streams of one seed never overlap, so each start of a fit
* takes its own and none depends on which ran before.
*
* @param seed any 32-bit integer
* @param stream number of the stream, from 0
* @example
* ```ts
* import { random } from "mixlens";
* if (random(1).uniform() !== random(1).uniform()) throw new Error("the seed decides");
* ```
*/
function random(seed, stream = 0) {
	const generator = xoroshiro128plus(seed);
	for (let s = 0; s < stream; s++) generator.jump();
	const uniform = () => uniformFloat64(generator);
	let spare;
	return {
		uniform,
		integer: (n) => uniformInt(generator, 0, n - 1),
		normal: () => {
			if (spare !== void 0) {
				const second = spare;
				spare = void 0;
				return second;
			}
			const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
			const angle = 2 * Math.PI * uniform();
			spare = radius * Math.sin(angle);
			return radius * Math.cos(angle);
		}
	};
}
//#endregion
//#region src/compute/arena.ts
/** Bytes to which addresses are aligned: a line of the cache. */
const LINE = 64;
const PAGE = 65536;
/** As much as 32-bit addresses reach. */
const MOST_PAGES = 65536;
/** An arena that leaves the addresses below `start` alone. */
function arena(start) {
	const memory = new WebAssembly.Memory({
		initial: 1,
		maximum: MOST_PAGES,
		shared: true
	});
	/** In order of addresses, and never two that touch. */
	let gaps = [{
		address: start,
		bytes: memory.buffer.byteLength - start
	}];
	let numbers = new Float64Array(memory.buffer);
	let words = new Int32Array(memory.buffer);
	const add = (region) => {
		const sorted = [...gaps, region].sort((a, b) => a.address - b.address);
		gaps = [];
		for (const { address, bytes } of sorted) {
			const last = gaps.at(-1);
			if (last !== void 0 && last.address + last.bytes === address) gaps[gaps.length - 1] = {
				address: last.address,
				bytes: last.bytes + bytes
			};
			else gaps.push({
				address,
				bytes
			});
		}
	};
	/** Adds room for so many bytes at the end; false when there is none. */
	const grow = (bytes) => {
		const end = memory.buffer.byteLength;
		const pages = Math.ceil(bytes / PAGE);
		if (end / PAGE + pages > MOST_PAGES) return false;
		try {
			memory.grow(pages);
		} catch {
			return false;
		}
		numbers = new Float64Array(memory.buffer);
		words = new Int32Array(memory.buffer);
		add({
			address: end,
			bytes: pages * PAGE
		});
		return true;
	};
	return {
		memory,
		numbers: () => numbers,
		words: () => words,
		bytes: () => new Uint8Array(memory.buffer),
		free: add,
		take: (wanted) => {
			const bytes = Math.ceil(wanted / LINE) * LINE;
			const fits = (gap) => gap.bytes >= bytes;
			if (!gaps.some(fits)) {
				const last = gaps.at(-1);
				if (!grow(bytes - (last !== void 0 && last.address + last.bytes === memory.buffer.byteLength ? last.bytes : 0))) return void 0;
			}
			const gap = gaps.find(fits);
			gaps = gaps.filter((other) => other !== gap);
			if (gap.bytes > bytes) add({
				address: gap.address + bytes,
				bytes: gap.bytes - bytes
			});
			return {
				address: gap.address,
				bytes
			};
		}
	};
}
//#endregion
//#region src/compute/generated.ts
const JOB_FIELDS = [
	"generation",
	"left",
	"done",
	"kernel",
	"parts",
	"chunks",
	"chunkTiles",
	"tileCount",
	"rows",
	"tiles",
	"stride",
	"expert",
	"gate",
	"response",
	"weights",
	"offset",
	"ones",
	"tail",
	"d",
	"dg",
	"k",
	"classes",
	"z",
	"theta",
	"gateTheta",
	"scales",
	"responsibilities",
	"given",
	"found",
	"length",
	"sums",
	"scratch",
	"scratchBytes"
];
/** WebAssembly in base64: 128-bit vectors, and the same with fused multiply and add. */
const simd = "AGFzbQEAAAABZA1gA39/fwBgBH9/f38AYAV/f39/fwBgAX8AYAR/f39/AXtgB39/f39/f38AYA1/f39/f39/f39/f39/AGAGf39/f39/AGAGf39/f39/AXtgAn9/AXtgAAF/YAAAYAR/f39/AXwCEgEDZW52Bm1lbW9yeQIDAYCABAMYFwQCAgAFAwYABwgJCgsDAQEBAAAAAQwABzkGBWV4cE9mABIFbG9nT2YAEQZhdHRlbmQADQZmaW5pc2gADAxzY3JhdGNoQnl0ZXMACwR3b3JrAAUMAQQKpIABF+gFAQZ7IAIEQCAA/QAEACEEQRAhAQNAIAEgA0kEQCAEIAAgAWr9AAQA/fIBIQQgAUEQaiEBDAELCyAE/QwzxICZYV8JADPEgJlhXwkA/c4BIgRBNP3NAf0MAAAAAAAAMEMAAAAAAAAwQ/1QQeAJ/QoDAP3xASEFIAT9DP///////w8A////////DwD9Tv0MzTt/Zp6g5j/NO39mnqDmP/3OAUHQCf0KAwD98QEiBCAEQdgJ/QoDAP3wAf3zASIGIAb98gEiByAH/fIBIQggBUHACf0KAwD98gEgBCAEIAT98gFByAn9CgMA/fIBIgQgBiAEIAggCCAIQYAJ/QoDAP3yAUGICf0KAwD98AH98gFBkAn9CgMA/fAB/fIBIAcgCCAIIAhBmAn9CgMA/fIBQaAJ/QoDAP3wAf3yAUGoCf0KAwD98AH98gFBsAn9CgMA/fAB/fIB/fAB/fAB/fIBIAVBuAn9CgMA/fIB/fAB/fEB/fEB/fABDwtBACECA0AgAiADSQRAIAAgAmr9AAQA/QwzxICZYV8JADPEgJlhXwkA/c4BIgVBNP3NAf0MAAAAAAAAMEMAAAAAAAAwQ/1QQeAJ/QoDAP3xASEGIAX9DP///////w8A////////DwD9Tv0MzTt/Zp6g5j/NO39mnqDmP/3OAUHQCf0KAwD98QEiByAHQdgJ/QoDAP3wAf3zASIIIAj98gEiCSAJ/fIBIQUgASACav0ABAAgBkHACf0KAwD98gEgByAHIAf98gFByAn9CgMA/fIBIgcgCCAHIAUgBSAFQYAJ/QoDAP3yAUGICf0KAwD98AH98gFBkAn9CgMA/fAB/fIBIAkgBSAFIAVBmAn9CgMA/fIBQaAJ/QoDAP3wAf3yAUGoCf0KAwD98AH98gFBsAn9CgMA/fAB/fIB/fAB/fAB/fIBIAZBuAn9CgMA/fIB/fAB/fEB/fEB/fAB/fIBIAT98AEhBCACQRBqIQIMAQsLIAQL1gsCCH8NeyABQQN0IQkDQCADQQROBEAgACEFIAFBA3QhCiAEIgZBgAVqIQsDQCAGIAtJBED9DAAAAAAAAAAAAAAAAAAAAAAhDf0MAAAAAAAAAAAAAAAAAAAAACEO/QwAAAAAAAAAAAAAAAAAAAAAIQ/9DAAAAAAAAAAAAAAAAAAAAAAhEP0MAAAAAAAAAAAAAAAAAAAAACER/QwAAAAAAAAAAAAAAAAAAAAAIRL9DAAAAAAAAAAAAAAAAAAAAAAhE/0MAAAAAAAAAAAAAAAAAAAAACEUIAUhCCAKIAIiB2ohDANAIAcgDEkEQCAI/QAEACIVIAf9CgMAIhb98gEgDf3wASENIAj9AAQQIhcgFv3yASAO/fABIQ4gFSAHIApq/QoDACIW/fIBIA/98AEhDyAXIBb98gEgEP3wASEQIBUgByAKQQF0av0KAwAiFv3yASAR/fABIREgFyAW/fIBIBL98AEhEiAVIAcgCkEDbGr9CgMAIhX98gEgE/3wASETIBcgFf3yASAU/fABIRQgB0EIaiEHIAhBgAVqIQgMAQsLIAYgDf0LBAAgBiAO/QsEECAGIA/9CwSABSAGIBD9CwSQBSAGIBH9CwSACiAGIBL9CwSQCiAGIBP9CwSADyAGIBT9CwSQDyAGQSBqIQYgBUEgaiEFDAELCyACIAlBAnRqIQIgBEGAFGohBCADQQRrIQMMAQsLIANBAnEEQCAAIQUgAUEDdCEKIAQiBkGABWohCwNAIAYgC0kEQP0MAAAAAAAAAAAAAAAAAAAAACET/QwAAAAAAAAAAAAAAAAAAAAAIRT9DAAAAAAAAAAAAAAAAAAAAAAhDf0MAAAAAAAAAAAAAAAAAAAAACEO/QwAAAAAAAAAAAAAAAAAAAAAIQ/9DAAAAAAAAAAAAAAAAAAAAAAhEP0MAAAAAAAAAAAAAAAAAAAAACER/QwAAAAAAAAAAAAAAAAAAAAAIRIgBSEHIAogAiIIaiEMA0AgCCAMSQRAIAf9AAQAIhcgCP0KAwAiFf3yASAT/fABIRMgB/0ABBAiFiAV/fIBIBT98AEhFCAH/QAEICIYIBX98gEgDf3wASENIAf9AAQwIhkgFf3yASAO/fABIQ4gFyAIIApq/QoDACIV/fIBIA/98AEhDyAWIBX98gEgEP3wASEQIBggFf3yASAR/fABIREgGSAV/fIBIBL98AEhEiAIQQhqIQggB0GABWohBwwBCwsgBiAT/QsEACAGIBT9CwQQIAYgDf0LBCAgBiAO/QsEMCAGIA/9CwSABSAGIBD9CwSQBSAGIBH9CwSgBSAGIBL9CwSwBSAGQUBrIQYgBUFAayEFDAELCyAEQYAKaiEEIAIgCUEBdGohAgsgA0EBcQRAIAFBA3QhBSAEQYAFaiEGA0AgBCAGSQRA/QwAAAAAAAAAAAAAAAAAAAAAIRP9DAAAAAAAAAAAAAAAAAAAAAAhFP0MAAAAAAAAAAAAAAAAAAAAACEN/QwAAAAAAAAAAAAAAAAAAAAAIQ79DAAAAAAAAAAAAAAAAAAAAAAhD/0MAAAAAAAAAAAAAAAAAAAAACEQ/QwAAAAAAAAAAAAAAAAAAAAAIRH9DAAAAAAAAAAAAAAAAAAAAAAhEiAAIQEgBSACIgNqIQcDQCADIAdJBEAgAf0ABAAgA/0KAwAiFf3yASAT/fABIRMgAf0ABBAgFf3yASAU/fABIRQgAf0ABCAgFf3yASAN/fABIQ0gAf0ABDAgFf3yASAO/fABIQ4gAf0ABEAgFf3yASAP/fABIQ8gAf0ABFAgFf3yASAQ/fABIRAgAf0ABGAgFf3yASAR/fABIREgAf0ABHAgFf3yASAS/fABIRIgA0EIaiEDIAFBgAVqIQEMAQsLIAQgE/0LBAAgBCAU/QsEECAEIA39CwQgIAQgDv0LBDAgBCAP/QsEQCAEIBD9CwRQIAQgEf0LBGAgBCAS/QsEcCAEQYABaiEEIABBgAFqIQAMAQsLCwumBQIEfwF7A0AgBCAFSwRAIAAgBWr9DAAAAAAAAAAAAAAAAAAAAAD9CwQAIAIgBWr9DAAAAAAAAPA/AAAAAAAA8D/9CwQAIAVBEGohBQwBCwsgAUHoB0wEf/0M/////////////////////yEJIABBgAVqIgYgAUEBa0GABWxqIQcDQCAGIAdJBEBBACEFA0AgBCAFSwRAIAkgBSAGav0ABAD97AH9DAAAAAAAACRAAAAAAAAAJED9Sf1OIQkgBUEQaiEFDAELCyAGQYAFaiEGDAELCyAJ/cMBBUEACwR/QQEFQQEhBgNAIAEgBkoEQCAAIAZBgAVsaiEHQQAhBQNAIAQgBUsEQCADIAVqIAZBAUYEe/0MAAAAAAAAAAAAAAAAAAAAAAUgAyAFav0ABAALIAUgB2r9AAQA/fcB/QsEACAFQRBqIQUMAQsLIAZBAWohBgwBCwtBACEGA0AgASAGSgRAIAAgBkGABWxqIQdBACEFA0AgBCAFSwRAIAUgB2oiCP0M////////7//////////v/yAI/QAEACADIAVq/QAEAP3xAf33Af0LBAAgBUEQaiEFDAELCyAGQQFqIQYMAQsLQQALIQUDQCABIAVKBEAgBUGABWwiBiAAaiACIAZqIAQQAyAFQQFqIQUMAQsLQQAhAANAIAAgBEkEQCAAIAJq/QAEACEJIAJBgAVqIABqIQUgAiABQYAFbGohBgNAIAUgBkkEQCAJIAX9AAQA/fABIQkgBUGABWohBQwBCwsgACADaiAJ/QsEAP0MAAAAAAAA8D8AAAAAAADwPyAJ/fMBIQkgACACaiEFIAIgAUGABWxqIQYDQCAFIAZJBEAgBSAF/QAEACAJ/fIB/QsEACAFQYAFaiEFDAELCyAAQRBqIQAMAQsLC+wCAgp7An9BgAj9CgMAIQUDQCACIA5LBEAgACAOaiIN/QAEACIHIAX99wEiA0GICP0KAwAiBP3yAUGQCP0KAwAiCf3wASEGIA39AAQQIgggBf33ASIKIAT98gEgCf3wASILIAn98QEhBCADIAYgCf3xASIDQZgI/QoDACIM/fIB/fEBIANBoAj9CgMAIgP98gH98QEhCSAKIAQgDP3yAf3xASAEIAP98gH98QEhCkGoCP0KAwAiAyEEQQYhDQNAIA1BD0kEQCAJIAP98gEgDUEDdEGACGr9CgMAIgz98AEhAyAKIAT98gEgDP3wASEEIA1BAWohDQwBCwsgASAOaiINIAkgCf3yASAD/fIBIAn98AFB+Aj9CgMAIgP98AEgBkE0/csB/c4BIAcgBf1J/U/9CwQAIA0gCiAK/fIBIAT98gEgCv3wASAD/fABIAtBNP3LAf3OASAIIAX9Sf1P/QsEECAOQSBqIQ4MAQsLC8cJAgZ/C3sDQCABQQJOBEAgAiEHIAUhCyADIQoDQCAKQQROBEAgACEJIAchCCAL/QAEACEOIAv9AAQQIQ0gC/0ABCAhEiAL/QAEMCEQIAYgC2oiDP0ABAAhDyAM/QAEECEUIAz9AAQgIRMgDP0ABDAhESAAIARqIQwDQCAJIAxJBEAgCf0ABAAiFSAI/QAEACIW/fIBIA798AEhDiAJ/QAEgAUiFyAW/fIBIA/98AEhDyAVIAj9AASABSIW/fIBIA398AEhDSAXIBb98gEgFP3wASEUIBUgCP0ABIAKIhb98gEgEv3wASESIBcgFv3yASAT/fABIRMgFSAI/QAEgA8iFf3yASAQ/fABIRAgFyAV/fIBIBH98AEhESAJQRBqIQkgCEEQaiEIDAELCyALIA79CwQAIAsgDf0LBBAgCyAS/QsEICALIBD9CwQwIAYgC2oiCCAP/QsEACAIIBT9CwQQIAggE/0LBCAgCCAR/QsEMCAKQQRrIQogB0GAFGohByALQUBrIQsMAQsLIApBAnEEQCAHIQggC/0ABAAhECAL/QAEECEPIAYgC2oiCf0ABAAhFCAJ/QAEECESIAAhCSAAIARqIQwDQCAJIAxJBEAgCf0ABAAiDSAI/QAEACIO/fIBIBD98AEhECAJ/QAEgAUiESAO/fIBIBT98AEhFCANIAj9AASABSIN/fIBIA/98AEhDyARIA398gEgEv3wASESIAlBEGohCSAIQRBqIQgMAQsLIAsgEP0LBAAgCyAP/QsEECAGIAtqIgggFP0LBAAgCCAS/QsEECALQSBqIQsgB0GACmohBwsgCkEBcQRAIAv9AAQAIRQgBiALav0ABAAhEyAEIAAiCGohCQNAIAggCUkEQCAI/QAEACAH/QAEACIN/fIBIBT98AEhFCAI/QAEgAUgDf3yASAT/fABIRMgCEEQaiEIIAdBEGohBwwBCwsgCyAU/QsEACAGIAtqIBP9CwQACyABQQJrIQEgAEGACmohACAFIAZBAXRqIQUMAQsLIAFBAXEEQCADIQYDQCAGQQROBEAgAiEDIAX9AAQAIRIgBf0ABBAhFCAF/QAEICETIAX9AAQwIREgACEBIAAgBGohBwNAIAEgB0kEQCAB/QAEACINIAP9AAQA/fIBIBL98AEhEiANIAP9AASABf3yASAU/fABIRQgDSAD/QAEgAr98gEgE/3wASETIA0gA/0ABIAP/fIBIBH98AEhESABQRBqIQEgA0EQaiEDDAELCyAFIBL9CwQAIAUgFP0LBBAgBSAT/QsEICAFIBH9CwQwIAZBBGshBiACQYAUaiECIAVBQGshBQwBCwsgBkECcQRAIAIhAyAF/QAEACEUIAX9AAQQIRMgACEBIAAgBGohBwNAIAEgB0kEQCAB/QAEACINIAP9AAQA/fIBIBT98AEhFCANIAP9AASABf3yASAT/fABIRMgAUEQaiEBIANBEGohAwwBCwsgBSAU/QsEACAFIBP9CwQQIAVBIGohBSACQYAKaiECCyAGQQFxBEAgBf0ABAAhESAAIARqIQEDQCAAIAFJBEAgAP0ABAAgAv0ABAD98gEgEf3wASERIABBEGohACACQRBqIQIMAQsLIAUgEf0LBAALCwuyAgEGfwNAQQRBAf4lAgAiAUEATARADwtBFCgCACABayIBQRgoAgAiAmwiAyACaiICQRwoAgAiBCACIARIGyEEQfwAKAIAIABBgAEoAgBsaiECQfgAKAIAIAFB9AAoAgBBA3RsaiEFQQwoAgBBA0YEQCADIAQgAiAFEBQFIAJBAEH0ACgCAEEEdPwLACACQfQAKAIAQQR0aiEBQQwoAgAiBgRAIAZBAUYEQCADIAQgASACEA4FQQwoAgBBAkYEQCADIAQgASACEA8LCwUgAyAEIAEgAhAQC0EAIQEDQCABQfQAKAIASARAIAUgAUEDdGogAiABQQR0aiIDKwMAIAMrAwigOQMAIAFBAWohAQwBCwsLQRQoAgBBCEEB/h4CAEEBakYEQEEIQQH+AAIAGgsMAAsAC7QDAgJ/AnsgAkEBayEOIAz9AAQAIAUgByAIIAoQAP3xASEPQQAhCANAIAIgCEoEQCAIQYAFbCENQQAhBQNAIAUgCkkEQCAGIA1qIAVq/QAEACIQIAMgDWogBWr9AAQA/fIBIA/98AEhDyALIA1qIAVqIBAgBSAHav0ABAAgBCANaiAFav0ABAD98gH98QH9CwQAIAVBEGohBQwBCwsgCEEBaiEIDAELCyAMIA/9CwQAIAtBgAVqIA4gACABIAogDEEQaiABQQR0EAQgCUUEQA8LIAxBEGogASAObEEEdGohCEEBIQUDQCACIAVKBEBBASEGA0AgBSAGTgRAIAQgBUGABWxqIQkgBCAGQYAFbGohDEEAIQMDQCADIApJBEAgAyALaiADIAlq/QAEAP0MAAAAAAAA8D8AAAAAAADwP/0MAAAAAAAAAAAAAAAAAAAAACAFIAZGGyADIAxq/QAEAP3xAf3yASADIAdq/QAEAP3yAf0LBAAgA0EQaiEDDAELCyAAIAEgCyAKIAtBgAVqIAgQCCAGQQFqIQYgCCABIAFsQQR0aiEIDAELCyAFQQFqIQUMAQsLC5wBAQJ/IAAgAUEBayIBIAJsQQFqQQN0aiEAIAEgAUEBamxBAXUhBANAIARBAEoEQEEAIQEDQCABIAJIBEAgAUEBaiEDA0AgAiADSgRAIAAgAiADbCABakEDdGogACABIAJsIANqQQN0aisDADkDACADQQFqIQMMAQsLIAFBAWohAQwBCwsgBEEBayEEIAAgAiACbEEDdGohAAwBCwsLqQECBX8BeyABQQR0IQcDQCABQQBKBEBBAkEBIAFBAUobIQhBACEGA0AgAyAGSwRAIAQgBmoiCSACIAZq/QAEACILIAAgBmoiCv0ABAD98gH9CwQAIAhBAkYEQCAJIAsgCv0ABIAF/fIB/QsEgAULIAZBEGohBgwBCwsgBCAIIAAgASADIAUgBxAEIAFBAmshASAAQYAKaiEAIAUgB0EBdEEgamohBQwBCwsLzQICAn8CewNAIAUgBksEQCADIAZq/QAEACABIAZq/QAEAP3yASAJ/fABIQkgBkEQaiEGDAELC0EAIQMDQCACIAdKBEBBACEGA0AgBSAGSwRAIAMgBGogBmogACADaiAGav0ABAAgASAGav0ABAD98QH9CwQAIAZBEGohBgwBCwsgAyAEaiIGIAYgBRADIAdBAWohByADQYAFaiEDDAELCyAEIAJBgAVsaiEDQQAhAANAIAAgBUkEQCAAIARq/QAEACEIIARBgAVqIABqIQIDQCACIANJBEAgCCAC/QAEAP3wASEIIAJBgAVqIQIMAQsLIAAgAWogCP0LBAD9DAAAAAAAAPA/AAAAAAAA8D8gCP3zASEIIAAgBGohAgNAIAIgA0kEQCACIAL9AAQAIAj98gH9CwQAIAJBgAVqIQIMAQsLIABBEGohAAwBCwsgCQu4BQIHewF/IAAgAUEIdGohCSAA/QAEACEDIABBgAJqIQEDQCABIAlJBEAgAyAB/QAEAP3rASEDIAFBgAJqIQEMAQsLIAAhAQNAIAEgCUkEQCAB/QAEACAD/eUBIgRB6An9CQIAIgX96wEiBkHsCf0JAgD95gFB8An9CQIAIgf95AEiCCAH/eUBIQcgASAGIAdB9An9CQIA/eYB/eUBIAdB+An9CQIA/eYB/eUBIgYgBv3mASAGIAYgBiAGIAZB/An9CQIA/eYBQYAK/QkCAP3kAf3mAUGECv0JAgD95AH95gFBiAr9CQIA/eQB/eYBQYwK/QkCAP3kAf3mAUGQCv0JAgD95AH95gEgBv3kAUGUCv0JAgD95AEgCEEX/asB/a4BIAQgBf1D/U8iBP0LBAAgAiAE/eQBIQIgAUGAAmohAQwBCwv9DAAAgD8AAIA/AACAPwAAgD8gAv3nASEEA0AgACAJSQRAIAAgAP0ABAAgBP3mAf0LBAAgAEGAAmohAAwBCwsgAv0MDftKAA37SgAN+0oADftKAP2uASICQRf9rQH9DH8AAAB/AAAAfwAAAH8AAAD9sQH9+gEhBCAC/Qz//38A//9/AP//fwD//38A/U79DPMENT/zBDU/8wQ1P/MENT/9rgFBvAr9CQIA/eUBIgIgAv3mASEFIAMgBEHICv0JAgD95gEgAiAEQcQK/QkCAP3mASACIAIgAiACIAIgAiACIAJBmAr9CQIA/eYBQZwK/QkCAP3kAf3mAUGgCv0JAgD95AH95gFBpAr9CQIA/eQB/eYBQagK/QkCAP3kAf3mAUGsCv0JAgD95AH95gFBsAr9CQIA/eQB/eYBQbQK/QkCAP3kAf3mAUG4Cv0JAgD95AEgAv3mASAF/eYB/eQBIAVBwAr9CQIA/eYB/eUB/eQB/eQB/eQBC5UBAQN/QQwoAgBBA0YEQEHQACgCACIBQdQAKAIAbCIAIAFBAWtqIgJBwBhsQYCgDGpByAAoAgBBjwZqQZAGbWwgAkEKdGogACABQQF0akEJdGoPC0EMKAIABH9B0AAoAgAiAEHUACgCACIBIAAgAUobQQJ0IABqQQRqBUHQACgCAEEFbEEFagtBgAVsQfQAKAIAQQR0agu9AwEGfwNAQQj+EAIAQRQoAgBIBEAgAEGgH0oEQEEIQQj+EAIAQsCEPf4BAgAaCyAAQQFqIQAMAQsLQQEhAQNAIAFBFCgCAEgEQEH4ACgCACABQfQAKAIAQQN0bGohA0EAIQADQCAAQfQAKAIAQQN0SQRAIABB+AAoAgBqIgQgBCsDACAAIANqKwMAoDkDACAAQQhqIQAMAQsLIAFBAWohAQwBCwtBDCgCAEUEQEH4ACgCACIAQQhqIABBECgCACIBQQFxGyEAIAFBAnEEQCABQQRxQQBHIQQDQCACQdAAKAIASARAAn8gAEHIACgCACIFQQJqQQN0aiIDIARFDQAaQQAhAANAIAAgBUgEQCAAQQFqIQEDQCABIAVIBEAgAyABIAVsIABqQQN0aiADIAAgBWwgAWpBA3RqKwMAOQMAIAFBAWohAQwBCwsgAEEBaiEADAELCyADQcgAKAIAIgAgAGxBA3RqCyEAIAJBAWohAgwBCwsLQRAoAgBBEHEEQCAAQdAAKAIAQcwAKAIAEAcLC0EMKAIAQQJGBH9BECgCAEEQcQVBAAsEQEH4ACgCAEHUACgCAEHIACgCABAHCwshAQF/A0BBACABQn/+AQIAGkEA/hACACEBIAAQBQwACwALnwgCEn8Ge0HQACgCACIGQdQAKAIAIgggBiAIShtBgAVsIgQgAmoiDyAEaiIMIAZBgAVsaiIQQYAFaiIRQYAFaiENA0AgACABSARAQSQoAgAgAEEoKAIAbGohCUHQAEEgKAIAIABB0ABsayIEIARB0ABOG0EBakEBdkEEdCEHAn9BOCgCACIEBEAgBCAJagwBC0HAAEHEAEE4KAIABH9BAAVBICgCACAAQQFqQdAAbE4LGygCAAshE0E4KAIABH9BAAVBICgCACAAQQFqQdAAbE4LIRIgCUEwKAIAakHMACgCAEHgACgCACAGQQFrIAJBgAVqEAEgAiAGIA8gESAHEAIgDCACIAZBgAVs/AoAAEHcACgCACEOQQAhCgNAIAYgCkoEQCAJQSwoAgBqQcgAKAIAIA4gCEEBayACQYAFaiIFEAFBASELQTwoAgAiBARAIAQgCWohFQNAIAtBAEoEQEEAIQQDQCAEIAdJBEAgBCAFaiIUIBT9AAQAIAQgFWr9AAQA/fAB/QsEACAEQRBqIQQMAQsLIAtBAWshCyAFQYAFaiEFDAELCwsgAiAIIA8gECAHEAIgDCAKQYAFbGohC0EAIQQDQCAEIAdJBEAgCUE0KAIAaiAEav0ABAAhFyACIARqIhT9AAQAIRZBASEFA0AgBSAISARAIBQgBUGABWxq/QAEACAWIBcgBbf9FP1H/VIhFiAFQQFqIQUMAQsLIAQgEGr9AAQA/QwzxICZYV8JADPEgJlhXwkA/c4BIhdBNP3NAf0MAAAAAAAAMEMAAAAAAAAwQ/1QQeAJ/QoDAP3xASEaIBf9DP///////w8A////////DwD9Tv0MzTt/Zp6g5j/NO39mnqDmP/3OAUHQCf0KAwD98QEiGCAYQdgJ/QoDAP3wAf3zASIbIBv98gEiFyAX/fIBIRkgBCALaiIF/QAEACAWIBpBwAn9CgMA/fIBIBggGCAY/fIBQcgJ/QoDAP3yASIWIBsgFiAZIBkgGUGACf0KAwD98gFBiAn9CgMA/fAB/fIBQZAJ/QoDAP3wAf3yASAXIBkgGSAZQZgJ/QoDAP3yAUGgCf0KAwD98AH98gFBqAn9CgMA/fAB/fIBQbAJ/QoDAP3wAf3yAf3wAf3wAf3yASAaQbgJ/QoDAP3yAf3wAf3xAf3xAf3wAf3xAf3wASEWIAUgFv0LBAAgBCANaiIFIAoEeyAF/QAEACAW/fcBBSAWC/0LBAAgBEEQaiEEDAELCyAOQcgAKAIAIAhBAWtsQQN0aiEOIApBAWohCgwBCwsgDCANIAYgE0HoACgCACAAQdAAKAIAbEGABWxqIAcQCSEWIAMgA/0ABAAgFiANIBMgEiAHEAAgESATIBIgBxAA/fEB/fAB/fAB/QsEACAAQQFqIQAMAQsLC4gFAg9/AXtB1AAoAgAiCEGABWwiBSACIgRqIQkgBSAFIAlqIgpqIgxBgAVqIgtBgAVqIQ4gACECA0AgASACSgRAQdAAQSAoAgAgAkHQAGxrIgAgAEHQAE4bQQFqQQF2QQR0IQdBJCgCACACQSgoAgBsaiINQSwoAgBqIg9ByAAoAgBB3AAoAgAgCEEBayAEQYAFaiIAEAFBASEGQTwoAgAiBQRAIAUgDWohEANAIAZBAEoEQEEAIQUDQCAFIAdJBEAgACAFaiIRIBH9AAQAIAUgEGr9AAQA/fAB/QsEACAFQRBqIQUMAQsLIAZBAWshBiAAQYAFaiEADAELCwsgBCAIIAkgDCAHEAICf0E4KAIAIgAEQCAAQSQoAgAgAkEoKAIAbGpqDAELQcAAQcQAQTgoAgAEf0EABUEgKAIAIAJBAWpB0ABsTgsbKAIACyERQegAKAIAIAJB0AAoAgBsQYAFbGpB2AAoAgBBgAVsaiEQQQAhAEEAIQYDQCAAQQBMBEBBACEFA0AgBSAHSQRAIAYgCmogBWogBSARav0ABAAgBiAQaiAFav0ABAD98gEiE/0LBAAgBSALaiISIAAEeyATIBL9AAQA/fABBSATC/0LBAAgBUEQaiEFDAELCyAAQQFqIQAgBkGABWohBgwBCwtBACEAA0AgACAISARAIAogAEGABWxqIQZBACEFA0AgBSAHSQRAIAUgBmogDUE0KAIAaiAFav0ABAAgALf9FP1HIAUgC2r9AAQA/U79CwQAIAVBEGohBQwBCwsgAEEBaiEADAELCyAPQcgAKAIAIAggBCAJIAwgCiALQQBBECgCAEEQcUEARyAHIA4gAxAGIAJBAWohAgwBCwsLrAoCGX8Fe0HQACgCACIFQYAFbCIEIAJqIg4gBGohECAEIAQgEGoiD2oiEUGABWoiB0GABWohFEEQKAIAIgRBEHFBAEchFiADQRBqIAMgBEEBcRsiEkHIACgCACIMQQJqIAwgDGxBACAEQQRxQQBHIhcbakEEdCIVIAVsaiASIARBAnEbIRggACEGA0AgASAGSgRAQSQoAgAgBkEoKAIAbGoiDUEsKAIAaiETQdAAQSAoAgAgBkHQAGxrIgAgAEHQAE4bQQFqQQF2QQR0IQsCf0E4KAIAIgAEQCAAIA1qDAELQcAAQcQAQTgoAgAEf0EABUEgKAIAIAZBAWpB0ABsTgsbKAIACyEZQTgoAgAEf0EABUEgKAIAIAZBAWpB0ABsTgshCEHoACgCACAGQdAAKAIAbEGABWxqIRogDUEwKAIAakHMACgCAEHgACgCACAFQQFrIA5BgAVqEAEgDiAFIBAgESALEAJBECgCAEEDcQRAIBMgDEHcACgCACAFIAIQASACIQQgBSEAQTwoAgAiCQRAIAkgDWohCgNAIABBAEoEQEEAIQkDQCAJIAtJBEAgBCAJaiIbIBv9AAQAIAkgCmr9AAQA/fAB/QsEACAJQRBqIQkMAQsLIABBAWshACAEQYAFaiEEDAELCwsgDUE0KAIAaiEKIAIhBCAFIQADQCAAQQBKBEBBACEJA0AgCSALSQRAIAQgCWoiGyAJIApq/QAEACAb/QAEAP3xAf0LBAAgCUEQaiEJDAELCyAAQQFrIQAgBEGABWohBAwBCwsLQRAoAgBBAXEEQEEAIQBBACEJA0AgAEHQACgCAEgEQEHkACgCACAAQQR0aiIE/QoDACEdIAT9CgMIIR5BACEEA0AgBCALSQRAIAkgD2ogBGogHiACIAlqIARq/QAEACAd/fIBIh/9DAAAAAAAAOA/AAAAAAAA4D/98gEgH/3yAf3xASAJIA5qIARq/QAEAP3wASIf/QsEACAEIAdqIgogAAR7IAr9AAQAIB/99wEFIB8L/QsEACAEQRBqIQQMAQsLIABBAWohACAJQYAFaiEJDAELCyAPIAcgBSAZIBogCxAJIR0gAyAD/QAEACAdIAcgGSAIIAsQACARIBkgCCALEAD98QH98AH98AH9CwQACyAIBEBBECgCAEEhcUEARyEICyAIBH9BwAAoAgAFIAcLIQQgCEUEQEEAIQlBACEKA0AgBSAJSgRAQQAhAANAIAAgC0kEQCAKIA9qIABqIAAgGWr9AAQAIAogGmogAGr9AAQA/fIBIh39CwQAIAAgB2oiGyAJBHsgHSAb/QAEAP3wAQUgHQv9CwQAIABBEGohAAwBCwsgCUEBaiEJIApBgAVqIQoMAQsLCyAaIA8gCBshGUEQKAIAQQJxBEBBACEAA0AgACAFSARAIABBgAVsIgkgGWohGiACIAlqIRsgEiAAIBVsaiIc/QAEACEdIBz9AAQQIR5BACEJA0AgCSALSQRAIAkgGmr9AAQAIiAgCSAbaiIK/QAEACIf/fIBISEgHSAg/fABIR0gISAf/fIBIB798AEhHiAKICH9CwQAIAlBEGohCQwBCwsgHCAd/QsEACAcIB79CwQQIBcEQCATIAwgGiALIBQgHEEgaiAMQQR0ahAICyAAQQFqIQAMAQsLIAIgBSATIAwgCyASQSBqIBUQBAtBECgCAEEIcQRAIA1BMCgCAGpBzAAoAgAgBSAOIBAgESAZIAQgCCAWIAsgFCAYEAYLIAZBAWohBgwBCwsL6gICBXsBfwNAIAggAkEDdEkEQCAAIAhq/QAEAP0MM8SAmWFfCQAzxICZYV8JAP3OASIEQTT9zQH9DAAAAAAAADBDAAAAAAAAMEP9UEHgCf0KAwD98QEhAyAE/Qz///////8PAP///////w8A/U79DM07f2aeoOY/zTt/Zp6g5j/9zgFB0An9CgMA/fEBIgYgBkHYCf0KAwD98AH98wEiByAH/fIBIgQgBP3yASEFIAEgCGogA0HACf0KAwD98gEgBiAGIAb98gFByAn9CgMA/fIBIgYgByAGIAUgBSAFQYAJ/QoDAP3yAUGICf0KAwD98AH98gFBkAn9CgMA/fAB/fIBIAQgBSAFIAVBmAn9CgMA/fIBQaAJ/QoDAP3wAf3yAUGoCf0KAwD98AH98gFBsAn9CgMA/fAB/fIB/fAB/fAB/fIBIANBuAn9CgMA/fIB/fAB/fEB/fEB/fAB/QsEACAIQRBqIQgMAQsLCw0AIAAgASACQQN0EAMLtAcCDn8Ne0HIACgCAEEPakFwcSEPQdwAKAIAIQkgAkEAQdAAKAIAIgNBAWsgA0HUACgCAGxqIghBCnT8CwADQCAPIBBKBEAgACAQaiEGIAEhA0GQBiAPIBBrIgQgBEGQBk4bIQpBACEHA0AgB0HAAEgEQCADIQUgBiEEIAYgCmohCwNAIAQgC0kEQCAFIAT9AAQAIhH9iQEiEv2pAf36Af0LBAAgBSAS/aoB/foB/QsEECAFIBH9igEiEf2pAf36Af0LBCAgBSAR/aoB/foB/QsEMCAEQRBqIQQgBUFAayEFDAELCyAHQQFqIQcgBiAPaiEGIANBwBhqIQMMAQsLIApBAnQhDiAJIQQgAiEHIAghBQNAIAVBAk4EQCABIQMgByIGQYAIaiENA0AgBiANSQRAIAb9AAQAIRsgBv0ABIAIIRogBv0ABBAhGSAG/QAEkAghGCAG/QAEICEXIAb9AASgCCEWIAb9AAQwIRUgBv0ABLAIIRQgBCEKIAMhCyADIA5qIQwDQCALIAxJBEAgC/0ABAAiEyAK/QAEACIc/eYBIBv95AEhGyAL/QAEwBgiEiAc/eYBIBn95AEhGSAL/QAEgDEiESAc/eYBIBf95AEhFyAL/QAEwEkiHSAc/eYBIBX95AEhFSATIAr9AATAGCIT/eYBIBr95AEhGiASIBP95gEgGP3kASEYIBEgE/3mASAW/eQBIRYgHSAT/eYBIBT95AEhFCALQRBqIQsgCkEQaiEKDAELCyAGIBv9CwQAIAYgGv0LBIAIIAYgGf0LBBAgBiAY/QsEkAggBiAX/QsEICAGIBb9CwSgCCAGIBX9CwQwIAYgFP0LBLAIIAZBQGshBiADQYDiAGohAwwBCwsgBUECayEFIARBgDFqIQQgB0GAEGohBwwBCwsgBUEBRgRAIAEhBSAHQYAIaiEKA0AgByAKSQRAIAf9AAQAIRsgB/0ABBAhGiAH/QAEICEZIAf9AAQwIRggBCEGIA4gBSIDaiELA0AgAyALSQRAIAP9AAQAIAb9AAQAIhH95gEgG/3kASEbIAP9AATAGCAR/eYBIBr95AEhGiAD/QAEgDEgEf3mASAZ/eQBIRkgA/0ABMBJIBH95gEgGP3kASEYIANBEGohAyAGQRBqIQYMAQsLIAcgG/0LBAAgByAa/QsEECAHIBn9CwQgIAcgGP0LBDAgB0FAayEHIAVBgOIAaiEFDAELCwsgCSAIQcAYbGohCSABQYCgDGohASAQQZAGaiEQDAELCwuMFQIXfwR7QdAAKAIAIgRB1AAoAgBsIgUgBEEBdGpBCHQhECACQcgAKAIAQY8GakGQBm0iBkGAoAxsaiISIAYgBEEBayAFaiIRbEHAGGwiBmoiCiARQQp0aiINIBFBAWpBCHRqIgUgBEEIdGohD0EQKAIAIgRBMHFBAEchFiAEQcAAcUEARyEUIARB9ABxQQBHIRMgEkEAIAb8CwAgA0EAQfQAKAIAQQN0/AsAIAAhCQNAIAEgCUoEQEEkKAIAIAlBKCgCAGxqIhVBNCgCAGohGiAUBEAgAiEAIA1BgAJqIQxByAAoAgBBD2pBcHEhF0EAIQsDQCALIBdIBEAgCyAVaiEIIAAhBEGQBiAXIAtrIgYgBkGQBk4bIRhBACEOA0AgDkHAAEgEQCAEIQYgGCAIIgdqIRkDQCAHIBlJBEAgBiAH/QAEACIb/YkBIhz9qQH9+gH9CwQAIAYgHP2qAf36Af0LBBAgBiAb/YoBIhv9qQH9+gH9CwQgIAYgG/2qAf36Af0LBDAgB0EQaiEHIAZBQGshBgwBCwsgDkEBaiEOIAggF2ohCCAEQcAYaiEEDAELC0EAIQYDQCAGQcgAKAIAIAtrIgQgGCAEIBhIG0gEQCAAIAZBAnRqIQcgDEGAAmohBANAIAQgDEsEQCAMIAcqAgA4AgAgDEEEaiEMIAdBwBhqIQcMAQsLIAZBAWohBgwBCwsgC0GQBmohCyAAQYCgDGohAAwBCwsFIBUgAiAKEBMgCiEAIA1BgAJqIQRBACELA0AgC0HQACgCACIGQQFrIAZB1AAoAgBsakgEQEHgACgCACALQQJ0av0JAgAhGyAEQYACaiEGA0AgBCAGSQRAIAQgAP0ABAAiHCAA/QAEECId/Q0AAQIDEBESEwQFBgcUFRYXIBwgHf0NCAkKCxgZGhsMDQ4PHB0eH/3kASIcIAD9AAQgIh0gAP0ABDAiHv0NAAECAxAREhMEBQYHFBUWFyAdIB79DQgJCgsYGRobDA0ODxwdHh/95AEiHf0NAAECAwQFBgcQERITFBUWFyAcIB39DQgJCgsMDQ4PGBkaGxwdHh/95AEgG/3kAf0LBAAgBEEQaiEEIABBQGshAAwBCwsgC0EBaiELDAELCwsgDUEAQYAC/AsAIBYEQCAPQewAKAIAIAkgEGxqIBD8CgAAC0EQKAIAQRBxBEBB0AAoAgAhCEEAIQADQCAAQYACSQRAIA8gCCAIQdQAKAIAbGpBCHRqIABqIQsgACAPaiEGIAAgDWohB/0MAAAAAAAAAAAAAAAAAAAAACEbIAhBCHQhDEEAIQQDQCAEIAxJBEAgBCAGav0ABAAgBCAHav0ABAD95gEgG/3kASEbIARBgAJqIQQMAQsLQQAhBANAIAQgDEkEQCAEIAdqIg79DAAAgD8AAIA/AACAPwAAgD8gBCAGav0ABAD95gEgDv0ABAAgG/3lAf3mAf0LBAAgBEGAAmohBAwBCwtBACEHA0AgByAISARAIAhB1AAoAgAiBCAHbGpBCHQgAGoiBiAPaiEMIAYgDWohDiALIAdBCHRq/QAEACEc/QwAAAAAAAAAAAAAAAAAAAAAIRsgBEEIdCEEQQAhBgNAIAQgBksEQCAGIAxq/QAEACAGIA5q/QAEAP3mASAb/eQBIRsgBkGAAmohBgwBCwtBACEGA0AgBCAGSwRAIAYgDmoiFSAcIAYgDGr9AAQA/eYBIBX9AAQAIBv95QH95gH9CwQAIAZBgAJqIQYMAQsLIAdBAWohBwwBCwsgAEEQaiEADAELCwVBECgCAEEgcQRAQQAhBkHQACgCACEIQdQAKAIAIQsDQCAGQYACSQRAIBogBkECdmr9XAIA/YkB/akBIR0gDyAIIAggC2xqQQh0aiAGaiEM/QwAAAAAAAAAAAAAAAAAAAAAIRwgCEEIdCAGaiEHQQAhAANAIAAgCEEIdEkEQCAAIA1qIAZq/QAEACEbQQAhBANAIAQgC0gEQP0MAACAPwAAgD8AAIA/AACAPyAdIAT9Ef03/U4gByAPav0ABAD95QEiHiAHIA1qIg79AAQA/eYBIBv95AEhGyAOIB79CwQAIARBAWohBCAHQYACaiEHDAELCyAAIA1qIAZqIBv9CwQAIAAgDGr9AAQAIBv95gEgHP3kASEcIABBgAJqIQAMAQsLIAhBCHQgBmohB0EAIQADQCAAIAhBCHRJBEAgACAMav0ABAAgACANaiAGaiIE/QAEACAc/eUB/eYBIRsgBCAb/QsEAEEAIQQDQCAEIAtIBEAgByANaiIOIBsgDv0ABAD95gH9CwQAIARBAWohBCAHQYACaiEHDAELCyAAQYACaiEADAELCyAGQRBqIQYMAQsLBSAURQRAQcAAQSAoAgAgCUEGdCIAayIEIARBwABOGyEHQRAoAgBBCHEEQCAFIgRBAEHQACgCAEEIdPwLAEHsACgCAEHQACgCACAAbEECdGohDEEAIQYDQCAGIAdIBEBBACELA0AgC0HQACgCAEgEQCAEIAtBCHRqIAwqAgA4AgAgC0EBaiELIAxBBGohDAwBCwsgBkEBaiEGIARBBGohBAwBCwsLIAMgAysDACAaIA0gBSAHEBWgOQMAQRAoAgBBAnEEQEHwACgCACAJIBBsaiANIBD8CgAAC0EQKAIAQQFxBEAgBSEEQfAAKAIAQdAAKAIAIAlBBnRsQQJ0aiEMQQAhBgNAIAYgB0gEQEEAIQsDQCALQdAAKAIASARAIAwgBCALQQh0aioCADgCACALQQFqIQsgDEEEaiEMDAELCyAGQQFqIQYgBEEEaiEEDAELCwsgEwRAQdAAKAIAIQZBACEEA0AgBEGAAkkEQCAaIARBAnZq/VwCAP2JAf2pASEbIAQgDWoiByAGQQh0aiELQQAhAANAIAAgBkEIdEkEQCAAIAdqIgggACAFaiAEav0ABAAiHCAI/QAEAP3lAf0LBABBACEMA0AgDEHUACgCAEgEQCALIBz9DAAAgD8AAIA/AACAPwAAgD8gGyAM/RH9N/1OIAv9AAQA/eUB/eYB/QsEACAMQQFqIQwgC0GAAmohCwwBCwsgAEGAAmohAAwBCwsgBEEQaiEEDAELCwsLCwsgEwRAIA1BgAJqIQAgA0EIaiEHQdAAKAIAIgRBAWsgBEHUACgCAGxqIQQDQCAEQQBKBED9DAAAAAAAAAAAAAAAAAAAAAAhGyAAQYACaiEGA0AgACAGSQRAIBsgAP0ABAD95AEhGyAAQRBqIQAMAQsLIAcgBysDACAb/R8AuyAb/R8Cu6CgIBv9HwG7IBv9HwO7oKA5AwAgBEEBayEEIAdByAAoAgBBAWpBA3RqIQcMAQsLIAIgDUGAAmogEhAWCyAJQQFqIQkMAQsLIBNFBEAPC0EAIQADQCAAIBFIBEAgA0EQaiAAQcgAKAIAQQFqbEEDdGohBEEAIQEDQEHIACgCACIFIAFBkAZsIgZKBEAgEiABIBFsIABqQcAYbGoiAkGQBiAFIAZrIgUgBUGQBkobQQJ0aiEFA0AgAiAFSQRAIAQgAioCALs5AwAgAkEEaiECIARBCGohBAwBCwsgAUEBaiEBDAELCyAAQQFqIQAMAQsLC/UIAgl7CH9B0AAoAgAhEkHUACgCACEQQRAoAgBBCHFBAEchDgNAIBNBgAJJBEAgACATQQJ2av1cAgD9iQH9qQEhBv0MAACA/wAAgP8AAID/AACA/yEM/QwAAAAAAAAAAAAAAAAAAAAAIQQgASATaiIPIBJBCHRqIRRBACERA0AgESASSARAIBT9AAQAIQdBASENA0AgDSAQSARAIBQgDUEIdGr9AAQAIAcgBiAN/RH9N/1SIQcgDUEBaiENDAELCyARQQh0Ig0gD2r9AAQAIAcgFCAQEAr95QH95AEhBSACIA1qIBNqIQ0gDgRAIA39AAQAIAX95gEgBP3kASEEBSANIAX9CwQACyAMIAX96wEhDCARQQFqIREgFCAQQQh0aiEUDAELCyAPIBIQCiEK/QwAAIA/AACAPwAAgD8AAIA/IQcgDkUEQP0MAAAAAAAAAAAAAAAAAAAAACEEIAIgE2ohFCACIBJBCHRqIQ0DQCANIBRLBEAgFP0ABAAgDP3lASIJQegJ/QkCACII/esBIgdB7An9CQIA/eYBQfAJ/QkCACIF/eQBIgYgBf3lASEFIBQgByAFQfQJ/QkCAP3mAf3lASAFQfgJ/QkCAP3mAf3lASIFIAX95gEgBSAFIAUgBSAFQfwJ/QkCAP3mAUGACv0JAgD95AH95gFBhAr9CQIA/eQB/eYBQYgK/QkCAP3kAf3mAUGMCv0JAgD95AH95gFBkAr9CQIA/eQB/eYBIAX95AFBlAr9CQIA/eQBIAZBF/2rAf2uASAJIAj9Q/1PIgX9CwQAIAQgBf3kASEEIBRBgAJqIRQMAQsL/QwAAIA/AACAPwAAgD8AAIA/IAT95wEhByAE/QwN+0oADftKAA37SgAN+0oA/a4BIgRBF/2tAf0MfwAAAH8AAAB/AAAAfwAAAP2xAf36ASEGIAT9DP//fwD//38A//9/AP//fwD9Tv0M8wQ1P/MENT/zBDU/8wQ1P/2uAUG8Cv0JAgD95QEiBSAF/eYBIQQgDCAGQcgK/QkCAP3mASAFIAZBxAr9CQIA/eYBIAUgBSAFIAUgBSAFIAUgBUGYCv0JAgD95gFBnAr9CQIA/eQB/eYBQaAK/QkCAP3kAf3mAUGkCv0JAgD95AH95gFBqAr9CQIA/eQB/eYBQawK/QkCAP3kAf3mAUGwCv0JAgD95AH95gFBtAr9CQIA/eQB/eYBQbgK/QkCAP3kASAF/eYBIAT95gH95AEgBEHACv0JAgD95gH95QH95AH95AH95AEhBAsgByATQQJ1/RH9DAAAAAABAAAAAgAAAAMAAAD9rgEgA/0R/TkiBv1OIQUgCyAEIAr95QEgBv1OIgT9XyAEIAT9DQgJCgsMDQ4PAAECAwQFBgf9X/3wAf3wASELQQAhFANAIBQgEkEIdEkEQCACIBRqIBNqIg0gDf0ABAAgBf3mAf0LBAAgDyAUaiINIA39AAQAIAb9Tv0LBAAgFEGAAmohFAwBCwsgE0EQaiETDAELCyAL/SEAIAv9IQGgC74HAgt/DXtB0AAoAgAiA0EBayADQdQAKAIAbGohBEHIACgCAEEPakFwcSEJA0AgCSAKSgRAQZAGIAkgCmsiAyADQZAGThtBAnQhCEEAIQwDQCAIIAxLBEAgASEDIAIgDGohDSAEIQYDQCAGQQJOBEAgACAMaiELIAMhBf0MAAAAAAAAAAAAAAAAAAAAACEa/QwAAAAAAAAAAAAAAAAAAAAAIRn9DAAAAAAAAAAAAAAAAAAAAAAhGP0MAAAAAAAAAAAAAAAAAAAAACEX/QwAAAAAAAAAAAAAAAAAAAAAIRb9DAAAAAAAAAAAAAAAAAAAAAAhFf0MAAAAAAAAAAAAAAAAAAAAACEU/QwAAAAAAAAAAAAAAAAAAAAAIRMgA0GAAmohBwNAIAUgB0kEQCAL/QAEACIOIAX9CQIAIhD95gEgGv3kASEaIAv9AAQQIhIgEP3mASAZ/eQBIRkgC/0ABCAiESAQ/eYBIBj95AEhGCAL/QAEMCIPIBD95gEgF/3kASEXIA4gBf0JAoACIg795gEgFv3kASEWIBIgDv3mASAV/eQBIRUgESAO/eYBIBT95AEhFCAPIA795gEgE/3kASETIAVBBGohBSALQcAYaiELDAELCyANIA39AAQAIBr95AH9CwQAIA0gDf0ABBAgGf3kAf0LBBAgDSAN/QAEICAY/eQB/QsEICANIA39AAQwIBf95AH9CwQwIA0gDf0ABMAYIBb95AH9CwTAGCANIA39AATQGCAV/eQB/QsE0BggDSAN/QAE4BggFP3kAf0LBOAYIA0gDf0ABPAYIBP95AH9CwTwGCAGQQJrIQYgA0GABGohAyANQYAxaiENDAELCyAGQQFGBEAgACAMaiEG/QwAAAAAAAAAAAAAAAAAAAAAIRr9DAAAAAAAAAAAAAAAAAAAAAAhGf0MAAAAAAAAAAAAAAAAAAAAACEY/QwAAAAAAAAAAAAAAAAAAAAAIRcgA0GAAmohBQNAIAMgBUkEQCAG/QAEACAD/QkCACIO/eYBIBr95AEhGiAG/QAEECAO/eYBIBn95AEhGSAG/QAEICAO/eYBIBj95AEhGCAG/QAEMCAO/eYBIBf95AEhFyADQQRqIQMgBkHAGGohBgwBCwsgDSAN/QAEACAa/eQB/QsEACANIA39AAQQIBn95AH9CwQQIA0gDf0ABCAgGP3kAf0LBCAgDSAN/QAEMCAX/eQB/QsEMAsgDEFAayEMDAELCyAAQYCgDGohACACIARBwBhsaiECIApBkAZqIQoMAQsLCwvmAgQAQYAIC4ABAAAAAAAghsD+gitlRxX3PwAAAAAAADhDAADg/kIu5j92PHk17znqPX1uAe7z11o+VxdVuNmKkj6iADFb8h3HPv0zJp6ZAfo+UfOgEqABKj8Ii0MYbMFWPw59EhEREYE/PghVVVVVpT/5VFVVVVXFPwoAAAAAAOA/AAAAAAAA8D8AQYAJC2ifxnjQCZrDP694jh3Fccw/BPqXmZmZ2T9EUj7fEvHCP94Dy5ZkRsc/WZMilCRJ0j+TVVVVVVXlP3Y8eTXvOeo9AADg/kIu5j8AAAAAAADgPwAAAAAAAPA/AAAAAAAAAED/AwAAAAAwQwBB6AkLMAAArsI7qrg/AABASwCAMT+DgF65Z2lQOc5DtzoIiQg8wakqPaqqKj4AAAA/AACAPwBBmAoLNLshkD240eu9GiXvPU9d/r2/6RE+UK4qvqzOTD78/3++qqqqPgAAgD8AAAA/g4BeuQCAMT8=";
const relaxed = "AGFzbQEAAAABZA1gA39/fwBgBH9/f38AYAV/f39/fwBgAX8AYAR/f39/AXtgB39/f39/f38AYA1/f39/f39/f39/f39/AGAGf39/f39/AGAGf39/f39/AXtgAn9/AXtgAAF/YAAAYAR/f39/AXwCEgEDZW52Bm1lbW9yeQIDAYCABAMYFwQCAgAFAwYABwgJCgsDAQEBAAAAAQwABzkGBWV4cE9mABIFbG9nT2YAEQZhdHRlbmQADQZmaW5pc2gADAxzY3JhdGNoQnl0ZXMACwR3b3JrAAUMAQQKtnwXtQUBBnsgAgRAIAD9AAQAIQRBECEBA0AgASADSQRAIAQgACABav0ABAD98gEhBCABQRBqIQEMAQsLIAT9DDPEgJlhXwkAM8SAmWFfCQD9zgEiBEE0/c0B/QwAAAAAAAAwQwAAAAAAADBD/VBB4An9CgMA/fEBIQUgBP0M////////DwD///////8PAP1O/QzNO39mnqDmP807f2aeoOY//c4BQdAJ/QoDAP3xASIEIARB2An9CgMA/fAB/fMBIgYgBv3yASIHIAf98gEhCCAFQcAJ/QoDACAEIAQgBP3yAUHICf0KAwD98gEiBCAGIAQgCCAIIAhBgAn9CgMAQYgJ/QoDAP2HAkGQCf0KAwD9hwIgByAIIAggCEGYCf0KAwBBoAn9CgMA/YcCQagJ/QoDAP2HAkGwCf0KAwD9hwL98gH9hwL98AEgBUG4Cf0KAwD98gH9hwL98QH98QH9hwIPC0EAIQIDQCACIANJBEAgACACav0ABAD9DDPEgJlhXwkAM8SAmWFfCQD9zgEiBUE0/c0B/QwAAAAAAAAwQwAAAAAAADBD/VBB4An9CgMA/fEBIQYgBf0M////////DwD///////8PAP1O/QzNO39mnqDmP807f2aeoOY//c4BQdAJ/QoDAP3xASIHIAdB2An9CgMA/fAB/fMBIgggCP3yASIJIAn98gEhBSABIAJq/QAEACAGQcAJ/QoDACAHIAcgB/3yAUHICf0KAwD98gEiByAIIAcgBSAFIAVBgAn9CgMAQYgJ/QoDAP2HAkGQCf0KAwD9hwIgCSAFIAUgBUGYCf0KAwBBoAn9CgMA/YcCQagJ/QoDAP2HAkGwCf0KAwD9hwL98gH9hwL98AEgBkG4Cf0KAwD98gH9hwL98QH98QH9hwIgBP2HAiEEIAJBEGohAgwBCwsgBAuOCwIIfw17IAFBA3QhCQNAIANBBE4EQCAAIQUgAUEDdCEKIAQiBkGABWohCwNAIAYgC0kEQP0MAAAAAAAAAAAAAAAAAAAAACEN/QwAAAAAAAAAAAAAAAAAAAAAIQ79DAAAAAAAAAAAAAAAAAAAAAAhD/0MAAAAAAAAAAAAAAAAAAAAACEQ/QwAAAAAAAAAAAAAAAAAAAAAIRH9DAAAAAAAAAAAAAAAAAAAAAAhEv0MAAAAAAAAAAAAAAAAAAAAACET/QwAAAAAAAAAAAAAAAAAAAAAIRQgBSEIIAogAiIHaiEMA0AgByAMSQRAIAj9AAQAIhUgB/0KAwAiFiAN/YcCIQ0gCP0ABBAiFyAWIA79hwIhDiAVIAcgCmr9CgMAIhYgD/2HAiEPIBcgFiAQ/YcCIRAgFSAHIApBAXRq/QoDACIWIBH9hwIhESAXIBYgEv2HAiESIBUgByAKQQNsav0KAwAiFSAT/YcCIRMgFyAVIBT9hwIhFCAHQQhqIQcgCEGABWohCAwBCwsgBiAN/QsEACAGIA79CwQQIAYgD/0LBIAFIAYgEP0LBJAFIAYgEf0LBIAKIAYgEv0LBJAKIAYgE/0LBIAPIAYgFP0LBJAPIAZBIGohBiAFQSBqIQUMAQsLIAIgCUECdGohAiAEQYAUaiEEIANBBGshAwwBCwsgA0ECcQRAIAAhBSABQQN0IQogBCIGQYAFaiELA0AgBiALSQRA/QwAAAAAAAAAAAAAAAAAAAAAIRP9DAAAAAAAAAAAAAAAAAAAAAAhFP0MAAAAAAAAAAAAAAAAAAAAACEN/QwAAAAAAAAAAAAAAAAAAAAAIQ79DAAAAAAAAAAAAAAAAAAAAAAhD/0MAAAAAAAAAAAAAAAAAAAAACEQ/QwAAAAAAAAAAAAAAAAAAAAAIRH9DAAAAAAAAAAAAAAAAAAAAAAhEiAFIQcgCiACIghqIQwDQCAIIAxJBEAgB/0ABAAiFyAI/QoDACIVIBP9hwIhEyAH/QAEECIWIBUgFP2HAiEUIAf9AAQgIhggFSAN/YcCIQ0gB/0ABDAiGSAVIA79hwIhDiAXIAggCmr9CgMAIhUgD/2HAiEPIBYgFSAQ/YcCIRAgGCAVIBH9hwIhESAZIBUgEv2HAiESIAhBCGohCCAHQYAFaiEHDAELCyAGIBP9CwQAIAYgFP0LBBAgBiAN/QsEICAGIA79CwQwIAYgD/0LBIAFIAYgEP0LBJAFIAYgEf0LBKAFIAYgEv0LBLAFIAZBQGshBiAFQUBrIQUMAQsLIARBgApqIQQgAiAJQQF0aiECCyADQQFxBEAgAUEDdCEFIARBgAVqIQYDQCAEIAZJBED9DAAAAAAAAAAAAAAAAAAAAAAhE/0MAAAAAAAAAAAAAAAAAAAAACEU/QwAAAAAAAAAAAAAAAAAAAAAIQ39DAAAAAAAAAAAAAAAAAAAAAAhDv0MAAAAAAAAAAAAAAAAAAAAACEP/QwAAAAAAAAAAAAAAAAAAAAAIRD9DAAAAAAAAAAAAAAAAAAAAAAhEf0MAAAAAAAAAAAAAAAAAAAAACESIAAhASAFIAIiA2ohBwNAIAMgB0kEQCAB/QAEACAD/QoDACIVIBP9hwIhEyAB/QAEECAVIBT9hwIhFCAB/QAEICAVIA39hwIhDSAB/QAEMCAVIA79hwIhDiAB/QAEQCAVIA/9hwIhDyAB/QAEUCAVIBD9hwIhECAB/QAEYCAVIBH9hwIhESAB/QAEcCAVIBL9hwIhEiADQQhqIQMgAUGABWohAQwBCwsgBCAT/QsEACAEIBT9CwQQIAQgDf0LBCAgBCAO/QsEMCAEIA/9CwRAIAQgEP0LBFAgBCAR/QsEYCAEIBL9CwRwIARBgAFqIQQgAEGAAWohAAwBCwsLC6YFAgR/AXsDQCAEIAVLBEAgACAFav0MAAAAAAAAAAAAAAAAAAAAAP0LBAAgAiAFav0MAAAAAAAA8D8AAAAAAADwP/0LBAAgBUEQaiEFDAELCyABQegHTAR//Qz/////////////////////IQkgAEGABWoiBiABQQFrQYAFbGohBwNAIAYgB0kEQEEAIQUDQCAEIAVLBEAgCSAFIAZq/QAEAP3sAf0MAAAAAAAAJEAAAAAAAAAkQP1J/U4hCSAFQRBqIQUMAQsLIAZBgAVqIQYMAQsLIAn9wwEFQQALBH9BAQVBASEGA0AgASAGSgRAIAAgBkGABWxqIQdBACEFA0AgBCAFSwRAIAMgBWogBkEBRgR7/QwAAAAAAAAAAAAAAAAAAAAABSADIAVq/QAEAAsgBSAHav0ABAD99wH9CwQAIAVBEGohBQwBCwsgBkEBaiEGDAELC0EAIQYDQCABIAZKBEAgACAGQYAFbGohB0EAIQUDQCAEIAVLBEAgBSAHaiII/Qz////////v/////////+//IAj9AAQAIAMgBWr9AAQA/fEB/fcB/QsEACAFQRBqIQUMAQsLIAZBAWohBgwBCwtBAAshBQNAIAEgBUoEQCAFQYAFbCIGIABqIAIgBmogBBADIAVBAWohBQwBCwtBACEAA0AgACAESQRAIAAgAmr9AAQAIQkgAkGABWogAGohBSACIAFBgAVsaiEGA0AgBSAGSQRAIAkgBf0ABAD98AEhCSAFQYAFaiEFDAELCyAAIANqIAn9CwQA/QwAAAAAAADwPwAAAAAAAPA/IAn98wEhCSAAIAJqIQUgAiABQYAFbGohBgNAIAUgBkkEQCAFIAX9AAQAIAn98gH9CwQAIAVBgAVqIQUMAQsLIABBEGohAAwBCwsLygICC3sCf0GACP0KAwAhBQNAIAIgD0sEQCAAIA9qIg79AAQAIgYgBf33ASIDQYgI/QoDACIEQZAI/QoDACIK/YcCIgcgCv3xASIIQaAI/QoDACILIAhBmAj9CgMAIgwgA/2IAv2IAiEJIA79AAQQIgggBf33ASIDIAQgCv2HAiINIAr98QEiBCALIAQgDCAD/YgC/YgCIQpBqAj9CgMAIgMhBEEGIQ4DQCAOQQ9JBEAgCSADIA5BA3RBgAhq/QoDACIL/YcCIQMgCiAEIAv9hwIhBCAOQQFqIQ4MAQsLIAEgD2oiDiAJIAn98gEgAyAJ/YcCQfgI/QoDACID/fABIAdBNP3LAf3OASAGIAX9Sf1P/QsEACAOIAogCv3yASAEIAr9hwIgA/3wASANQTT9ywH9zgEgCCAF/Un9T/0LBBAgD0EgaiEPDAELCwuICQIGfwt7A0AgAUECTgRAIAIhByAFIQsgAyEKA0AgCkEETgRAIAAhCSAHIQggC/0ABAAhDiAL/QAEECENIAv9AAQgIRIgC/0ABDAhECAGIAtqIgz9AAQAIQ8gDP0ABBAhFCAM/QAEICETIAz9AAQwIREgACAEaiEMA0AgCSAMSQRAIAn9AAQAIhUgCP0ABAAiFiAO/YcCIQ4gCf0ABIAFIhcgFiAP/YcCIQ8gFSAI/QAEgAUiFiAN/YcCIQ0gFyAWIBT9hwIhFCAVIAj9AASACiIWIBL9hwIhEiAXIBYgE/2HAiETIBUgCP0ABIAPIhUgEP2HAiEQIBcgFSAR/YcCIREgCUEQaiEJIAhBEGohCAwBCwsgCyAO/QsEACALIA39CwQQIAsgEv0LBCAgCyAQ/QsEMCAGIAtqIgggD/0LBAAgCCAU/QsEECAIIBP9CwQgIAggEf0LBDAgCkEEayEKIAdBgBRqIQcgC0FAayELDAELCyAKQQJxBEAgByEIIAv9AAQAIRAgC/0ABBAhDyAGIAtqIgn9AAQAIRQgCf0ABBAhEiAAIQkgACAEaiEMA0AgCSAMSQRAIAn9AAQAIg0gCP0ABAAiDiAQ/YcCIRAgCf0ABIAFIhEgDiAU/YcCIRQgDSAI/QAEgAUiDSAP/YcCIQ8gESANIBL9hwIhEiAJQRBqIQkgCEEQaiEIDAELCyALIBD9CwQAIAsgD/0LBBAgBiALaiIIIBT9CwQAIAggEv0LBBAgC0EgaiELIAdBgApqIQcLIApBAXEEQCAL/QAEACEUIAYgC2r9AAQAIRMgBCAAIghqIQkDQCAIIAlJBEAgCP0ABAAgB/0ABAAiDSAU/YcCIRQgCP0ABIAFIA0gE/2HAiETIAhBEGohCCAHQRBqIQcMAQsLIAsgFP0LBAAgBiALaiAT/QsEAAsgAUECayEBIABBgApqIQAgBSAGQQF0aiEFDAELCyABQQFxBEAgAyEGA0AgBkEETgRAIAIhAyAF/QAEACESIAX9AAQQIRQgBf0ABCAhEyAF/QAEMCERIAAhASAAIARqIQcDQCABIAdJBEAgAf0ABAAiDSAD/QAEACAS/YcCIRIgDSAD/QAEgAUgFP2HAiEUIA0gA/0ABIAKIBP9hwIhEyANIAP9AASADyAR/YcCIREgAUEQaiEBIANBEGohAwwBCwsgBSAS/QsEACAFIBT9CwQQIAUgE/0LBCAgBSAR/QsEMCAGQQRrIQYgAkGAFGohAiAFQUBrIQUMAQsLIAZBAnEEQCACIQMgBf0ABAAhFCAF/QAEECETIAAhASAAIARqIQcDQCABIAdJBEAgAf0ABAAiDSAD/QAEACAU/YcCIRQgDSAD/QAEgAUgE/2HAiETIAFBEGohASADQRBqIQMMAQsLIAUgFP0LBAAgBSAT/QsEECAFQSBqIQUgAkGACmohAgsgBkEBcQRAIAX9AAQAIREgACAEaiEBA0AgACABSQRAIAD9AAQAIAL9AAQAIBH9hwIhESAAQRBqIQAgAkEQaiECDAELCyAFIBH9CwQACwsLsgIBBn8DQEEEQQH+JQIAIgFBAEwEQA8LQRQoAgAgAWsiAUEYKAIAIgJsIgMgAmoiAkEcKAIAIgQgAiAESBshBEH8ACgCACAAQYABKAIAbGohAkH4ACgCACABQfQAKAIAQQN0bGohBUEMKAIAQQNGBEAgAyAEIAIgBRAUBSACQQBB9AAoAgBBBHT8CwAgAkH0ACgCAEEEdGohAUEMKAIAIgYEQCAGQQFGBEAgAyAEIAEgAhAOBUEMKAIAQQJGBEAgAyAEIAEgAhAPCwsFIAMgBCABIAIQEAtBACEBA0AgAUH0ACgCAEgEQCAFIAFBA3RqIAIgAUEEdGoiAysDACADKwMIoDkDACABQQFqIQEMAQsLC0EUKAIAQQhBAf4eAgBBAWpGBEBBCEEB/gACABoLDAALAAuuAwICfwJ7IAJBAWshDiAM/QAEACAFIAcgCCAKEAD98QEhD0EAIQgDQCACIAhKBEAgCEGABWwhDUEAIQUDQCAFIApJBEAgBiANaiAFav0ABAAiECADIA1qIAVq/QAEACAP/YcCIQ8gCyANaiAFaiAFIAdq/QAEACAEIA1qIAVq/QAEACAQ/YgC/QsEACAFQRBqIQUMAQsLIAhBAWohCAwBCwsgDCAP/QsEACALQYAFaiAOIAAgASAKIAxBEGogAUEEdBAEIAlFBEAPCyAMQRBqIAEgDmxBBHRqIQhBASEFA0AgAiAFSgRAQQEhBgNAIAUgBk4EQCAEIAVBgAVsaiEJIAQgBkGABWxqIQxBACEDA0AgAyAKSQRAIAMgC2ogAyAJav0ABAD9DAAAAAAAAPA/AAAAAAAA8D/9DAAAAAAAAAAAAAAAAAAAAAAgBSAGRhsgAyAMav0ABAD98QH98gEgAyAHav0ABAD98gH9CwQAIANBEGohAwwBCwsgACABIAsgCiALQYAFaiAIEAggBkEBaiEGIAggASABbEEEdGohCAwBCwsgBUEBaiEFDAELCwucAQECfyAAIAFBAWsiASACbEEBakEDdGohACABIAFBAWpsQQF1IQQDQCAEQQBKBEBBACEBA0AgASACSARAIAFBAWohAwNAIAIgA0oEQCAAIAIgA2wgAWpBA3RqIAAgASACbCADakEDdGorAwA5AwAgA0EBaiEDDAELCyABQQFqIQEMAQsLIARBAWshBCAAIAIgAmxBA3RqIQAMAQsLC6kBAgV/AXsgAUEEdCEHA0AgAUEASgRAQQJBASABQQFKGyEIQQAhBgNAIAMgBksEQCAEIAZqIgkgAiAGav0ABAAiCyAAIAZqIgr9AAQA/fIB/QsEACAIQQJGBEAgCSALIAr9AASABf3yAf0LBIAFCyAGQRBqIQYMAQsLIAQgCCAAIAEgAyAFIAcQBCABQQJrIQEgAEGACmohACAFIAdBAXRBIGpqIQUMAQsLC8oCAgJ/AnsDQCAFIAZLBEAgAyAGav0ABAAgASAGav0ABAAgCf2HAiEJIAZBEGohBgwBCwtBACEDA0AgAiAHSgRAQQAhBgNAIAUgBksEQCADIARqIAZqIAAgA2ogBmr9AAQAIAEgBmr9AAQA/fEB/QsEACAGQRBqIQYMAQsLIAMgBGoiBiAGIAUQAyAHQQFqIQcgA0GABWohAwwBCwsgBCACQYAFbGohA0EAIQADQCAAIAVJBEAgACAEav0ABAAhCCAEQYAFaiAAaiECA0AgAiADSQRAIAggAv0ABAD98AEhCCACQYAFaiECDAELCyAAIAFqIAj9CwQA/QwAAAAAAADwPwAAAAAAAPA/IAj98wEhCCAAIARqIQIDQCACIANJBEAgAiAC/QAEACAI/fIB/QsEACACQYAFaiECDAELCyAAQRBqIQAMAQsLIAkL+gQCB3sBfyAAIAFBCHRqIQkgAP0ABAAhAyAAQYACaiEBA0AgASAJSQRAIAMgAf0ABAD96wEhAyABQYACaiEBDAELCyAAIQEDQCABIAlJBEAgASAB/QAEACAD/eUBIgRB6An9CQIAIgX96wEiBkHsCf0JAgBB8An9CQIAIgf9hQIiCCAH/eUBIgdB+An9CQIAIAdB9An9CQIAIAb9hgL9hgIiBiAG/eYBIAYgBiAGIAYgBkH8Cf0JAgBBgAr9CQIA/YUCQYQK/QkCAP2FAkGICv0JAgD9hQJBjAr9CQIA/YUCQZAK/QkCAP2FAiAG/YUCQZQK/QkCAP3kASAIQRf9qwH9rgEgBCAF/UP9TyIE/QsEACACIAT95AEhAiABQYACaiEBDAELC/0MAACAPwAAgD8AAIA/AACAPyAC/ecBIQQDQCAAIAlJBEAgACAA/QAEACAE/eYB/QsEACAAQYACaiEADAELCyAC/QwN+0oADftKAA37SgAN+0oA/a4BIgJBF/2tAf0MfwAAAH8AAAB/AAAAfwAAAP2xAf36ASEEIAL9DP//fwD//38A//9/AP//fwD9Tv0M8wQ1P/MENT/zBDU/8wQ1P/2uAUG8Cv0JAgD95QEiAiAC/eYBIQUgAyAEQcgK/QkCACACIAVBwAr9CQIAIARBxAr9CQIAIAIgAiACIAIgAiACIAIgAkGYCv0JAgBBnAr9CQIA/YUCQaAK/QkCAP2FAkGkCv0JAgD9hQJBqAr9CQIA/YUCQawK/QkCAP2FAkGwCv0JAgD9hQJBtAr9CQIA/YUCQbgK/QkCAP2FAiAC/eYBIAX95gH9hQL9hgL95AH9hQL95AELlQEBA39BDCgCAEEDRgRAQdAAKAIAIgFB1AAoAgBsIgAgAUEBa2oiAkHAGGxBgKAMakHIACgCAEGPBmpBkAZtbCACQQp0aiAAIAFBAXRqQQl0ag8LQQwoAgAEf0HQACgCACIAQdQAKAIAIgEgACABShtBAnQgAGpBBGoFQdAAKAIAQQVsQQVqC0GABWxB9AAoAgBBBHRqC70DAQZ/A0BBCP4QAgBBFCgCAEgEQCAAQaAfSgRAQQhBCP4QAgBCwIQ9/gECABoLIABBAWohAAwBCwtBASEBA0AgAUEUKAIASARAQfgAKAIAIAFB9AAoAgBBA3RsaiEDQQAhAANAIABB9AAoAgBBA3RJBEAgAEH4ACgCAGoiBCAEKwMAIAAgA2orAwCgOQMAIABBCGohAAwBCwsgAUEBaiEBDAELC0EMKAIARQRAQfgAKAIAIgBBCGogAEEQKAIAIgFBAXEbIQAgAUECcQRAIAFBBHFBAEchBANAIAJB0AAoAgBIBEACfyAAQcgAKAIAIgVBAmpBA3RqIgMgBEUNABpBACEAA0AgACAFSARAIABBAWohAQNAIAEgBUgEQCADIAEgBWwgAGpBA3RqIAMgACAFbCABakEDdGorAwA5AwAgAUEBaiEBDAELCyAAQQFqIQAMAQsLIANByAAoAgAiACAAbEEDdGoLIQAgAkEBaiECDAELCwtBECgCAEEQcQRAIABB0AAoAgBBzAAoAgAQBwsLQQwoAgBBAkYEf0EQKAIAQRBxBUEACwRAQfgAKAIAQdQAKAIAQcgAKAIAEAcLCyEBAX8DQEEAIAFCf/4BAgAaQQD+EAIAIQEgABAFDAALAAuHCAISfwZ7QdAAKAIAIgZB1AAoAgAiCCAGIAhKG0GABWwiBCACaiIPIARqIgwgBkGABWxqIhBBgAVqIhFBgAVqIQ0DQCAAIAFIBEBBJCgCACAAQSgoAgBsaiEJQdAAQSAoAgAgAEHQAGxrIgQgBEHQAE4bQQFqQQF2QQR0IQcCf0E4KAIAIgQEQCAEIAlqDAELQcAAQcQAQTgoAgAEf0EABUEgKAIAIABBAWpB0ABsTgsbKAIACyETQTgoAgAEf0EABUEgKAIAIABBAWpB0ABsTgshEiAJQTAoAgBqQcwAKAIAQeAAKAIAIAZBAWsgAkGABWoQASACIAYgDyARIAcQAiAMIAIgBkGABWz8CgAAQdwAKAIAIQ5BACEKA0AgBiAKSgRAIAlBLCgCAGpByAAoAgAgDiAIQQFrIAJBgAVqIgUQAUEBIQtBPCgCACIEBEAgBCAJaiEVA0AgC0EASgRAQQAhBANAIAQgB0kEQCAEIAVqIhQgFP0ABAAgBCAVav0ABAD98AH9CwQAIARBEGohBAwBCwsgC0EBayELIAVBgAVqIQUMAQsLCyACIAggDyAQIAcQAiAMIApBgAVsaiELQQAhBANAIAQgB0kEQCAJQTQoAgBqIARq/QAEACEXIAIgBGoiFP0ABAAhFkEBIQUDQCAFIAhIBEAgFCAFQYAFbGr9AAQAIBYgFyAFt/0U/Uf9UiEWIAVBAWohBQwBCwsgBCAQav0ABAD9DDPEgJlhXwkAM8SAmWFfCQD9zgEiF0E0/c0B/QwAAAAAAAAwQwAAAAAAADBD/VBB4An9CgMA/fEBIRogF/0M////////DwD///////8PAP1O/QzNO39mnqDmP807f2aeoOY//c4BQdAJ/QoDAP3xASIYIBhB2An9CgMA/fAB/fMBIhsgG/3yASIXIBf98gEhGSAEIAtqIgX9AAQAIBYgGkHACf0KAwAgGCAYIBj98gFByAn9CgMA/fIBIhYgGyAWIBkgGSAZQYAJ/QoDAEGICf0KAwD9hwJBkAn9CgMA/YcCIBcgGSAZIBlBmAn9CgMAQaAJ/QoDAP2HAkGoCf0KAwD9hwJBsAn9CgMA/YcC/fIB/YcC/fABIBpBuAn9CgMA/fIB/YcC/fEB/fEB/YcC/fEB/fABIRYgBSAW/QsEACAEIA1qIgUgCgR7IAX9AAQAIBb99wEFIBYL/QsEACAEQRBqIQQMAQsLIA5ByAAoAgAgCEEBa2xBA3RqIQ4gCkEBaiEKDAELCyAMIA0gBiATQegAKAIAIABB0AAoAgBsQYAFbGogBxAJIRYgAyAD/QAEACAWIA0gEyASIAcQACARIBMgEiAHEAD98QH98AH98AH9CwQAIABBAWohAAwBCwsLiAUCD38Be0HUACgCACIIQYAFbCIFIAIiBGohCSAFIAUgCWoiCmoiDEGABWoiC0GABWohDiAAIQIDQCABIAJKBEBB0ABBICgCACACQdAAbGsiACAAQdAAThtBAWpBAXZBBHQhB0EkKAIAIAJBKCgCAGxqIg1BLCgCAGoiD0HIACgCAEHcACgCACAIQQFrIARBgAVqIgAQAUEBIQZBPCgCACIFBEAgBSANaiEQA0AgBkEASgRAQQAhBQNAIAUgB0kEQCAAIAVqIhEgEf0ABAAgBSAQav0ABAD98AH9CwQAIAVBEGohBQwBCwsgBkEBayEGIABBgAVqIQAMAQsLCyAEIAggCSAMIAcQAgJ/QTgoAgAiAARAIABBJCgCACACQSgoAgBsamoMAQtBwABBxABBOCgCAAR/QQAFQSAoAgAgAkEBakHQAGxOCxsoAgALIRFB6AAoAgAgAkHQACgCAGxBgAVsakHYACgCAEGABWxqIRBBACEAQQAhBgNAIABBAEwEQEEAIQUDQCAFIAdJBEAgBiAKaiAFaiAFIBFq/QAEACAGIBBqIAVq/QAEAP3yASIT/QsEACAFIAtqIhIgAAR7IBMgEv0ABAD98AEFIBML/QsEACAFQRBqIQUMAQsLIABBAWohACAGQYAFaiEGDAELC0EAIQADQCAAIAhIBEAgCiAAQYAFbGohBkEAIQUDQCAFIAdJBEAgBSAGaiANQTQoAgBqIAVq/QAEACAAt/0U/UcgBSALav0ABAD9Tv0LBAAgBUEQaiEFDAELCyAAQQFqIQAMAQsLIA9ByAAoAgAgCCAEIAkgDCAKIAtBAEEQKAIAQRBxQQBHIAcgDiADEAYgAkEBaiECDAELCwumCgIZfwV7QdAAKAIAIgVBgAVsIgQgAmoiDiAEaiEQIAQgBCAQaiIPaiIRQYAFaiIHQYAFaiEUQRAoAgAiBEEQcUEARyEWIANBEGogAyAEQQFxGyISQcgAKAIAIgxBAmogDCAMbEEAIARBBHFBAEciFxtqQQR0IhUgBWxqIBIgBEECcRshGCAAIQYDQCABIAZKBEBBJCgCACAGQSgoAgBsaiINQSwoAgBqIRNB0ABBICgCACAGQdAAbGsiACAAQdAAThtBAWpBAXZBBHQhCwJ/QTgoAgAiAARAIAAgDWoMAQtBwABBxABBOCgCAAR/QQAFQSAoAgAgBkEBakHQAGxOCxsoAgALIRlBOCgCAAR/QQAFQSAoAgAgBkEBakHQAGxOCyEIQegAKAIAIAZB0AAoAgBsQYAFbGohGiANQTAoAgBqQcwAKAIAQeAAKAIAIAVBAWsgDkGABWoQASAOIAUgECARIAsQAkEQKAIAQQNxBEAgEyAMQdwAKAIAIAUgAhABIAIhBCAFIQBBPCgCACIJBEAgCSANaiEKA0AgAEEASgRAQQAhCQNAIAkgC0kEQCAEIAlqIhsgG/0ABAAgCSAKav0ABAD98AH9CwQAIAlBEGohCQwBCwsgAEEBayEAIARBgAVqIQQMAQsLCyANQTQoAgBqIQogAiEEIAUhAANAIABBAEoEQEEAIQkDQCAJIAtJBEAgBCAJaiIbIAkgCmr9AAQAIBv9AAQA/fEB/QsEACAJQRBqIQkMAQsLIABBAWshACAEQYAFaiEEDAELCwtBECgCAEEBcQRAQQAhAEEAIQkDQCAAQdAAKAIASARAQeQAKAIAIABBBHRqIgT9CgMAIR0gBP0KAwghHkEAIQQDQCAEIAtJBEAgCSAPaiAEaiACIAlqIARq/QAEACAd/fIBIh/9DAAAAAAAAOA/AAAAAAAA4D/98gEgHyAe/YgCIAkgDmogBGr9AAQA/fABIh/9CwQAIAQgB2oiCiAABHsgCv0ABAAgH/33AQUgHwv9CwQAIARBEGohBAwBCwsgAEEBaiEAIAlBgAVqIQkMAQsLIA8gByAFIBkgGiALEAkhHSADIAP9AAQAIB0gByAZIAggCxAAIBEgGSAIIAsQAP3xAf3wAf3wAf0LBAALIAgEQEEQKAIAQSFxQQBHIQgLIAgEf0HAACgCAAUgBwshBCAIRQRAQQAhCUEAIQoDQCAFIAlKBEBBACEAA0AgACALSQRAIAogD2ogAGogACAZav0ABAAgCiAaaiAAav0ABAD98gEiHf0LBAAgACAHaiIbIAkEeyAdIBv9AAQA/fABBSAdC/0LBAAgAEEQaiEADAELCyAJQQFqIQkgCkGABWohCgwBCwsLIBogDyAIGyEZQRAoAgBBAnEEQEEAIQADQCAAIAVIBEAgAEGABWwiCSAZaiEaIAIgCWohGyASIAAgFWxqIhz9AAQAIR0gHP0ABBAhHkEAIQkDQCAJIAtJBEAgCSAaav0ABAAiICAJIBtqIgr9AAQAIh/98gEhISAdICD98AEhHSAhIB8gHv2HAiEeIAogIf0LBAAgCUEQaiEJDAELCyAcIB39CwQAIBwgHv0LBBAgFwRAIBMgDCAaIAsgFCAcQSBqIAxBBHRqEAgLIABBAWohAAwBCwsgAiAFIBMgDCALIBJBIGogFRAEC0EQKAIAQQhxBEAgDUEwKAIAakHMACgCACAFIA4gECARIBkgBCAIIBYgCyAUIBgQBgsgBkEBaiEGDAELCwvSAgIFewF/A0AgCCACQQN0SQRAIAAgCGr9AAQA/QwzxICZYV8JADPEgJlhXwkA/c4BIgRBNP3NAf0MAAAAAAAAMEMAAAAAAAAwQ/1QQeAJ/QoDAP3xASEDIAT9DP///////w8A////////DwD9Tv0MzTt/Zp6g5j/NO39mnqDmP/3OAUHQCf0KAwD98QEiBiAGQdgJ/QoDAP3wAf3zASIHIAf98gEiBCAE/fIBIQUgASAIaiADQcAJ/QoDACAGIAYgBv3yAUHICf0KAwD98gEiBiAHIAYgBSAFIAVBgAn9CgMAQYgJ/QoDAP2HAkGQCf0KAwD9hwIgBCAFIAUgBUGYCf0KAwBBoAn9CgMA/YcCQagJ/QoDAP2HAkGwCf0KAwD9hwL98gH9hwL98AEgA0G4Cf0KAwD98gH9hwL98QH98QH9hwL9CwQAIAhBEGohCAwBCwsLDQAgACABIAJBA3QQAwuQBwIOfw17QcgAKAIAQQ9qQXBxIQ9B3AAoAgAhCSACQQBB0AAoAgAiA0EBayADQdQAKAIAbGoiCEEKdPwLAANAIA8gEEoEQCAAIBBqIQYgASEDQZAGIA8gEGsiBCAEQZAGThshCkEAIQcDQCAHQcAASARAIAMhBSAGIQQgBiAKaiELA0AgBCALSQRAIAUgBP0ABAAiEf2JASIS/akB/foB/QsEACAFIBL9qgH9+gH9CwQQIAUgEf2KASIR/akB/foB/QsEICAFIBH9qgH9+gH9CwQwIARBEGohBCAFQUBrIQUMAQsLIAdBAWohByAGIA9qIQYgA0HAGGohAwwBCwsgCkECdCEOIAkhBCACIQcgCCEFA0AgBUECTgRAIAEhAyAHIgZBgAhqIQ0DQCAGIA1JBEAgBv0ABAAhGyAG/QAEgAghGiAG/QAEECEZIAb9AASQCCEYIAb9AAQgIRcgBv0ABKAIIRYgBv0ABDAhFSAG/QAEsAghFCAEIQogAyELIAMgDmohDANAIAsgDEkEQCAL/QAEACITIAr9AAQAIhwgG/2FAiEbIAv9AATAGCISIBwgGf2FAiEZIAv9AASAMSIRIBwgF/2FAiEXIAv9AATASSIdIBwgFf2FAiEVIBMgCv0ABMAYIhMgGv2FAiEaIBIgEyAY/YUCIRggESATIBb9hQIhFiAdIBMgFP2FAiEUIAtBEGohCyAKQRBqIQoMAQsLIAYgG/0LBAAgBiAa/QsEgAggBiAZ/QsEECAGIBj9CwSQCCAGIBf9CwQgIAYgFv0LBKAIIAYgFf0LBDAgBiAU/QsEsAggBkFAayEGIANBgOIAaiEDDAELCyAFQQJrIQUgBEGAMWohBCAHQYAQaiEHDAELCyAFQQFGBEAgASEFIAdBgAhqIQoDQCAHIApJBEAgB/0ABAAhGyAH/QAEECEaIAf9AAQgIRkgB/0ABDAhGCAEIQYgDiAFIgNqIQsDQCADIAtJBEAgA/0ABAAgBv0ABAAiESAb/YUCIRsgA/0ABMAYIBEgGv2FAiEaIAP9AASAMSARIBn9hQIhGSAD/QAEwEkgESAY/YUCIRggA0EQaiEDIAZBEGohBgwBCwsgByAb/QsEACAHIBr9CwQQIAcgGf0LBCAgByAY/QsEMCAHQUBrIQcgBUGA4gBqIQUMAQsLCyAJIAhBwBhsaiEJIAFBgKAMaiEBIBBBkAZqIRAMAQsLC4AVAhd/BHtB0AAoAgAiBEHUACgCAGwiBSAEQQF0akEIdCEQIAJByAAoAgBBjwZqQZAGbSIGQYCgDGxqIhIgBiAEQQFrIAVqIhFsQcAYbCIGaiIKIBFBCnRqIg0gEUEBakEIdGoiBSAEQQh0aiEPQRAoAgAiBEEwcUEARyEWIARBwABxQQBHIRQgBEH0AHFBAEchEyASQQAgBvwLACADQQBB9AAoAgBBA3T8CwAgACEJA0AgASAJSgRAQSQoAgAgCUEoKAIAbGoiFUE0KAIAaiEaIBQEQCACIQAgDUGAAmohDEHIACgCAEEPakFwcSEXQQAhCwNAIAsgF0gEQCALIBVqIQggACEEQZAGIBcgC2siBiAGQZAGThshGEEAIQ4DQCAOQcAASARAIAQhBiAYIAgiB2ohGQNAIAcgGUkEQCAGIAf9AAQAIhv9iQEiHP2pAf36Af0LBAAgBiAc/aoB/foB/QsEECAGIBv9igEiG/2pAf36Af0LBCAgBiAb/aoB/foB/QsEMCAHQRBqIQcgBkFAayEGDAELCyAOQQFqIQ4gCCAXaiEIIARBwBhqIQQMAQsLQQAhBgNAIAZByAAoAgAgC2siBCAYIAQgGEgbSARAIAAgBkECdGohByAMQYACaiEEA0AgBCAMSwRAIAwgByoCADgCACAMQQRqIQwgB0HAGGohBwwBCwsgBkEBaiEGDAELCyALQZAGaiELIABBgKAMaiEADAELCwUgFSACIAoQEyAKIQAgDUGAAmohBEEAIQsDQCALQdAAKAIAIgZBAWsgBkHUACgCAGxqSARAQeAAKAIAIAtBAnRq/QkCACEbIARBgAJqIQYDQCAEIAZJBEAgBCAA/QAEACIcIAD9AAQQIh39DQABAgMQERITBAUGBxQVFhcgHCAd/Q0ICQoLGBkaGwwNDg8cHR4f/eQBIhwgAP0ABCAiHSAA/QAEMCIe/Q0AAQIDEBESEwQFBgcUFRYXIB0gHv0NCAkKCxgZGhsMDQ4PHB0eH/3kASId/Q0AAQIDBAUGBxAREhMUFRYXIBwgHf0NCAkKCwwNDg8YGRobHB0eH/3kASAb/eQB/QsEACAEQRBqIQQgAEFAayEADAELCyALQQFqIQsMAQsLCyANQQBBgAL8CwAgFgRAIA9B7AAoAgAgCSAQbGogEPwKAAALQRAoAgBBEHEEQEHQACgCACEIQQAhAANAIABBgAJJBEAgDyAIIAhB1AAoAgBsakEIdGogAGohCyAAIA9qIQYgACANaiEH/QwAAAAAAAAAAAAAAAAAAAAAIRsgCEEIdCEMQQAhBANAIAQgDEkEQCAEIAZq/QAEACAEIAdq/QAEACAb/YUCIRsgBEGAAmohBAwBCwtBACEEA0AgBCAMSQRAIAQgB2oiDv0MAACAPwAAgD8AAIA/AACAPyAEIAZq/QAEAP3mASAO/QAEACAb/eUB/eYB/QsEACAEQYACaiEEDAELC0EAIQcDQCAHIAhIBEAgCEHUACgCACIEIAdsakEIdCAAaiIGIA9qIQwgBiANaiEOIAsgB0EIdGr9AAQAIRz9DAAAAAAAAAAAAAAAAAAAAAAhGyAEQQh0IQRBACEGA0AgBCAGSwRAIAYgDGr9AAQAIAYgDmr9AAQAIBv9hQIhGyAGQYACaiEGDAELC0EAIQYDQCAEIAZLBEAgBiAOaiIVIBwgBiAMav0ABAD95gEgFf0ABAAgG/3lAf3mAf0LBAAgBkGAAmohBgwBCwsgB0EBaiEHDAELCyAAQRBqIQAMAQsLBUEQKAIAQSBxBEBBACEGQdAAKAIAIQhB1AAoAgAhCwNAIAZBgAJJBEAgGiAGQQJ2av1cAgD9iQH9qQEhHSAPIAggCCALbGpBCHRqIAZqIQz9DAAAAAAAAAAAAAAAAAAAAAAhHCAIQQh0IAZqIQdBACEAA0AgACAIQQh0SQRAIAAgDWogBmr9AAQAIRtBACEEA0AgBCALSARA/QwAAIA/AACAPwAAgD8AAIA/IB0gBP0R/Tf9TiAHIA9q/QAEAP3lASIeIAcgDWoiDv0ABAAgG/2FAiEbIA4gHv0LBAAgBEEBaiEEIAdBgAJqIQcMAQsLIAAgDWogBmogG/0LBAAgACAMav0ABAAgGyAc/YUCIRwgAEGAAmohAAwBCwsgCEEIdCAGaiEHQQAhAANAIAAgCEEIdEkEQCAAIAxq/QAEACAAIA1qIAZqIgT9AAQAIBz95QH95gEhGyAEIBv9CwQAQQAhBANAIAQgC0gEQCAHIA1qIg4gGyAO/QAEAP3mAf0LBAAgBEEBaiEEIAdBgAJqIQcMAQsLIABBgAJqIQAMAQsLIAZBEGohBgwBCwsFIBRFBEBBwABBICgCACAJQQZ0IgBrIgQgBEHAAE4bIQdBECgCAEEIcQRAIAUiBEEAQdAAKAIAQQh0/AsAQewAKAIAQdAAKAIAIABsQQJ0aiEMQQAhBgNAIAYgB0gEQEEAIQsDQCALQdAAKAIASARAIAQgC0EIdGogDCoCADgCACALQQFqIQsgDEEEaiEMDAELCyAGQQFqIQYgBEEEaiEEDAELCwsgAyADKwMAIBogDSAFIAcQFaA5AwBBECgCAEECcQRAQfAAKAIAIAkgEGxqIA0gEPwKAAALQRAoAgBBAXEEQCAFIQRB8AAoAgBB0AAoAgAgCUEGdGxBAnRqIQxBACEGA0AgBiAHSARAQQAhCwNAIAtB0AAoAgBIBEAgDCAEIAtBCHRqKgIAOAIAIAtBAWohCyAMQQRqIQwMAQsLIAZBAWohBiAEQQRqIQQMAQsLCyATBEBB0AAoAgAhBkEAIQQDQCAEQYACSQRAIBogBEECdmr9XAIA/YkB/akBIRsgBCANaiIHIAZBCHRqIQtBACEAA0AgACAGQQh0SQRAIAAgB2oiCCAAIAVqIARq/QAEACIcIAj9AAQA/eUB/QsEAEEAIQwDQCAMQdQAKAIASARAIAsgHP0MAACAPwAAgD8AAIA/AACAPyAbIAz9Ef03/U4gC/0ABAD95QH95gH9CwQAIAxBAWohDCALQYACaiELDAELCyAAQYACaiEADAELCyAEQRBqIQQMAQsLCwsLCyATBEAgDUGAAmohACADQQhqIQdB0AAoAgAiBEEBayAEQdQAKAIAbGohBANAIARBAEoEQP0MAAAAAAAAAAAAAAAAAAAAACEbIABBgAJqIQYDQCAAIAZJBEAgGyAA/QAEAP3kASEbIABBEGohAAwBCwsgByAHKwMAIBv9HwC7IBv9HwK7oKAgG/0fAbsgG/0fA7ugoDkDACAEQQFrIQQgB0HIACgCAEEBakEDdGohBwwBCwsgAiANQYACaiASEBYLIAlBAWohCQwBCwsgE0UEQA8LQQAhAANAIAAgEUgEQCADQRBqIABByAAoAgBBAWpsQQN0aiEEQQAhAQNAQcgAKAIAIgUgAUGQBmwiBkoEQCASIAEgEWwgAGpBwBhsaiICQZAGIAUgBmsiBSAFQZAGShtBAnRqIQUDQCACIAVJBEAgBCACKgIAuzkDACACQQRqIQIgBEEIaiEEDAELCyABQQFqIQEMAQsLIABBAWohAAwBCwsLtAgCCXsIf0HQACgCACESQdQAKAIAIRBBECgCAEEIcUEARyEOA0AgE0GAAkkEQCAAIBNBAnZq/VwCAP2JAf2pASEG/QwAAID/AACA/wAAgP8AAID/IQz9DAAAAAAAAAAAAAAAAAAAAAAhBCABIBNqIg8gEkEIdGohFEEAIREDQCARIBJIBEAgFP0ABAAhB0EBIQ0DQCANIBBIBEAgFCANQQh0av0ABAAgByAGIA39Ef03/VIhByANQQFqIQ0MAQsLIBFBCHQiDSAPav0ABAAgByAUIBAQCv3lAf3kASEFIAIgDWogE2ohDSAOBEAgDf0ABAAgBSAE/YUCIQQFIA0gBf0LBAALIAwgBf3rASEMIBFBAWohESAUIBBBCHRqIRQMAQsLIA8gEhAKIQr9DAAAgD8AAIA/AACAPwAAgD8hByAORQRA/QwAAAAAAAAAAAAAAAAAAAAAIQQgAiATaiEUIAIgEkEIdGohDQNAIA0gFEsEQCAUIBT9AAQAIAz95QEiCUHoCf0JAgAiCP3rASIHQewJ/QkCAEHwCf0JAgAiBf2FAiIGIAX95QEiBUH4Cf0JAgAgBUH0Cf0JAgAgB/2GAv2GAiIFIAX95gEgBSAFIAUgBSAFQfwJ/QkCAEGACv0JAgD9hQJBhAr9CQIA/YUCQYgK/QkCAP2FAkGMCv0JAgD9hQJBkAr9CQIA/YUCIAX9hQJBlAr9CQIA/eQBIAZBF/2rAf2uASAJIAj9Q/1PIgX9CwQAIAQgBf3kASEEIBRBgAJqIRQMAQsL/QwAAIA/AACAPwAAgD8AAIA/IAT95wEhByAE/QwN+0oADftKAA37SgAN+0oA/a4BIgRBF/2tAf0MfwAAAH8AAAB/AAAAfwAAAP2xAf36ASEGIAT9DP//fwD//38A//9/AP//fwD9Tv0M8wQ1P/MENT/zBDU/8wQ1P/2uAUG8Cv0JAgD95QEiBSAF/eYBIQQgDCAGQcgK/QkCACAFIARBwAr9CQIAIAZBxAr9CQIAIAUgBSAFIAUgBSAFIAUgBUGYCv0JAgBBnAr9CQIA/YUCQaAK/QkCAP2FAkGkCv0JAgD9hQJBqAr9CQIA/YUCQawK/QkCAP2FAkGwCv0JAgD9hQJBtAr9CQIA/YUCQbgK/QkCAP2FAiAF/eYBIAT95gH9hQL9hgL95AH9hQL95AEhBAsgByATQQJ1/RH9DAAAAAABAAAAAgAAAAMAAAD9rgEgA/0R/TkiBv1OIQUgCyAEIAr95QEgBv1OIgT9XyAEIAT9DQgJCgsMDQ4PAAECAwQFBgf9X/3wAf3wASELQQAhFANAIBQgEkEIdEkEQCACIBRqIBNqIg0gDf0ABAAgBf3mAf0LBAAgDyAUaiINIA39AAQAIAb9Tv0LBAAgFEGAAmohFAwBCwsgE0EQaiETDAELCyAL/SEAIAv9IQGgC5oHAgt/DXtB0AAoAgAiA0EBayADQdQAKAIAbGohBEHIACgCAEEPakFwcSEJA0AgCSAKSgRAQZAGIAkgCmsiAyADQZAGThtBAnQhCEEAIQwDQCAIIAxLBEAgASEDIAIgDGohDSAEIQYDQCAGQQJOBEAgACAMaiELIAMhBf0MAAAAAAAAAAAAAAAAAAAAACEa/QwAAAAAAAAAAAAAAAAAAAAAIRn9DAAAAAAAAAAAAAAAAAAAAAAhGP0MAAAAAAAAAAAAAAAAAAAAACEX/QwAAAAAAAAAAAAAAAAAAAAAIRb9DAAAAAAAAAAAAAAAAAAAAAAhFf0MAAAAAAAAAAAAAAAAAAAAACEU/QwAAAAAAAAAAAAAAAAAAAAAIRMgA0GAAmohBwNAIAUgB0kEQCAL/QAEACIOIAX9CQIAIhAgGv2FAiEaIAv9AAQQIhIgECAZ/YUCIRkgC/0ABCAiESAQIBj9hQIhGCAL/QAEMCIPIBAgF/2FAiEXIA4gBf0JAoACIg4gFv2FAiEWIBIgDiAV/YUCIRUgESAOIBT9hQIhFCAPIA4gE/2FAiETIAVBBGohBSALQcAYaiELDAELCyANIA39AAQAIBr95AH9CwQAIA0gDf0ABBAgGf3kAf0LBBAgDSAN/QAEICAY/eQB/QsEICANIA39AAQwIBf95AH9CwQwIA0gDf0ABMAYIBb95AH9CwTAGCANIA39AATQGCAV/eQB/QsE0BggDSAN/QAE4BggFP3kAf0LBOAYIA0gDf0ABPAYIBP95AH9CwTwGCAGQQJrIQYgA0GABGohAyANQYAxaiENDAELCyAGQQFGBEAgACAMaiEG/QwAAAAAAAAAAAAAAAAAAAAAIRr9DAAAAAAAAAAAAAAAAAAAAAAhGf0MAAAAAAAAAAAAAAAAAAAAACEY/QwAAAAAAAAAAAAAAAAAAAAAIRcgA0GAAmohBQNAIAMgBUkEQCAG/QAEACAD/QkCACIOIBr9hQIhGiAG/QAEECAOIBn9hQIhGSAG/QAEICAOIBj9hQIhGCAG/QAEMCAOIBf9hQIhFyADQQRqIQMgBkHAGGohBgwBCwsgDSAN/QAEACAa/eQB/QsEACANIA39AAQQIBn95AH9CwQQIA0gDf0ABCAgGP3kAf0LBCAgDSAN/QAEMCAX/eQB/QsEMAsgDEFAayEMDAELCyAAQYCgDGohACACIARBwBhsaiECIApBkAZqIQoMAQsLCwvmAgQAQYAIC4ABAAAAAAAghsD+gitlRxX3PwAAAAAAADhDAADg/kIu5j92PHk17znqPX1uAe7z11o+VxdVuNmKkj6iADFb8h3HPv0zJp6ZAfo+UfOgEqABKj8Ii0MYbMFWPw59EhEREYE/PghVVVVVpT/5VFVVVVXFPwoAAAAAAOA/AAAAAAAA8D8AQYAJC2ifxnjQCZrDP694jh3Fccw/BPqXmZmZ2T9EUj7fEvHCP94Dy5ZkRsc/WZMilCRJ0j+TVVVVVVXlP3Y8eTXvOeo9AADg/kIu5j8AAAAAAADgPwAAAAAAAPA/AAAAAAAAAED/AwAAAAAwQwBB6AkLMAAArsI7qrg/AABASwCAMT+DgF65Z2lQOc5DtzoIiQg8wakqPaqqKj4AAAA/AACAPwBBmAoLNLshkD240eu9GiXvPU9d/r2/6RE+UK4qvqzOTD78/3++qqqqPgAAgD8AAAA/g4BeuQCAMT8=";
//#endregion
//#region src/compute/pool.ts
const ATTEND = `
const { workerData: { module, memory, participant } } = require("node:worker_threads");
new WebAssembly.Instance(module, { env: { memory } }).exports.attend(participant);
`;
/** Workers on one memory. They don't keep the process alive, and end with it. */
function pool(module, memory) {
	const workers = [];
	return {
		size: () => workers.length + 1,
		grow: (participants) => {
			while (workers.length + 1 < participants) {
				const worker = new Worker(ATTEND, {
					eval: true,
					workerData: {
						module,
						memory,
						participant: workers.length + 1
					},
					execArgv: [],
					env: {}
				});
				worker.unref();
				workers.push(worker);
			}
		},
		stop: () => {
			for (const worker of workers.splice(0)) worker.terminate();
		}
	};
}
//#endregion
//#region src/compute/engine.ts
const KERNELS = [
	"linear",
	"logistic-posterior",
	"logistic-expansion",
	"images"
];
/** Data sets are kept in tiles while they take no more than this together; the last used always is. */
const KEPT_BYTES = 2 ** 25;
/** Tiles of a chunk at least, and chunks at most: what they are depends on the data alone, so that sums don't on threads. */
const CHUNK_TILES = 16;
const MOST_CHUNKS = 48;
/** Bytes that the sums of all chunks may take, unless that leaves fewer than four chunks. */
const SUM_BYTES = 2 ** 27;
/** Multiplications from which on other threads are woken: a tenth of a millisecond's, several times what waking takes. */
const SHARED_WORK = 1e6;
/** The job's fields end, and the kernels' constants begin, below this address. */
const START = 4096;
let threads = Math.min(availableParallelism(), 64);
let wanted = "relaxed";
let engine;
let unavailable = false;
/** Whether it was said that the plain code has to do, and why. */
let said = false;
const copies = /* @__PURE__ */ new WeakMap();
const dead = new FinalizationRegistry((copy) => {
	if (engine === void 0 || !engine.kept.has(copy)) return;
	forget(engine, copy);
	shrink(engine);
});
/**
* Sets the number of threads that sums over many rows are shared among; default: the number of cores.
*
* Results are the same to the bit for any number. Few rows are summed by the calling thread alone. Threads are started
* when they are first needed, and end with the program.
*
* @param count a whole number from 1 to 64
* @throws InputError when it is none
* @remarks cost: a thread takes about 5 MB of memory and 30 ms to start, while the calling thread works.
* @example
* ```ts
* import { computing, setThreads } from "mixlens";
* setThreads(1);
* if (computing().threads !== 1) throw new Error("one thread was asked for");
* ```
*/
function setThreads(count) {
	if (!(Number.isInteger(count) && count >= 1 && count <= 64)) throw new InputError("set the number of threads", "a whole number from 1 to 64", String(count));
	threads = count;
}
function sayOnce(reason) {
	if (!said) process.emitWarning(`mixlens computes without WebAssembly, several times slower: ${reason}`);
	said = true;
}
/** The engine, started the first time, or nothing where it cannot or is not to run. */
function started() {
	if (engine !== void 0 || unavailable || wanted === "reference") return engine;
	try {
		const fused = Buffer.from(relaxed, "base64");
		const name = wanted === "relaxed" && WebAssembly.validate(fused) ? "relaxed" : "simd";
		const module = new WebAssembly.Module(name === "relaxed" ? fused : Buffer.from(simd, "base64"));
		const shared = arena(START);
		const instance = new WebAssembly.Instance(module, { env: { memory: shared.memory } });
		engine = {
			name,
			arena: shared,
			pool: pool(module, shared.memory),
			exports: instance.exports,
			kept: /* @__PURE__ */ new Set()
		};
	} catch (error) {
		unavailable = true;
		sayOnce(error.message);
	}
	return engine;
}
/** The copy of a data set, made by `copy` the first time; nothing when there is no room for so many bytes. */
function copied(running, data, bytes, copy) {
	const known = copies.get(data);
	const { kept } = running;
	if (known !== void 0 && kept.delete(known)) {
		kept.add(known);
		return known;
	}
	makeRoom(running, bytes);
	const made = copy(data, running.arena);
	if (made === void 0) return void 0;
	copies.set(data, made);
	dead.register(data, made);
	kept.add(made);
	return made;
}
/** Lets go of data sets, the least recently used first, until so many bytes more are few enough. */
function makeRoom(running, bytes) {
	for (const oldest of running.kept) {
		if (keptBytes(running) + bytes <= KEPT_BYTES) return;
		forget(running, oldest);
	}
}
function keptBytes({ kept }) {
	let bytes = 0;
	for (const { region, responsibilities } of kept) bytes += region.bytes + (responsibilities?.region.bytes ?? 0);
	return bytes;
}
function forget({ kept, arena }, copy) {
	kept.delete(copy);
	arena.free(copy.region);
	if (copy.responsibilities) arena.free(copy.responsibilities.region);
	delete copy.responsibilities;
}
/** Memory does not shrink: much of it with little in it is left to the garbage collector, workers and all. */
function shrink(running) {
	if (running.arena.memory.buffer.byteLength <= 4 * KEPT_BYTES || keptBytes(running) > KEPT_BYTES) return;
	running.pool.stop();
	engine = void 0;
}
/** Shares a job among the threads and adds up what they find; nothing when there is no room. */
function runJob(running, { kernel, work, fields, ...given }) {
	const { arena, exports, pool } = running;
	const { tileCount, length } = fields;
	const chunkTiles = tilesOfChunk(tileCount, length);
	const chunks = Math.ceil(tileCount / chunkTiles);
	const isShared = threads > 1 && chunks > 1 && work > SHARED_WORK;
	if (isShared) pool.grow(threads);
	const job = (fields) => {
		const words = arena.words();
		for (const [name, value] of Object.entries(fields)) words[JOB_FIELDS.indexOf(name)] = value;
	};
	job({
		kernel: KERNELS.indexOf(kernel),
		chunks,
		chunkTiles,
		...fields
	});
	const scratchBytes = Math.ceil(exports.scratchBytes() / 64) * 64;
	const arrays = [
		given.theta,
		given.gate,
		given.scales,
		given.given,
		given.found
	];
	const places = arrays.map((numbers) => 8 * Math.ceil((numbers?.byteLength ?? 0) / 8));
	const bytes = chunks * length * 8 + places.reduce((sum, size) => sum + size) + scratchBytes * pool.size() + 64;
	if (!(running.workspace && running.workspace.bytes >= bytes)) {
		if (running.workspace) arena.free(running.workspace);
		delete running.workspace;
		const workspace = arena.take(bytes);
		if (workspace === void 0) return void 0;
		running.workspace = workspace;
	}
	const scratch = running.workspace.address;
	const sums = scratch + scratchBytes * pool.size();
	let free = sums + chunks * length * 8;
	const [theta, gateTheta, scales, givenAt, found] = arrays.map((numbers, i) => {
		const at = free;
		if (numbers && i < arrays.length - 1) arena.bytes().set(bytesOf(numbers), at);
		free += places[i];
		return at;
	});
	job({
		theta,
		gateTheta,
		scales,
		given: givenAt,
		found,
		scratch,
		scratchBytes,
		sums
	});
	const words = arena.words();
	const [generation, left, done] = [
		"generation",
		"left",
		"done"
	].map((name) => JOB_FIELDS.indexOf(name));
	Atomics.store(words, done, 0);
	Atomics.store(words, left, chunks);
	if (isShared) {
		Atomics.add(words, generation, 1);
		Atomics.notify(words, generation, threads - 1);
	}
	exports.work(0);
	exports.finish();
	if (given.found) bytesOf(given.found).set(arena.bytes().subarray(found, found + given.found.byteLength));
	return arena.numbers().slice(sums / 8, sums / 8 + length);
}
function bytesOf({ buffer, byteOffset, byteLength }) {
	return new Uint8Array(buffer, byteOffset, byteLength);
}
function tilesOfChunk(tiles, length) {
	const most = Math.max(4, Math.min(MOST_CHUNKS, Math.floor(SUM_BYTES / (8 * length))));
	return Math.max(CHUNK_TILES, Math.ceil(tiles / most));
}
//#endregion
//#region src/compute/image-pass.ts
/** Statistics of an image. */
function statisticsPerImage({ k, classes }) {
	return 2 * k + k * classes;
}
/** Where number s of image i's statistics is. */
function statisticsIndex(shape, i, s) {
	return (Math.floor(i / 64) * statisticsPerImage(shape) + s) * 64 + i % 64;
}
//#endregion
//#region src/compute/plain-images.ts
/** A pass over images in plain code and double precision: this defines what is correct. */
function plainImageSums(data, mixture, pass = {}) {
	const { rows, labels } = data;
	const { k, classes, coefficients } = mixture;
	const { gradient: isSloped = false, statistics: isWhole = false, assigned } = pass;
	const gradient = new Float64Array(isSloped ? coefficients.length : 0);
	const responsibilities = assigned ?? new Float32Array(rows * k);
	const tiles = Math.ceil(rows / 64);
	const statistics = new Float32Array(isWhole ? tiles * statisticsPerImage(mixture) * 64 : 0);
	const r = new Float64Array(k);
	let value = 0;
	eachImage(data, mixture, (i, { eta, gate, experts }, collect) => {
		const label = labels[i];
		experts.forEach((expert, z) => {
			r[z] = gate[z] + expert[label];
			r[z] -= softmax(expert);
		});
		const gateSum = softmax(gate);
		for (let z = 0; z < k; z++) r[z] -= gateSum;
		if (assigned) for (let z = 0; z < k; z++) {
			value += assigned[i * k + z] * r[z];
			r[z] = assigned[i * k + z];
		}
		else {
			value += softmax(r);
			responsibilities.set(r, i * k);
		}
		if (isWhole) {
			eta.forEach((p, s) => {
				statistics[statisticsIndex(mixture, i, s)] = p;
			});
			r.forEach((own, z) => {
				statistics[statisticsIndex(mixture, i, eta.length + z)] = own;
			});
		}
		if (!isSloped) return;
		for (let z = 0; z < k; z++) gate[z] = r[z] - gate[z];
		experts.forEach((expert, z) => {
			for (let c = 0; c < classes; c++) expert[c] = r[z] * ((c === label ? 1 : 0) - expert[c]);
		});
		collect(gradient);
	});
	return {
		value,
		responsibilities,
		gradient,
		statistics
	};
}
/** The product of an information with a direction, in plain code. */
function plainImageProduct(data, direction, statistics, information) {
	const { labels } = data;
	const { k, classes } = direction;
	const product = new Float64Array(direction.coefficients.length);
	const known = new Float64Array(statisticsPerImage(direction));
	const g = known.subarray(0, k);
	const p = Array.from({ length: k }, (_, z) => known.subarray(k + z * classes, k + (z + 1) * classes));
	const r = known.subarray(k + k * classes);
	eachImage(data, direction, (i, { gate, experts }, collect) => {
		for (let s = 0; s < known.length; s++) known[s] = statistics[statisticsIndex(direction, i, s)];
		if (information === "complete") {
			curve(g, gate, 1);
			experts.forEach((u, z) => {
				curve(p[z], u, r[z]);
			});
		} else {
			experts.forEach((u, z) => {
				u.forEach((own, c) => {
					gate[z] += ((c === labels[i] ? 1 : 0) - p[z][c]) * own;
				});
			});
			const mean = gate.reduce((sum, score, z) => sum + r[z] * score, 0);
			for (let z = 0; z < k; z++) gate[z] = r[z] * (gate[z] - mean);
			experts.forEach((u, z) => {
				for (let c = 0; c < classes; c++) u[c] = gate[z] * ((c === labels[i] ? 1 : 0) - p[z][c]);
			});
		}
		collect(product);
	});
	return product;
}
/** The Gram matrix of the columns of all images, in plain code. */
function plainImageGram({ rows, images }) {
	const d = images.length / rows;
	const size = 1 + d;
	const gram = new Float64Array(size * size);
	const x = new Float64Array(size).fill(1);
	for (let i = 0; i < rows; i++) {
		for (let j = 0; j < d; j++) x[1 + j] = images[i * d + j] / 255;
		for (let j = 0; j < size; j++) for (let a = 0; a < size; a++) gram[j * size + a] += x[j] * x[a];
	}
	return {
		rows,
		gram
	};
}
/** weight · p (u − Σ p u) in place of u */
function curve(p, u, weight) {
	const mean = p.reduce((sum, own, c) => sum + own * u[c], 0);
	for (let c = 0; c < u.length; c++) u[c] = weight * p[c] * (u[c] - mean);
}
/** Visits images with their predictors; `collect` adds the products of what has taken their place with the columns. */
function eachImage({ rows, images }, { k, classes, coefficients }, visit) {
	const d = rows === 0 ? 0 : images.length / rows;
	const m = k - 1 + k * classes;
	const eta = new Float64Array(1 + m);
	const gate = eta.subarray(0, k);
	const experts = Array.from({ length: k }, (_, z) => eta.subarray(k + z * classes, k + (z + 1) * classes));
	for (let i = 0; i < rows; i++) {
		const x = images.subarray(i * d, (i + 1) * d);
		eta[0] = 0;
		for (let h = 0, at = 0; h < m; h++) {
			let sum = coefficients[at++];
			for (let j = 0; j < d; j++) sum += coefficients[at++] * x[j] / 255;
			eta[1 + h] = sum;
		}
		visit(i, {
			eta,
			gate,
			experts
		}, (sums) => {
			for (let h = 0, at = 0; h < m; h++) {
				const own = eta[1 + h];
				sums[at++] += own;
				for (let j = 0; j < d; j++) sums[at++] += own * x[j] / 255;
			}
		});
	}
}
/** Puts probabilities in place of predictors, and finds the log of Σ exp. */
function softmax(eta) {
	const top = Math.max(...eta);
	let sum = 0;
	for (let c = 0; c < eta.length; c++) {
		eta[c] = Math.exp(eta[c] - top);
		sum += eta[c];
	}
	for (let c = 0; c < eta.length; c++) eta[c] /= sum;
	return top + Math.log(sum);
}
//#endregion
//#region src/compute/images.ts
/** What a job finds and is given; see src/compute/assembly/images.ts. */
const RESPONSIBILITIES = 1;
const STATISTICS = 2;
const GRADIENT = 4;
const ASSIGNED = 8;
const COMPLETE = 16;
const MISSING = 32;
const GRAM = 64;
/**
* A pass over images: the E-step or, with assigned responsibilities, the expected log-likelihood of the complete data.
*
* The kernel computes in single precision and agrees with {@link plainImageSums} to 1e-5 of the gradient's largest entry.
* The result is the same to the bit for any number of threads. The images must not change once they have been passed.
*
* @remarks cost: 2 n (1 + d)(k − 1 + k · classes) operations, twice as many with the gradient; a copy of the images,
*   n · d bytes, stays with the kernels.
*/
function imageSums(data, mixture, pass = {}) {
	const { rows } = data;
	const { k, classes, coefficients } = mixture;
	const { gradient: isSloped = false, statistics: isWhole = false, assigned } = pass;
	const tiles = Math.ceil(rows / 64);
	const responsibilities = assigned ?? new Float32Array(rows * k);
	const statistics = new Float32Array(isWhole ? tiles * statisticsPerImage({
		k,
		classes
	}) * 64 : 0);
	const sums = kernelPass(data, mixture, {
		parts: (assigned ? ASSIGNED : 0) | (isWhole ? STATISTICS : assigned ? 0 : RESPONSIBILITIES) | (isSloped ? GRADIENT : 0),
		length: 1 + (isSloped ? coefficients.length : 0),
		given: assigned,
		found: isWhole ? statistics : assigned ? void 0 : responsibilities
	});
	if (sums === void 0) return plainImageSums(data, mixture, pass);
	if (isWhole && !assigned) for (let i = 0; i < rows; i++) for (let z = 0; z < k; z++) responsibilities[i * k + z] = statistics[statisticsIndex(mixture, i, k + k * classes + z)];
	return {
		value: sums[0],
		responsibilities,
		gradient: sums.subarray(1),
		statistics
	};
}
/**
* The product of an information with a direction, at a point whose statistics a pass has found: of the complete data's,
* the negated second derivative of {@link imageSums}' value with assigned responsibilities; or of the missing data's, the
* covariance of the complete data's score.
*
* @remarks cost: 4 n (1 + d)(k − 1 + k · classes) operations
*/
function imageProduct(data, direction, statistics, information) {
	return kernelPass(data, direction, {
		parts: information === "complete" ? COMPLETE : MISSING,
		length: 1 + direction.coefficients.length,
		given: statistics
	})?.subarray(1) ?? plainImageProduct(data, direction, statistics, information);
}
/**
* The Gram matrix Σ xx' of the columns, the intercept first, of every so many images ((1 + d) × (1 + d)).
*
* @param every takes one tile of images of so many, and of few images all
* @remarks cost: 2 n (1 + d)²/every operations
*/
function imageGram(data, every) {
	const d = data.images.length / data.rows;
	const size = 1 + d;
	const tileCount = Math.ceil(Math.floor(data.rows / 64) / every);
	const running = tileCount > 0 ? started() : void 0;
	const copy = running && copied(running, data, data.images.length, tiledImages);
	const sums = copy && runJob(running, {
		kernel: "images",
		work: tileCount * 64 * d * d,
		fields: {
			parts: GRAM,
			tileCount,
			rows: data.rows,
			length: 1 + d * size,
			d,
			k: 1,
			classes: d,
			tiles: copy.tiles,
			stride: every * copy.stride,
			response: 0
		},
		theta: void 0,
		gate: void 0
	});
	if (sums === void 0) return plainImageGram(data);
	const rows = tileCount * 64;
	const gram = new Float64Array(size * size);
	gram[0] = rows;
	for (let j = 1; j < size; j++) {
		const row = sums.subarray(1 + (j - 1) * size, 1 + j * size);
		gram[j] = gram[j * size] = row[0] / 255;
		for (let a = 1; a < size; a++) gram[j * size + a] = row[a] / 255 ** 2;
	}
	return {
		rows,
		gram
	};
}
function kernelPass(data, { k, classes, coefficients }, { parts, length, given, found }) {
	const running = started();
	if (running === void 0 || data.rows === 0) return void 0;
	const copy = copied(running, data, data.images.length, tiledImages);
	if (copy === void 0) return void 0;
	const { rows } = data;
	const d = data.images.length / rows;
	const { tiles, stride, tileCount } = copy;
	const sums = runJob(running, {
		kernel: "images",
		work: rows * coefficients.length,
		fields: {
			parts,
			tileCount,
			rows,
			length,
			d,
			k,
			classes,
			tiles,
			stride,
			response: stride - 64
		},
		theta: inParts(coefficients, d),
		gate: intercepts(coefficients, d),
		given,
		found
	});
	for (let row = 1; sums !== void 0 && row < length; row += 1 + d) for (let at = row + 1; at <= row + d; at++) sums[at] /= 255;
	return sums;
}
/** Copies images into tiles, their pixels filled up with black ones to whole vectors. */
function tiledImages({ rows, images, labels }, { take, bytes }) {
	const d = images.length / rows;
	const width = Math.ceil(d / 16) * 16;
	const stride = 64 * (width + 1);
	const tileCount = Math.ceil(rows / 64);
	const region = take(tileCount * stride);
	if (region === void 0) return void 0;
	const memory = bytes();
	memory.fill(0, region.address, region.address + region.bytes);
	for (let i = 0; i < rows; i++) {
		const tile = region.address + Math.floor(i / 64) * stride;
		memory.set(images.subarray(i * d, (i + 1) * d), tile + i % 64 * width);
		memory[tile + 64 * width + i % 64] = labels[i];
	}
	return {
		region,
		tiles: region.address,
		stride,
		tileCount
	};
}
/** Coefficients of pixels in single precision: of the first PART_PIXELS pixels all rows, of the next ones all rows, … */
function inParts(coefficients, d) {
	const m = coefficients.length / (1 + d);
	const parts = Math.ceil(d / 784);
	const packed = new Float32Array(parts * m * 784);
	for (let part = 0; part < parts; part++) {
		const count = Math.min(784, d - part * 784);
		for (let h = 0; h < m; h++) {
			const to = (part * m + h) * 784;
			const from = h * (1 + d) + 1 + part * 784;
			for (let j = 0; j < count; j++) packed[to + j] = coefficients[from + j] / 255;
		}
	}
	return packed;
}
/** Intercepts in single precision. */
function intercepts(coefficients, d) {
	return Float32Array.from({ length: coefficients.length / (1 + d) }, (_, h) => coefficients[h * (1 + d)]);
}
//#endregion
//#region src/math/vector.ts
/** The inner product Σ a_j b_j. */
function dot(a, b) {
	let sum = 0;
	for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
	return sum;
}
/** Adds a multiple, a += c b, in place. */
function addMultiple(a, c, b) {
	for (let j = 0; j < a.length; j++) a[j] += c * b[j];
}
//#endregion
//#region src/math/conjugate-gradient.ts
/**
* Solves A x = b for a symmetric positive definite A by preconditioned conjugate gradients.
*
* Every iterate minimises ½x'Ax − b'x over a larger space than the one before, so that cut short it is still a direction
* along which that falls.
*
* @param apply the product A v
* @remarks cost of an iteration: one product, one solution with P. The residual is that of the recursion. Golub and Van
*   Loan, Matrix Computations, 11.5.
*/
function conjugateGradient(apply, b, { precondition, tolerance, maxIterations }) {
	const x = new Float64Array(b.length);
	const r = b.slice();
	let z = precondition(r);
	let size = dot(r, z);
	const first = size;
	const direction = z.slice();
	for (let iterations = 0;; iterations++) {
		const end = (end) => {
			return {
				x,
				residual: first > 0 ? Math.sqrt(size / first) : 0,
				iterations,
				end
			};
		};
		if (!(size > tolerance * tolerance * first)) return end("converged");
		if (iterations === maxIterations) return end("max-iterations");
		const image = apply(direction);
		const curvature = dot(direction, image);
		if (!(curvature > 0)) return end("negative curvature");
		addMultiple(x, size / curvature, direction);
		addMultiple(r, -size / curvature, image);
		z = precondition(r);
		const next = dot(r, z);
		for (let j = 0; j < z.length; j++) direction[j] = z[j] + next / size * direction[j];
		size = next;
	}
}
//#endregion
//#region src/models/image-maximum.ts
/** A step that promises less than so many roundings is the last. */
const LAST_STEP = 10;
const MAX_STEPS = 60;
/** Residual of a direction, relative to that of the gradient: a step that is to be followed by others need be no better. */
const LOOSE = .1;
const SHORTEST = 2 ** -30;
/** Maximises a concave objective by damped Newton steps, their directions found by conjugate gradients. */
function maximiseOnImages({ expand, value }, theta, { newtonSteps = MAX_STEPS, innerIterations, rounding }) {
	const start = expand(theta);
	let here = start;
	let at = theta;
	for (let step = 1; step <= newtonSteps; step++) {
		const { x: direction } = conjugateGradient(here.product, here.gradient, {
			precondition: here.precondition,
			tolerance: LOOSE,
			maxIterations: innerIterations
		});
		const promised = dot(here.gradient, direction);
		const error = rounding * Math.abs(here.value);
		const isLast = step === newtonSteps || promised <= LAST_STEP * error;
		let length = 1;
		let there;
		let next = at;
		for (; length > SHORTEST; length /= 2) {
			next = at.map((value, j) => value + length * direction[j]);
			if (!isLast) there = expand(next);
			if ((there?.value ?? value(next)) >= here.value + 1e-4 * length * promised - error) break;
		}
		if (length <= SHORTEST) break;
		at = next;
		if (there === void 0) break;
		here = there;
	}
	const gain = at.reduce((sum, value, j) => sum + start.gradient[j] * (value - theta[j]), 0);
	return {
		theta: at,
		gain
	};
}
//#endregion
//#region src/math/cholesky.ts
/**
* Cholesky factor of a symmetric positive definite matrix, `A = LL'`.
*
* A pivot that falls below `tolerance` times its own diagonal entry is taken for zero: the column is, to rounding, a
* combination of those before it.
*
* @param a matrix, p × p row-major; only the lower triangle is read
* @returns L, p × p with zeros above the diagonal; or the index of the first dependent column
* @remarks cost p³/3 multiplications
*/
function cholesky(a, p, tolerance = 1e-13) {
	const l = new Float64Array(p * p);
	for (let j = 0; j < p; j++) {
		let pivot = a[j * p + j];
		for (let m = 0; m < j; m++) pivot -= l[j * p + m] ** 2;
		if (!(pivot > tolerance * Math.abs(a[j * p + j])) || pivot === Number.POSITIVE_INFINITY) return j;
		const root = Math.sqrt(pivot);
		l[j * p + j] = root;
		for (let i = j + 1; i < p; i++) {
			let sum = a[i * p + j];
			for (let m = 0; m < j; m++) sum -= l[i * p + m] * l[j * p + m];
			l[i * p + j] = sum / root;
		}
	}
	return l;
}
/** Solves `Lx = b` in place for a lower triangular L, p × p. */
function solveLower(l, p, b) {
	for (let i = 0; i < p; i++) {
		let sum = b[i];
		for (let m = 0; m < i; m++) sum -= l[i * p + m] * b[m];
		b[i] = sum / l[i * p + i];
	}
}
/** Solves `L'x = b` in place for a lower triangular L, p × p. */
function solveUpper(l, p, b) {
	for (let i = p - 1; i >= 0; i--) {
		const x = b[i] / l[i * p + i];
		b[i] = x;
		for (let m = 0; m < i; m++) b[m] -= l[i * p + m] * x;
	}
}
//#endregion
//#region src/models/image-preconditioner.ts
/** Images for each column that a Gram matrix takes at the least. */
const ROWS_PER_COLUMN = 8;
/** What is added to the diagonal of the mean Gram matrix, relative to its mean: a pixel may be black in all images. */
const RAISE = .001;
/** Of each data set, which is never changed, the factor is found once. */
const factors = /* @__PURE__ */ new WeakMap();
/**
* A factor of the complete information, about: for each predictor the Gram matrix of the columns times the curvatures' sum.
*
* The Gram matrix is that of a sample of the images, the same for all predictors.
*
* @remarks cost of a solution: d² multiplications for each predictor
*/
function imagePreconditioner(data, shape, statistics, ridge) {
	const size = 1 + data.images.length / data.rows;
	const factor = gramFactor(data, size);
	const scales = curvatures(data.rows, shape, statistics).map((sum) => Math.sqrt(sum + ridge));
	const apply = (b, isWhole) => {
		const x = b.slice();
		scales.forEach((scale, h) => {
			const part = x.subarray(h * size, (h + 1) * size);
			if (isWhole) solveLower(factor, size, part);
			solveUpper(factor, size, part);
			for (let j = 0; j < size; j++) part[j] /= isWhole ? scale * scale : scale;
		});
		return x;
	};
	return {
		solve: (b) => apply(b, true),
		colour: (z) => apply(z, false)
	};
}
function gramFactor(data, size) {
	const known = factors.get(data);
	if (known !== void 0) return known;
	const { rows, gram } = imageGram(data, Math.max(1, Math.floor(data.rows / (ROWS_PER_COLUMN * size))));
	let trace = 0;
	for (let j = 0; j < size; j++) trace += gram[j * size + j];
	for (let j = 0; j < size; j++) gram[j * size + j] += RAISE * trace / size;
	const factor = cholesky(gram.map((sum) => sum / rows), size);
	if (typeof factor === "number") throw new Error("a Gram matrix with a raised diagonal has a factor");
	factors.set(data, factor);
	return factor;
}
/** Σ g (1 − g) of each of the gate's predictors, and Σ r p (1 − p) of each expert's. */
function curvatures(rows, shape, statistics) {
	const { k, classes } = shape;
	const sums = new Float64Array(k - 1 + k * classes);
	for (let i = 0; i < rows; i++) {
		const at = statisticsIndex(shape, i, 0);
		const stride = statisticsIndex(shape, 0, 1);
		for (let h = 0; h < sums.length; h++) {
			const p = statistics[at + (1 + h) * stride];
			const z = h < k - 1 ? void 0 : Math.floor((h - (k - 1)) / classes);
			const r = z === void 0 ? 1 : statistics[at + (k + k * classes + z) * stride];
			sums[h] += r * p * (1 - p);
		}
	}
	return sums;
}
//#endregion
//#region src/models/softmax.ts
/**
* Ridge coupling of the classes 1 … C − 1: ½ρ Σ_c ‖w_c − w̄‖² over all C classes, with w_0 = 0.
*
* Penalising the coefficients less their mean makes the fit independent of which class is the reference.
*
* @returns I − 11'/C, (C − 1) × (C − 1)
*/
function softmaxPenalty(classes) {
	const m = classes - 1;
	return Float64Array.from({ length: m * m }, (_, at) => (at % (m + 1) === 0 ? 1 : 0) - 1 / classes);
}
//#endregion
//#region src/models/image-mixture.ts
/** Errors of the rows' log-likelihoods, about 1e-6 each in single precision, partly cancel in their sum. */
const ROUNDING$2 = 1e-7;
const INNER_ITERATIONS$1 = 10;
/**
* A mixture of k experts on images with a softmax gate, p(y|x) = Σ_z softmax_z(x'w) softmax_y(x'β_z), its pixels bytes.
*
* The columns x of gate and experts are an intercept and the d pixels, from 0 to 1. The parameter vector holds the gate's
* coefficients (expert 1 is the reference, w_1 = 0), then those of each expert, all C labels. No label is a reference: of
* the (k − 1 + kC)(1 + d) parameters (k − 1 + k(C − 1))(1 + d) are free, and a ridge makes all of them unique. Otherwise it
* is the `mixture` of logistic experts.
*
* Passes over the images are in single precision: log-likelihoods agree with double precision to about 1e-7, gradients to
* 1e-5 of their largest entry.
*
* An M-step is a Newton search whose directions come from conjugate gradients, preconditioned with the Gram matrix of the
* pixels: `em` searches until single precision shows no gain, `generalisedEm` takes so many Newton steps. The E-step finds
* the gradient along the way, so that a first Newton step adds its products and half a pass.
*
* @param spec.innerIterations of conjugate gradients for each Newton step, a whole number from 1 on; default 10
* @throws InputError for a spec of no mixture
* @remarks cost of a pass: 4 n (1 + d)(k − 1 + kC) operations; an E-step is one, and so is each inner iteration. Images
*   take n·d bytes, twice. arXiv 2411.06056, section 6 and Appendix D.
* @example
* ```ts
* import { imageMixture, generalisedEm, iterate, predictImages } from "mixlens";
* // Two pixels: the second says whether the first is to be read the other way round.
* const images = Uint8Array.from({ length: 800 }, (_, at) => (at * 7919) % 256);
* const labels = Uint8Array.from({ length: 400 }, (_, i) => Number(images[2 * i] > 127 === images[2 * i + 1] > 127));
* const data = { rows: 400, images, labels };
* const model = imageMixture({ k: 2, labels: ["dark", "bright"], pixels: 2, ridge: 0.01 });
* const start = Float64Array.from(model.names, (_, j) => Math.sin(j));
* const run = [...iterate(generalisedEm<typeof data>(), model, start, data, { tolerance: 1e-2, maxIterations: 30 })];
* const [before, after] = [run[0], run[run.length - 1]].map(({ theta }) => predictImages(model, theta, data));
* if (!(after.crossEntropy < before.crossEntropy - 0.1)) throw new Error("EM learns to tell them apart");
* ```
*/
function imageMixture(spec) {
	const { k, labels, pixels, ridge = 0, innerIterations = INNER_ITERATIONS$1, onPass = () => {} } = spec;
	check(spec);
	const shape = {
		k,
		classes: labels.length
	};
	const size = 1 + pixels;
	const names = layout(spec);
	const of = (coefficients) => ({
		...shape,
		coefficients
	});
	const coupling = softmaxPenalty(k);
	const penalised = (v) => {
		const pull = v.map((value) => ridge * value);
		for (let h = 0; h < k - 1; h++) for (let a = 0; a < size; a++) {
			let sum = 0;
			for (let j = 0; j < k - 1; j++) sum += coupling[h * (k - 1) + j] * v[j * size + a];
			pull[h * size + a] = ridge * sum;
		}
		return pull;
	};
	const penalty = (theta) => ridge === 0 ? 0 : .5 * dot(theta, penalised(theta));
	const less = (gradient, theta, factor = 1) => {
		if (ridge === 0) return gradient;
		const pull = penalised(theta);
		return gradient.map((value, j) => value - factor * pull[j]);
	};
	const complete = (data, v, statistics) => {
		onPass(data.rows, 1);
		return less(imageProduct(data, of(v), statistics, "complete"), v, -1);
	};
	/** What the E-step found, by the responsibilities that came of it: the M-step starts there. */
	const found = /* @__PURE__ */ new WeakMap();
	const expected = (theta, responsibilities, data) => {
		const known = found.get(responsibilities);
		if (known !== void 0 && known.data === data && isSame(known.theta, theta)) return known;
		const assigned = Float32Array.from(responsibilities);
		onPass(data.rows, 1);
		return {
			theta,
			data,
			...imageSums(data, of(theta), {
				gradient: true,
				statistics: true,
				assigned
			})
		};
	};
	return {
		spec,
		names,
		rounding: ROUNDING$2,
		gate: Array.from({ length: k - 1 }, (_, h) => ({
			offset: h * size,
			size
		})),
		totalWeight: ({ rows }) => rows,
		rowsOf: ({ images, labels }, index) => {
			const chosen = new Uint8Array(index.length * pixels);
			for (let i = 0; i < index.length; i++) chosen.set(images.subarray(index[i] * pixels, (index[i] + 1) * pixels), i * pixels);
			return {
				rows: index.length,
				images: chosen,
				labels: Uint8Array.from(index, (at) => labels[at])
			};
		},
		posterior: (theta, data) => {
			onPass(data.rows, 1);
			const sums = imageSums(data, of(theta), {
				gradient: true,
				statistics: true
			});
			const responsibilities = Float64Array.from(sums.responsibilities);
			found.set(responsibilities, {
				theta,
				data,
				...sums,
				value: sums.value - entropy(responsibilities)
			});
			return {
				logLikelihood: sums.value,
				objective: sums.value - penalty(theta),
				responsibilities
			};
		},
		gradient: (theta, data) => {
			onPass(data.rows, 1);
			const { value, gradient } = imageSums(data, of(theta), { gradient: true });
			return {
				logLikelihood: value,
				objective: value - penalty(theta),
				gradient: less(gradient, theta)
			};
		},
		completeGradient: (theta, responsibilities, data) => less(expected(theta, responsibilities, data).gradient, theta),
		maximise: (theta, { responsibilities }, data, newtonSteps) => {
			const assigned = Float32Array.from(responsibilities);
			const expand = (at) => {
				const { value, gradient, statistics } = expected(at, responsibilities, data);
				return {
					value: value - penalty(at),
					gradient: less(gradient, at),
					product: (v) => complete(data, v, statistics),
					precondition: imagePreconditioner(data, shape, statistics, ridge).solve
				};
			};
			const value = (at) => {
				onPass(data.rows, .5);
				return imageSums(data, of(at), { assigned }).value - penalty(at);
			};
			return maximiseOnImages({
				expand,
				value
			}, theta, {
				newtonSteps,
				innerIterations,
				rounding: ROUNDING$2
			});
		},
		informationProducts: (theta, data) => {
			onPass(data.rows, .5);
			const { statistics } = imageSums(data, of(theta), { statistics: true });
			return {
				complete: (v) => complete(data, v, statistics),
				missing: (v) => {
					onPass(data.rows, 1);
					return imageProduct(data, of(v), statistics, "missing");
				},
				preconditioner: () => imagePreconditioner(data, shape, statistics, ridge)
			};
		}
	};
}
/** −Σ r log r, in nats. */
function entropy(responsibilities) {
	let sum = 0;
	for (const r of responsibilities) if (r > 0) sum -= r * Math.log(r);
	return sum;
}
function isSame(a, b) {
	return a === b || a.length === b.length && a.every((value, j) => value === b[j]);
}
function check({ k, labels, pixels, ridge = 0, innerIterations = INNER_ITERATIONS$1 }) {
	const act = "make a mixture on images";
	if (!(Number.isInteger(k) && k >= 1)) throw new InputError(act, "k to be a whole number from 1 on", String(k));
	if (labels.length < 2) throw new InputError(act, "two labels or more", String(labels.length));
	if (!(Number.isInteger(pixels) && pixels >= 1)) throw new InputError(act, "pixels to be a whole number from 1 on", String(pixels));
	if (!(Number.isInteger(innerIterations) && innerIterations >= 1)) throw new InputError(act, "innerIterations to be a whole number from 1 on", String(innerIterations));
	if (!(ridge >= 0 && ridge < Number.POSITIVE_INFINITY)) throw new InputError(act, "a ridge from 0 on", String(ridge));
}
/** What each parameter is called. */
function layout({ k, labels, pixels }) {
	const columns = ["(intercept)", ...Array.from({ length: pixels }, (_, j) => `pixel${j + 1}`)];
	const names = [];
	const place = (owner) => {
		for (const column of columns) names.push(`${owner}.${column}`);
	};
	for (let z = 1; z < k; z++) place(`gate${z + 1}`);
	for (let z = 0; z < k; z++) for (const label of labels) place(`expert${z + 1}.${label}`);
	return names;
}
//#endregion
//#region ../explore.ts
async function load(seed = 1) {
	const f = await fashionMnist();
	const rng = random(seed);
	return {
		train: randomInvert(f.train, rng),
		test: randomInvert(f.test, rng),
		names: f.names
	};
}
function evaluate(theta, test, k = 2) {
	const mix = {
		k,
		classes: 10,
		coefficients: theta
	};
	const { value, statistics: s } = imageSums(test, mix, { statistics: true });
	let right = 0;
	for (let i = 0; i < test.rows; i++) {
		let best = -1, at = 0;
		for (let c = 0; c < 10; c++) {
			let p = 0;
			for (let z = 0; z < k; z++) p += s[statisticsIndex(mix, i, z)] * s[statisticsIndex(mix, i, k + z * 10 + c)];
			if (p > best) {
				best = p;
				at = c;
			}
		}
		if (at === test.labels[i]) right++;
	}
	return {
		acc: 100 * right / test.rows,
		ce: -value / test.rows
	};
}
//#endregion
//#region src/algorithms/step-size.ts
/** Refuses a number of steps that is not a whole number from 1 on. */
function checkCount(act, name, value) {
	if (Number.isInteger(value) && value >= 1) return;
	throw new InputError(act, `${name} to be a whole number from 1 on`, String(value));
}
/** First-order gain ⟨gradient, θ⁺ − θ⟩ of a step, in nats. */
function firstOrderGain(gradient, theta, next) {
	return gradient.reduce((sum, g, j) => sum + g * (next[j] - theta[j]), 0);
}
//#endregion
//#region src/algorithms/anderson.ts
/** Rounding of the objective, relative to itself, that must not refuse a step. */
const ROUNDING$1 = 1e-13;
/** A difference of residuals of which less than this part is new says nothing. */
const DEPENDENT = 1e-12;
/**
* EM with Anderson's acceleration: θ⁺ = F(θ) − Σ_i γ_i ΔF_i, with EM's map F and the γ that leave least of the residual,
* ‖f − Σ_i γ_i Δf_i‖, where f = F(θ) − θ and Δ are differences between the last evaluations.
*
* Lengths are measured by the complete information, so that units of columns don't matter. Where the extrapolation lowers
* the objective, or is not finite, the step is EM's and the memory starts anew: the objective never falls. Slow problems
* gain most: where EM takes hundreds of steps, this takes tens. Far from a limit it may end in another one than EM, and its
* estimated distance to the limit is rougher than EM's: with a tolerance above 1e-3 it may stop ten times as far.
*
* @param options.memory evaluations of F that are looked back on, a whole number from 1 on; default 8
* @param options.innerSteps Newton steps of an M-step at the most, a whole number from 1 on: F is then generalised EM's
*   map; default: enough to converge
* @throws InputError when one is none
* @remarks cost of a step: an EM step and a gradient, and a second E-step where the extrapolation is refused. Walker and
*   Ni 2011; with restarts and a monotone guard, Henderson and Varadhan 2019.
* @example
* ```ts
* import { anderson, datasetPath, fit } from "mixlens";
* const options = { response: "species", experts: "logistic", ridge: 0.1, starts: 1 } as const;
* const plain = fit(datasetPath("iris"), options);
* const quick = fit(datasetPath("iris"), { ...options, algorithm: anderson() });
* if (quick.iterations > plain.iterations / 2) throw new Error(`${quick.iterations} steps, EM ${plain.iterations}`);
* ```
*/
function anderson(options = {}) {
	const { memory = 8, innerSteps } = options;
	checkCount("use Anderson's acceleration", "memory", memory);
	if (innerSteps !== void 0) checkCount("use Anderson's acceleration", "innerSteps", innerSteps);
	return {
		name: "anderson",
		monotone: true,
		init: (model, theta, data) => accelerated(model.posterior(theta, data), []),
		step: (model, theta, { posterior: found, objective: before, history: past }, data) => {
			const { theta: image, failure } = model.maximise(theta, found, data, innerSteps);
			if (failure !== void 0) return { failure };
			const gradient = model.completeGradient(theta, found.responsibilities, data);
			let history = [{
				image,
				residual: less(image, 1, theta),
				gradient
			}, ...past].slice(0, memory + 1);
			let next = extrapolate(history);
			let posterior = model.posterior(next, data);
			if (!(posterior.objective >= before - (model.rounding ?? ROUNDING$1) * Math.abs(before))) {
				history = [];
				next = image;
				posterior = model.posterior(next, data);
			}
			const { logLikelihood, objective } = posterior;
			const info = {
				logLikelihood,
				objective,
				gain: firstOrderGain(gradient, theta, next)
			};
			return {
				theta: next,
				state: accelerated(posterior, history),
				info
			};
		}
	};
}
function accelerated(posterior, history) {
	const { logLikelihood, objective } = posterior;
	return {
		posterior,
		history,
		logLikelihood,
		objective
	};
}
/** F(θ) less the part of its residual that the differences to earlier evaluations explain, by Gram and Schmidt. */
function extrapolate(history) {
	let { image, residual } = history[0];
	const basis = [];
	for (let i = 1; i < history.length; i++) {
		const [newer, older] = [history[i - 1], history[i]];
		let difference = {
			image: less(newer.image, 1, older.image),
			residual: less(newer.residual, 1, older.residual),
			gradient: less(newer.gradient, 1, older.gradient)
		};
		const size = dot(difference.gradient, difference.residual);
		for (const unit of basis) difference = without(difference, unit);
		const square = dot(difference.gradient, difference.residual);
		if (!(square > DEPENDENT * Math.abs(size))) break;
		const unit = scaled$1(difference, 1 / Math.sqrt(square));
		basis.push(unit);
		const part = dot(unit.gradient, residual);
		residual = less(residual, part, unit.residual);
		image = less(image, part, unit.image);
	}
	return image;
}
/** The difference less its projection on a unit difference: ⟨a, b⟩ = a's gradient times b's residual. */
function without({ image, residual, gradient }, unit) {
	const part = dot(unit.gradient, residual);
	return {
		image: less(image, part, unit.image),
		residual: less(residual, part, unit.residual),
		gradient: less(gradient, part, unit.gradient)
	};
}
function scaled$1({ image, residual, gradient }, factor) {
	const times = (a) => a.map((value) => value * factor);
	return {
		image: times(image),
		residual: times(residual),
		gradient: times(gradient)
	};
}
function less(a, factor, b) {
	return a.map((value, j) => value - factor * b[j]);
}
//#endregion
//#region src/algorithms/em.ts
/**
* Expectation-maximisation: θ⁺ = argmax Q(· | θ), with a converged M-step.
*
* The state is the posterior of θ, so responsibilities and parameters always agree. The objective never falls. Near its
* limit the distance shrinks with every step by the largest eigenvalue of the missing information there, which `spectrum`
* finds.
*
* @remarks cost of a step: an E-step and, for each part without a closed form, the value, gradient and Hessian of some
*   Newton steps; see `fit`. Dempster, Laird and Rubin 1977; as mirror descent, arXiv 2411.06056, Theorem 4.1.
* @example
* ```ts
* import { em, fit } from "mixlens";
* const y = [0, 1, 2, 3, 3, 2, 1, 0.5];
* const line = fit({ x: [0, 1, 2, 3, 4, 5, 6, 7], y }, { response: "y", k: 1, algorithm: em() });
* if (line.result !== "converged") throw new Error(line.result);
* ```
*/
function em() {
	return alternating("em");
}
/** E-steps and M-steps in turn; these converged, or cut short after so many Newton steps. */
function alternating(name, newtonSteps) {
	return {
		name,
		monotone: true,
		init: (model, theta, data) => model.posterior(theta, data),
		step: (model, theta, posterior, data) => {
			const maximum = model.maximise(theta, posterior, data, newtonSteps);
			if (maximum.failure !== void 0) return { failure: maximum.failure };
			const state = model.posterior(maximum.theta, data);
			const { logLikelihood, objective } = state;
			return {
				theta: maximum.theta,
				state,
				info: {
					logLikelihood,
					objective,
					gain: maximum.gain
				}
			};
		}
	};
}
//#endregion
//#region src/algorithms/stop.ts
/**
* Estimates how far the limit is, from the first-order gains of the steps so far (Aitken's extrapolation).
*
* Near its limit a linearly convergent method with rate ρ has gains D_t that shrink by ρ², and what is left to gain after
* a step is ρ²D_t / (2(1 − ρ)): a small step alone proves nothing, a slow method makes small steps far from its limit.
* The gains, unlike differences of log-likelihoods, do not drown in rounding.
*
* Where ρ is known, the last gain is enough, once gains shrink. EM's gain along an eigenvector of the missing information
* with eigenvalue λ is 1 − λ times the distance there squared, and ρ is the largest λ: near the limit the distance is then
* never underestimated, and exact once the slowest direction is all that is left.
*
* @param gains ⟨∇ objective(θ_t), θ_{t+1} − θ_t⟩ in nats, oldest first
* @param known ρ of the method at the limit, from 0 to below 1; default: from the last gains
*/
function outlook(gains, known) {
	if (known !== void 0) return {
		distance: distanceAt(gains, known),
		rate: known
	};
	const last = gains.slice(-4);
	if (last.length < 4 || last.some((gain) => !(gain > 0))) return {
		distance: NaN,
		rate: NaN
	};
	const ratio = Math.max(last[1] / last[0], last[2] / last[1], last[3] / last[2]);
	const rate = Math.sqrt(ratio);
	return {
		distance: ratio < 1 ? Math.sqrt(ratio * last[3] / (1 - rate)) : NaN,
		rate
	};
}
/** Distance left at a known rate; NaN while gains grow, as they do far from the limit only. */
function distanceAt(gains, rate) {
	const [before, last] = gains.slice(-2).map(Math.abs);
	return last <= before ? rate * Math.sqrt(last / (1 - rate)) : NaN;
}
/** Steps without a new least gain after which a run whose gains are lost in rounding is at its limit. */
const STALLED = 20;
/**
* Whether a run has reached its limit to `tolerance` standard errors, or as near as double precision goes.
*
* @param gains first-order gains in nats, oldest first
* @param objective present value of the objective, in nats
* @param rate the method's, where it is known
*/
function atLimit(gains, objective, tolerance, rate) {
	if (gains.length === 0) return false;
	if (outlook(gains, rate).distance <= tolerance) return true;
	const last = Math.abs(gains[gains.length - 1]);
	if (rate === void 0 && Math.sqrt(last) <= tolerance / 1e3) return true;
	if (last > Number.EPSILON * Math.abs(objective) || gains.length <= STALLED) return false;
	return least(gains.slice(-STALLED)) >= least(gains.slice(0, -STALLED));
}
/** Smallest size of a gain; a long run has more gains than a call takes arguments. */
function least(gains) {
	return gains.reduce((size, gain) => Math.min(size, Math.abs(gain)), Number.POSITIVE_INFINITY);
}
//#endregion
//#region src/algorithms/iterate.ts
/** Rounding of the objective, relative to itself: a fall by no more isn't one, and a step that falls by more has failed. */
const ROUNDING = 1e-12;
const FAILED = 1e-9;
/**
* Runs an algorithm: the only loop. Every iterate is handed to whoever listens, and the outcome is returned.
*
* @param theta where to start (p); not changed
* @throws InputError for a rate that is not from 0 to below 1
* @example
* ```ts
* import { em, fit, iterate } from "mixlens";
* const x = [0, 1, 2, 3, 4, 5, 6, 7];
* const { mixture, observations, start } = fit({ x, y: x.map(Math.sin) }, { response: "y", k: 2, starts: 3 });
* const run = iterate(em(), mixture, start, observations, { tolerance: 1e-6, maxIterations: 5 });
* let last = -Infinity;
* for (const { objective } of run) {
*   if (objective < last - 1e-9) throw new Error("EM never lowers the objective");
*   last = objective;
* }
* ```
*/
function* iterate(algorithm, model, theta, data, stop) {
	const { tolerance, maxIterations, rate } = stop;
	if (rate !== void 0 && !(rate >= 0 && rate < 1)) throw new InputError("iterate", "a rate from 0 to below 1", String(rate), "leave it out where there is no maximum");
	const { rounding = ROUNDING } = model;
	let state = algorithm.init(model, theta, data);
	const gains = [];
	const end = (result, message) => {
		return {
			result,
			theta,
			state,
			iterations: gains.length,
			message
		};
	};
	if (!Number.isFinite(state.objective)) return end("non-finite", "The objective is not finite at the start.");
	yield {
		iteration: 0,
		theta,
		logLikelihood: state.logLikelihood,
		objective: state.objective,
		gain: 0
	};
	while (gains.length < maxIterations) {
		const step = algorithm.step(model, theta, state, data);
		if ("failure" in step) return end("failed", `Stopped in step ${gains.length + 1}: ${step.failure}.`);
		const { objective, gain } = step.info;
		if (!Number.isFinite(objective) || !Number.isFinite(gain)) return end("non-finite", `The objective is not finite after step ${gains.length + 1}: try a shorter step.`);
		const fall = state.objective - objective;
		if (algorithm.monotone && fall > Math.max(FAILED, rounding) * (1 + Math.abs(objective))) return end("failed", `Step ${gains.length + 1} lowered the objective by ${fall.toPrecision(3)} nats.`);
		({theta, state} = step);
		gains.push(gain / (step.info.relaxation ?? 1));
		yield {
			iteration: gains.length,
			theta,
			...step.info
		};
		if (fall <= rounding * (1 + Math.abs(objective)) && atLimit(gains, objective, tolerance, rate)) return end("converged", "");
	}
	return end("max-iterations", unfinished(algorithm.name, gains, stop));
}
function unfinished(name, gains, { tolerance, maxIterations, rate: known }) {
	const { distance, rate } = outlook(gains, known);
	const stopped = `Stopped after ${maxIterations} steps`;
	if (Number.isNaN(distance)) return `${stopped}, before the rate of convergence settled: raise maxIterations.`;
	const more = Math.ceil(Math.log(tolerance / distance) / Math.log(rate));
	return `${stopped}, about ${distance.toPrecision(2)} standard errors from the limit; at the ${known === void 0 ? "observed" : "known"} rate of ${rate.toFixed(4)} it takes about ${more} more: raise maxIterations${name === "em" ? ", or take the algorithm anderson" : ""}.`;
}
//#endregion
//#region src/algorithms/cells.ts
/**
* The nearest of some centres to each row, by Euclidean distance.
*
* @param columns n numbers each
* @param centres points with a number for each column
*/
function nearest(columns, rows, centres) {
	const cells = new Int32Array(rows);
	const least = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
	const distance = new Float64Array(rows);
	centres.forEach((centre, z) => {
		distance.fill(0);
		columns.forEach((column, j) => {
			for (let i = 0; i < rows; i++) distance[i] += (column[i] - centre[j]) ** 2;
		});
		for (let i = 0; i < rows; i++) if (distance[i] < least[i]) [cells[i], least[i]] = [z, distance[i]];
	});
	return cells;
}
/** The points of k different rows drawn at random. */
function randomPoints(rng, columns, rows, k) {
	const chosen = /* @__PURE__ */ new Set();
	while (chosen.size < k) chosen.add(rng.integer(rows));
	return Array.from(chosen, (row) => columns.map((column) => column[row]));
}
/** Rounds of Lloyd's algorithm at the most: a start need not be a perfect clustering. */
const ROUNDS = 50;
/**
* The cells of k-means from random rows: centres at the means of their cells, found by Lloyd's rounds.
*
* @remarks cost n·k numbers for each column and round
*/
function kMeans(rng, columns, rows, k) {
	let centres = randomPoints(rng, columns, rows, k);
	let cells = nearest(columns, rows, centres);
	for (let round = 0; round < ROUNDS; round++) {
		const size = new Float64Array(k);
		for (const z of cells) size[z]++;
		const sums = columns.map((column) => {
			const sum = new Float64Array(k);
			for (let i = 0; i < rows; i++) sum[cells[i]] += column[i];
			return sum;
		});
		centres = centres.map((centre, z) => size[z] > 0 ? sums.map((sum) => sum[z] / size[z]) : centre);
		const next = nearest(columns, rows, centres);
		if (next.every((z, i) => z === cells[i])) break;
		cells = next;
	}
	return cells;
}
//#endregion
//#region src/algorithms/image-start.ts
/** Images that cells are made of: their means are all that is wanted. */
const SAMPLE = 2e3;
/** Log-odds of a cell at its own mean, against another. */
const LOG_ODDS = 4;
/**
* A start for a mixture on images: a gate that tells the cells of k-means apart, and experts that say nothing yet.
*
* The cells are those of 2000 images by the Euclidean distance of their pixels; of the labels it knows nothing. The gate's
* log-odds of two cells are 0 halfway between their means and ±4 at the means.
*
* @returns the parameters (p), those of all experts 0
* @remarks cost: 2000 k d multiplications for each of at most 50 rounds
* @example
* ```ts
* import { imageMixture, imageStart, predictImages, random } from "mixlens";
* const shades = [10, 30, 20, 240, 220, 230];
* const data = { rows: 6, images: Uint8Array.from(shades), labels: new Uint8Array(6) };
* const model = imageMixture({ k: 2, labels: ["a", "b"], pixels: 1 });
* const { gate } = predictImages(model, imageStart(model, data, random(1)), data);
* const cells = Array.from({ length: 6 }, (_, i) => gate[2 * i] > 0.5);
* if (cells[0] === cells[5] || new Set(cells).size !== 2) throw new Error("dark images and bright ones");
* ```
*/
function imageStart({ spec: { k, pixels, labels } }, data, random) {
	const rows = Math.min(SAMPLE, data.rows);
	const index = Array.from({ length: rows }, () => random.integer(data.rows));
	const columns = Array.from({ length: pixels }, (_, j) => Float64Array.from(index, (i) => data.images[i * pixels + j] / 255));
	const cells = kMeans(random, columns, rows, k);
	const counts = new Float64Array(k);
	for (const z of cells) counts[z]++;
	const means = Array.from({ length: k }, () => new Float64Array(pixels));
	columns.forEach((column, j) => {
		for (let i = 0; i < rows; i++) means[cells[i]][j] += column[i] / counts[cells[i]];
	});
	const theta = new Float64Array((k - 1 + k * labels.length) * (1 + pixels));
	for (let z = 1; z < k; z++) {
		const gate = theta.subarray((z - 1) * (1 + pixels), z * (1 + pixels));
		const apart = means[z].reduce((sum, mean, j) => sum + (mean - means[0][j]) ** 2, 0);
		const scale = 2 * LOG_ODDS / apart;
		for (let j = 0; j < pixels; j++) {
			gate[1 + j] = scale * (means[z][j] - means[0][j]);
			gate[0] -= scale * (means[z][j] ** 2 - means[0][j] ** 2) / 2;
		}
	}
	return theta;
}
//#endregion
//#region src/math/tridiagonal.ts
/**
* T = H_{p−3} ⋯ H_0 A H_0 ⋯ H_{p−3}, by one Householder reflection for each column.
*
* Each reflection changes what is left of the matrix by −vq' − qv', with q = Av − ½(v'Av)v. Only the lower triangle is
* kept, and one pass over it both makes the last change and multiplies the next reflection's vector: the matrix goes
* through the cache once for each column, not three times.
*
* @param a matrix, p × p; only the lower triangle is read
* @remarks cost ⅔p³ multiplications. Golub and Van Loan, Matrix Computations, 8.3.1.
*/
function tridiagonalise(a, p) {
	const t = a.slice();
	const reflectors = new Float64Array(p * p);
	const diagonal = new Float64Array(p);
	const off = new Float64Array(p);
	/** The last reflection's v and q, and the product of the matrix with the next one's. */
	let v = new Float64Array(p);
	let q = new Float64Array(p);
	for (let c = 0; c < p; c++) {
		for (let i = c; i < p; i++) t[i * p + c] -= v[i] * q[c] + q[i] * v[c];
		diagonal[c] = t[c * p + c];
		if (c + 1 === p) break;
		const u = reflectors.subarray(c * p, (c + 1) * p);
		off[c] = c + 2 < p ? reflection(t, p, c, u) : t[(c + 1) * p + c];
		const w = changeAndMultiply(t, p, c + 1, v, q, u);
		let along = 0;
		for (let i = c + 1; i < p; i++) along += u[i] * w[i];
		for (let i = c + 1; i < p; i++) w[i] -= .5 * along * u[i];
		[v, q] = [u, w];
	}
	return {
		diagonal,
		off,
		reflectors
	};
}
/** The reflection that leaves of column c below the diagonal only its first entry, which it returns. */
function reflection(t, p, c, u) {
	let square = 0;
	for (let i = c + 1; i < p; i++) square += t[i * p + c] ** 2;
	const first = t[(c + 1) * p + c];
	if (square === 0) return first;
	const alpha = first > 0 ? -Math.sqrt(square) : Math.sqrt(square);
	const scale = 1 / Math.sqrt(square - alpha * first);
	for (let i = c + 1; i < p; i++) u[i] = t[i * p + c] * scale;
	u[c + 1] -= alpha * scale;
	return alpha;
}
/** T ← T − vq' − qv' on the rows and columns from `first` on; returns Tu (p). */
function changeAndMultiply(t, p, first, v, q, u) {
	const w = new Float64Array(p);
	let i = first;
	for (; i + 1 < p; i += 2) {
		const [upper, lower] = [i * p, (i + 1) * p];
		const [vi, qi, ui] = [
			v[i],
			q[i],
			u[i]
		];
		const [vk, qk, uk] = [
			v[i + 1],
			q[i + 1],
			u[i + 1]
		];
		let sum = 0;
		let other = 0;
		for (let j = first; j < i; j++) {
			const vj = v[j];
			const qj = q[j];
			const uj = u[j];
			const one = t[upper + j] - vi * qj - qi * vj;
			const two = t[lower + j] - vk * qj - qk * vj;
			t[upper + j] = one;
			t[lower + j] = two;
			sum += one * uj;
			other += two * uj;
			w[j] += one * ui + two * uk;
		}
		const corner = t[lower + i] - vk * qi - qk * vi;
		t[upper + i] -= 2 * vi * qi;
		t[lower + i] = corner;
		t[lower + i + 1] -= 2 * vk * qk;
		w[i] += sum + t[upper + i] * ui + corner * uk;
		w[i + 1] += other + corner * ui + t[lower + i + 1] * uk;
	}
	if (i < p) {
		const row = i * p;
		const [vi, qi, ui] = [
			v[i],
			q[i],
			u[i]
		];
		let sum = 0;
		for (let j = first; j < i; j++) {
			const entry = t[row + j] - vi * q[j] - qi * v[j];
			t[row + j] = entry;
			sum += entry * u[j];
			w[j] += entry * ui;
		}
		t[row + i] -= 2 * vi * qi;
		w[i] += sum + t[row + i] * ui;
	}
	return w;
}
/** Rows q_i with A = Σ_ij T_ij q_i q_j' (p × p): the reflections, multiplied out from the last to the first. */
function basisOf({ reflectors }, p) {
	const basis = new Float64Array(p * p);
	for (let i = 0; i < p; i++) basis[i * p + i] = 1;
	for (let c = p - 3; c >= 0; c--) {
		const v = reflectors.subarray(c * p, (c + 1) * p);
		for (let i = c + 1; i < p; i++) {
			const row = basis.subarray(i * p, (i + 1) * p);
			let along = 0;
			for (let j = c + 1; j < p; j++) along += row[j] * v[j];
			for (let j = c + 1; j < p; j++) row[j] -= along * v[j];
		}
	}
	return basis;
}
//#endregion
//#region src/math/symmetric-eigen.ts
/**
* All eigenvalues and eigenvectors of a symmetric matrix: Householder tridiagonalisation, then the implicit QL iteration.
*
* @param a matrix, p × p; only the lower triangle is read
* @throws Error when an eigenvalue is not found in 60 sweeps, which only a matrix that is not finite brings about
* @remarks about 4p³ multiplications. Golub and Van Loan, Matrix Computations, 8.3.
*/
function symmetricEigen(a, p) {
	const { scale, tridiagonal } = scaled(a, p);
	const basis = basisOf(tridiagonal, p);
	implicitQL(tridiagonal, p, basis);
	const { diagonal } = tridiagonal;
	const order = Array.from({ length: p }, (_, j) => j).sort((i, j) => diagonal[j] - diagonal[i]);
	const vectors = new Float64Array(p * p);
	order.forEach((from, to) => {
		vectors.set(basis.subarray(from * p, (from + 1) * p), to * p);
	});
	return {
		values: Float64Array.from(order, (j) => diagonal[j] * scale),
		vectors
	};
}
/** The tridiagonal form of A / scale, whose entries are at most 1, so that no square over- or underflows. */
function scaled(a, p) {
	let scale = 0;
	for (let i = 0; i < p; i++) for (let j = 0; j <= i; j++) scale = Math.max(scale, Math.abs(a[i * p + j]));
	return {
		scale,
		tridiagonal: tridiagonalise(scale === 0 ? a : a.map((entry) => entry / scale), p)
	};
}
/** Diagonalises T by Givens rotations with Wilkinson's shift, rotating the rows of a basis along, where there is one. */
function implicitQL({ diagonal: d, off: e }, p, basis) {
	for (let l = 0; l < p; l++) for (let sweep = 0;; sweep++) {
		let m = l;
		while (m + 1 < p && Math.abs(e[m]) > Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1]))) m++;
		if (m === l) break;
		if (sweep === 60) throw new Error(`eigenvalue ${l} of a ${p} × ${p} matrix was not found in 60 sweeps`);
		const half = (d[l + 1] - d[l]) / (2 * e[l]);
		let g = d[m] - d[l] + e[l] / (half + Math.sign(half || 1) * Math.sqrt(half * half + 1));
		let sine = 1;
		let cosine = 1;
		let shift = 0;
		let i = m - 1;
		for (; i >= l; i--) {
			const f = sine * e[i];
			const b = cosine * e[i];
			const r = Math.sqrt(f * f + g * g);
			e[i + 1] = r;
			if (r === 0) {
				d[i + 1] -= shift;
				e[m] = 0;
				break;
			}
			sine = f / r;
			cosine = g / r;
			g = d[i + 1] - shift;
			const x = (d[i] - g) * sine + 2 * cosine * b;
			shift = sine * x;
			d[i + 1] = g + shift;
			g = cosine * x - b;
			if (basis) rotateRows(basis, i, sine, cosine, p);
		}
		if (i >= l) continue;
		d[l] -= shift;
		e[l] = g;
		e[m] = 0;
	}
}
function rotateRows(q, i, sine, cosine, p) {
	const upper = i * p;
	const lower = upper + p;
	for (let j = 0; j < p; j++) {
		const f = q[lower + j];
		q[lower + j] = sine * q[upper + j] + cosine * f;
		q[upper + j] = cosine * q[upper + j] - sine * f;
	}
}
//#endregion
//#region src/math/lanczos.ts
/** Of a new direction, the part that those before it leave: less than this is rounding. */
const NOTHING_NEW = 1e-8;
/** So many directions in a row that are nothing new: there is none left. */
const DRAWS = 3;
/**
* The m largest eigenvalues of A v = λ B v, by Lanczos' method in the inner product of B, with full
* reorthogonalisation.
*
* The basis grows by B⁻¹A of its last vector; the values are those of A restricted to it, from products with A and B
* themselves: an inexact B⁻¹ makes the search slower, never a value wrong unseen. The residuals are found with B⁻¹, not
* taken from the recursion. One chain of vectors sees one vector of each eigenspace, so that when the wanted pairs have
* converged a second chain from a new random direction, as long as the first, has to leave them as they are.
*
* @param top m, from 1 to the dimension
* @param tolerance of the residuals
* @param size of the basis at the most; it holds three vectors of p numbers for each direction
* @remarks Parlett, The Symmetric Eigenvalue Problem, chapters 13 and 15.
*/
function lanczos(pencil, top, tolerance, size) {
	const limit = Math.min(size, pencil.dimension);
	const basis = [];
	/** Where the present chain starts, and what is known from the one before it. */
	let start = 0;
	let known;
	let next = pencil.draw();
	let refused = 0;
	let check = top + 1;
	while (refused < DRAWS) {
		const found = orthonormal(next, basis, pencil);
		if (found === void 0) {
			next = pencil.draw();
			refused++;
			continue;
		}
		refused = 0;
		basis.push(found);
		if (basis.length === limit) break;
		next = pencil.solve(found.a);
		if (basis.length < check || known !== void 0 && basis.length - start < known.length) continue;
		check = basis.length + 1 + Math.floor(basis.length / 20);
		if (!seemsConverged(basis, top, tolerance)) continue;
		const pairs = ritzPairs(basis, top, pencil);
		if (pairs.residuals.some((residual) => residual > tolerance)) continue;
		if (known?.values.every((value, e) => Math.abs(value - pairs.values[e]) <= tolerance)) return {
			...pairs,
			converged: true
		};
		known = {
			values: pairs.values,
			length: basis.length - start
		};
		start = basis.length;
		next = pencil.draw();
	}
	const pairs = ritzPairs(basis, Math.min(top, basis.length), pencil);
	const isWhole = refused === DRAWS || limit === pencil.dimension;
	return {
		...pairs,
		converged: isWhole && pairs.residuals.every((residual) => residual <= tolerance)
	};
}
/** What of a vector is orthogonal to the basis, at unit length; nothing if that is rounding. */
function orthonormal(vector, basis, { a, b }) {
	const q = vector.slice();
	let removed = 0;
	for (let pass = 0; pass < 2; pass++) for (const direction of basis) {
		const part = dot(direction.b, q);
		removed += part * part;
		addMultiple(q, -part, direction.q);
	}
	const image = b(q);
	const square = dot(q, image);
	if (!(square > NOTHING_NEW ** 2 * removed) || !(square > 0)) return void 0;
	const scale = 1 / Math.sqrt(square);
	for (let j = 0; j < q.length; j++) {
		q[j] *= scale;
		image[j] *= scale;
	}
	const product = a(q);
	return {
		q,
		a: product,
		b: image,
		products: [...basis.map((other) => dot(other.q, product)), dot(q, product)]
	};
}
/** A restricted to the first directions of the basis. */
function restricted(basis, count) {
	const matrix = new Float64Array(count * count);
	for (let i = 0; i < count; i++) for (let j = 0; j <= i; j++) matrix[i * count + j] = matrix[j * count + i] = basis[i].products[j];
	return matrix;
}
/** Whether the last direction would still turn one of the wanted vectors: what the residuals are, were B⁻¹ exact. */
function seemsConverged(basis, top, tolerance) {
	const count = basis.length - 1;
	if (count < top) return false;
	const { vectors } = symmetricEigen(restricted(basis, count), count);
	const coupling = Float64Array.from(basis[count].products.slice(0, count));
	for (let e = 0; e < top; e++) if (Math.abs(dot(coupling, vectors.subarray(e * count, (e + 1) * count))) > tolerance) return false;
	return true;
}
/** The largest eigenvalues of A restricted to the basis, with their vectors and residuals. */
function ritzPairs(basis, top, { solve }) {
	const count = basis.length;
	const p = basis[0].q.length;
	const { values, vectors: weights } = symmetricEigen(restricted(basis, count), count);
	const vectors = new Float64Array(top * p);
	const residuals = new Float64Array(top);
	for (let e = 0; e < top; e++) {
		const vector = vectors.subarray(e * p, (e + 1) * p);
		const residual = new Float64Array(p);
		basis.forEach(({ q, a, b }, j) => {
			const weight = weights[e * count + j];
			addMultiple(vector, weight, q);
			addMultiple(residual, weight, a);
			addMultiple(residual, -weight * values[e], b);
		});
		residuals[e] = Math.sqrt(Math.max(0, dot(residual, solve(residual))));
	}
	return {
		values: values.slice(0, top),
		vectors,
		residuals
	};
}
//#endregion
//#region src/diagnostics/rates.ts
/** EM steps for each further decimal digit at a rate: ln 10 / −ln(rate), Infinity from 1 on, 0 down from 0. */
function stepsPerDigit(rate) {
	if (rate <= 0) return 0;
	return rate < 1 ? Math.LN10 / -Math.log(rate) : Number.POSITIVE_INFINITY;
}
//#endregion
//#region src/diagnostics/top-spectrum.ts
/** Directions the basis of the search holds at the most, or so many times m. */
const BASIS = 300;
const BASIS_PER_VALUE = 5;
/** Residual of the system that tries I_c. */
const PROBE = 1e-8;
/** Iterations of a solution with I_c: cut much shorter, the search goes astray. */
const INNER_ITERATIONS = 1e3;
/**
* The largest eigenvalues of the missing-information spectrum, for thousands of parameters: no p × p matrix is formed.
*
* Lanczos' method for I_m v = λ I_c v in the inner product of I_c, from products with both; systems in I_c are solved by
* conjugate gradients to a hundredth of the tolerance, preconditioned with a block for each predictor. The largest value
* is the rate of EM, as in {@link spectrum}; one above 1 says that the point is no maximum. What takes the whole
* informations, such as standard errors, is not here. Up to about 600 parameters `spectrum` is as fast and has it all.
*
* Directions in which I_c is 0, such as those of collinear columns, are left out.
*
* @throws InputError when m is no whole number from 1 to the number of fitted parameters, the tolerance is not above 0,
*   I_c is negative in some direction, or 0 in so many that fewer than m are left
* @remarks cost: some dozens of steps, of 10 to 200 products each; a product takes 2n multiplications for each parameter.
*   arXiv 2411.06056, Theorem B.2.
* @example
* ```ts
* import { datasetPath, fit, spectrum, topSpectrum } from "mixlens";
* const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
* const { rate, residuals } = topSpectrum(iris.mixture, iris.theta, iris.observations, { top: 2 });
* const dense = spectrum(iris.mixture, iris.theta, iris.observations);
* if (Math.abs(rate - dense.rate) > 1e-8 || residuals.length !== 2) throw new Error("the same eigenvalues");
* ```
*/
function topSpectrum(model, theta, data, options = {}) {
	const { free = Array.from(theta.keys()) } = model;
	const { top = Math.min(6, free.length), seed = 1, tolerance = 1e-9 } = options;
	const act = "compute the top of the spectrum";
	if (!(Number.isInteger(top) && top >= 1 && top <= free.length)) throw new InputError(act, `top to be a whole number from 1 to ${free.length}, the fitted parameters`, String(top));
	if (!(tolerance > 0)) throw new InputError(act, "a tolerance above 0", String(tolerance));
	const informations = model.informationProducts(theta, data);
	const { solve, colour } = informations.preconditioner();
	const products = {
		complete: 0,
		missing: 0
	};
	const complete = (v) => {
		products.complete++;
		return informations.complete(v);
	};
	const missing = (v) => {
		products.missing++;
		return informations.missing(v);
	};
	const rng = random(seed);
	const draw = () => {
		const drawn = new Float64Array(theta.length);
		for (const j of free) drawn[j] = rng.normal();
		return colour(drawn);
	};
	if (conjugateGradient(complete, complete(draw()), {
		precondition: solve,
		tolerance: PROBE,
		maxIterations: INNER_ITERATIONS
	}).end === "negative curvature") throw new InputError(act, "positive definite complete information", "a direction in which it is negative, as linear experts have far from a limit of EM", "fit to convergence");
	const inner = {
		precondition: solve,
		tolerance: tolerance / 100,
		maxIterations: INNER_ITERATIONS
	};
	const { values, vectors, residuals, converged } = lanczos({
		a: missing,
		b: complete,
		solve: (r) => conjugateGradient(complete, r, inner).x,
		draw,
		dimension: free.length
	}, top, tolerance, Math.max(BASIS, BASIS_PER_VALUE * top));
	if (values.length < top) throw new InputError(act, "complete information about all parameters", `no more than ${values.length} directions of it`, `ask for ${values.length} eigenvalues or fewer, or fit with a ridge above 0`);
	const { gradient } = model.gradient(theta, data);
	return {
		eigenvalues: values,
		rate: values[0],
		predictedIterationsPerDigit: stepsPerDigit(values[0]),
		eigenvectors: vectors,
		residuals,
		converged,
		products,
		observedInformation: values[0] < 1 ? "positive definite" : "not positive definite",
		gradientNorm: Math.sqrt(dot(gradient, gradient)) / model.totalWeight(data),
		names: model.names
	};
}
//#endregion
//#region ../ex9.ts
const [, , ridge, its, tol, thr] = process.argv;
setThreads(+thr);
const { train, test, names } = await load(1);
let passes = 0;
const model = imageMixture({
	k: 2,
	labels: names,
	pixels: 784,
	ridge: +ridge,
	innerIterations: 30,
	onPass: (n, s) => {
		passes += s * n / 6e4;
	}
});
let theta = imageStart(model, train, random(1, 3));
let t = performance.now();
const file = `/tmp/wt/ex/theta${ridge}.bin`;
if (existsSync(file)) theta = new Float64Array(readFileSync(file).buffer.slice(0));
else {
	for (const s of iterate(anderson({ innerSteps: 1 }), model, theta, train, {
		tolerance: 1e-4,
		maxIterations: +its
	})) {
		theta = s.theta;
		if (s.iteration % 5 === 0) console.log(s.iteration, passes.toFixed(0), (performance.now() - t).toFixed(0), JSON.stringify(evaluate(theta, test)), (-s.objective / 6e4).toFixed(6), s.gain.toFixed(3));
	}
	writeFileSync(file, Buffer.from(theta.buffer));
}
let last = 0, prev;
for (const s of iterate(em(), model, theta, train, {
	tolerance: 1e-5,
	maxIterations: 10
})) {
	const move = prev ? Math.sqrt(s.theta.reduce((m, v, j) => m + (v - prev[j]) ** 2, 0)) : 0;
	console.log("em", s.iteration, passes.toFixed(0), s.gain, Math.sqrt(s.gain / last), move);
	last = s.gain;
	prev = s.theta;
	theta = s.theta;
}
writeFileSync(file, Buffer.from(theta.buffer));
passes = 0;
t = performance.now();
const top = topSpectrum(model, theta, train, {
	top: 5,
	tolerance: +tol
});
console.log(top.eigenvalues, top.residuals, top.products, top.converged, top.gradientNorm, passes, (performance.now() - t) / 1e3);
//#endregion
export {};

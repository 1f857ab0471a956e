import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dataFolders, datasetPath } from "../../src/datasets/dataset-path.ts";
import { type DownloadProgress, fetchFiles } from "../../src/datasets/download.ts";
import { type DatasetInfo, datasetInfo } from "../../src/datasets/registry.ts";
import { InputError, WorkFailure } from "../../src/errors.ts";
import { random } from "../../src/math/random.ts";

// A home page on this machine, with a dataset of two files: bytes that no zip makes shorter.
const rng = random(1);
const contents = [300_000, 20].map((bytes) => Uint8Array.from({ length: bytes }, () => rng.integer(256)));
const zipped = contents.map((bytes) => gzipSync(bytes));
const info: DatasetInfo = {
  ...datasetInfo("fashion-mnist"),
  name: "small",
  files: contents.map((bytes, at) => ({
    name: `part${at}`,
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  })),
};
const path = (url: string | undefined): string => new URL(url ?? "", "http://x").pathname;
const send = (response: ServerResponse, body: Uint8Array): unknown =>
  response.writeHead(200, { "content-length": body.length }).end(body);
let requests: string[] = [];

const server = createServer((request, response) => {
  const [, way, file = ""] = path(request.url).split("/");
  requests.push(`${way}/${file}`);
  const body = zipped[Number(/part(\d)\.gz/.exec(file)?.[1])];
  if (way === "good") return send(response, body);
  if (way === "moved") return response.writeHead(302, { location: `/good/${file}` }).end();
  if (way === "circle") return response.writeHead(301, { location: `/circle/${file}` }).end();
  if (way === "wrong") return send(response, gzipSync(contents[0].with(7, contents[0][7] ^ 1)));
  if (way === "text") return send(response, Buffer.from("<html>Not here</html>"));
  if (way === "short") return send(response, body.subarray(0, -100));
  if (way === "endless") return send(response, new Uint8Array(2_000_000));
  if (way === "cut" || way === "half") {
    if (way === "half" && file === "part0.gz") return send(response, body);
    response.writeHead(200, { "content-length": body.length });
    return response.write(body.subarray(0, body.length / 2), () => response.destroy());
  }
  return response.writeHead(404).end("no such page");
});
let home = "";
const folder = mkdtempSync(join(tmpdir(), "mixlens-download-"));
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  home = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const fetched = (way: string, place: string, options: Parameters<typeof fetchFiles>[2] = {}) =>
  fetchFiles(info, `${home}/${way}/`, options, [join(folder, place), join(folder, "others")]);

test.each(["good", "moved"])("the files are downloaded once, with the bytes received told: %s", async (way) => {
  const seen: DownloadProgress[] = [];
  const found = await fetched(way, way, { onProgress: (progress) => seen.push(progress) });
  expect(found.folder).toBe(join(folder, way, "small"));
  expect(found.contents.map((bytes) => Array.from(bytes))).toEqual(contents.map((bytes) => Array.from(bytes)));
  expect(readdirSync(found.folder)).toEqual(["part0.gz", "part1.gz"]);
  expect(readFileSync(join(found.folder, "part0.gz"))).toEqual(zipped[0]);
  const [last] = seen.filter(({ file }) => file === "part0").slice(-1);
  expect(last).toEqual({ file: "part0", received: zipped[0].length, total: zipped[0].length });
  requests = [];
  await fetched(way, way);
  expect(requests).toEqual([]);
});

test.each([
  ["gone", /expected the file, got status 404 Not Found/],
  ["circle", /expected the file, got no answer \(redirect count exceeded\)/],
  ["cut", /expected the file, got \d+ bytes and no more \(UND_ERR_SOCKET\)/],
  ["wrong", /expected a file with SHA-256 [0-9a-f]{64}, got SHA-256 [0-9a-f]{64}: the file was altered/],
  ["text", /expected a file with SHA-256 [0-9a-f]{64}, got one that begins with 3c 68/],
  ["short", /expected a file with SHA-256 [0-9a-f]{64}, got one that was cut short/],
  ["endless", /expected 400000 bytes at the most, got more/],
])("what is not the file is named and leaves no file: %s", async (way, reason) => {
  const error = await fetched(way, way).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WorkFailure);
  expect((error as Error).message).toMatch(reason);
  expect((error as Error).message).toMatch(
    /^Cannot download "http:\/\/127[^"\n]+\/part0\.gz": [^\n]+; try again, or get the file elsewhere$/,
  );
  expect(existsSync(join(folder, way, "small", "part0.gz"))).toBe(false);
});

test("a server that is not there is a failure of the work", async () => {
  const found = fetchFiles(info, "http://127.0.0.1:1/", {}, [join(folder, "nobody")]);
  await expect(found).rejects.toThrow(/"http:\/\/127\.0\.0\.1:1\/part0\.gz": expected the file, got no answer \(/);
});

test("what a cut download has whole stays, and the next one fetches the rest", async () => {
  await expect(fetched("half", "half")).rejects.toThrow(/part1\.gz.*and no more/);
  expect(readdirSync(join(folder, "half/small"))).toEqual(["part0.gz"]);
  requests = [];
  await fetched("good", "half");
  expect(requests).toEqual(["good/part1.gz"]);
});

test("a signal ends a download, and leaves no file", async () => {
  const controller = new AbortController();
  const options = { signal: controller.signal, onProgress: () => controller.abort() };
  await expect(fetched("good", "aborted", options)).rejects.toThrow(/abort/);
  expect(existsSync(join(folder, "aborted"))).toBe(false);
});

test("files that another place has, unzipped or not, are used; altered ones are refused, not fetched again", async () => {
  const place = join(folder, "others");
  mkdirSync(place);
  writeFileSync(join(place, "part0"), contents[0]);
  writeFileSync(join(place, "part1.gz"), zipped[1]);
  requests = [];
  expect((await fetched("good", "nowhere")).folder).toBe(place);
  writeFileSync(join(place, "part0"), contents[0].with(0, contents[0][0] ^ 1));
  const wanted = `Cannot use dataset "small": expected ${JSON.stringify(join(place, "part0"))} with SHA-256`;
  await expect(fetched("good", "nowhere")).rejects.toThrow(wanted);
  expect(requests).toEqual([]);
  rmSync(place, { recursive: true });
});

test("a folder that cannot be made is an error of the input", async () => {
  writeFileSync(join(folder, "a-file"), "");
  const error = await fetched("good", "a-file").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).toMatch(/Cannot write ".*part0\.gz": expected a file that can be written, got/);
});

test("datasets are looked for in the data folder, $MIXLENS_DATA, the cache folder and Debian's, in this order", () => {
  const env = { MIXLENS_DATA: "/data", XDG_CACHE_HOME: "/cache" };
  expect(dataFolders("/own", env)).toEqual(["/own", "/data", "/cache/mixlens", "/usr/share/datasets"]);
  expect(dataFolders(undefined, { ...env, MIXLENS_DATA: "" })[0]).toBe("/cache/mixlens");
  expect(() => dataFolders("", env)).toThrow("Cannot look for a dataset: expected the data folder to have a name");
  expect(datasetPath("iris", { dataDir: folder })).toBe(datasetPath("iris"));
});

import { brotliDecompressSync } from "node:zlib";
import { binaries, cells, dense, picked, SIMD_BYTES } from "./generated.ts";

let unpacked: Buffer | undefined;

/** The kernels as WebAssembly: with 128-bit vectors, or with fused multiply and add, too. */
export function binary(name: "simd" | "relaxed"): Uint8Array<ArrayBuffer> {
  // They lie packed together, for they differ in few bytes: a third of the package's smallest program otherwise.
  unpacked ??= brotliDecompressSync(Buffer.from(binaries, "base64"));
  return new Uint8Array(name === "simd" ? unpacked.subarray(0, SIMD_BYTES) : unpacked.subarray(SIMD_BYTES));
}

/** The reader of plain cells as WebAssembly. */
export function cellsBinary(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(brotliDecompressSync(Buffer.from(cells, "base64")));
}

/** Products of picked rows as WebAssembly. */
export function pickedBinary(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(brotliDecompressSync(Buffer.from(picked, "base64")));
}

/** Products and rotations of rows as WebAssembly. */
export function denseBinary(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(brotliDecompressSync(Buffer.from(dense, "base64")));
}

// The letters that mean something in a CSV text, and what is between its cells.

export const LF: u32 = 10;
export const CR: u32 = 13;
export const TAB: u32 = 9;
export const BLANK: u32 = 32;
export const QUOTE: u32 = 34;
export const PLUS: u32 = 43;
export const MINUS: u32 = 45;
export const POINT: u32 = 46;

export let separator: u32 = 0;
export let columns: i32 = 0;

export function setLayout(separatorIs: u32, columnCount: i32): void {
  separator = separatorIs;
  columns = columnCount;
}

// @ts-ignore: decorator
@inline
export function isEnd(c: u32): bool {
  return c === separator || c === LF || c === CR;
}

// Sixteen letters at a time. Constants are loaded from memory: the compiler would build each anew from integers.
const CONSTANTS = memory.data<u64>([
  0x0706050403020100, 0x0f0e0d0c0b0a0908, 0x3030303030303030, 0x3030303030303030, 0x7676767676767676,
  0x7676767676767676, 0x00ff00ff00ff00ff, 0x00ff00ff00ff00ff, 0x000a000a000a000a, 0x000a000a000a000a,
  0x0001006400010064, 0x0001006400010064, 0x0001271000012710, 0x0001271000012710, 0x0a0a0a0a0a0a0a0a,
  0x0a0a0a0a0a0a0a0a, 0x0d0d0d0d0d0d0d0d, 0x0d0d0d0d0d0d0d0d, 0x2222222222222222, 0x2222222222222222,
]);

// @ts-ignore: decorator
@inline
export function constant(at: usize): v128 {
  return v128.load(CONSTANTS + (at << 4));
}

import { exp, log } from "./vector";

export { attend, finish, scratchBytes, work } from "./work";

/** exp and log of n numbers, n a multiple of 4, for tests of their accuracy. */
export function expOf(from: usize, to: usize, n: i32): void {
  exp(from, to, <usize>n << 3);
}

export function logOf(from: usize, to: usize, n: i32): void {
  for (let i: usize = 0; i < <usize>n << 3; i += 16) v128.store(to + i, log(v128.load(from + i)));
}

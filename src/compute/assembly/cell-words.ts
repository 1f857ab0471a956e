// The words that are known: a table of places, each 32 bytes, and the letters.

/** The code of no word. */
export const UNKNOWN: i32 = i32.MIN_VALUE;

let table: usize = 0;
let mask: usize = 0;
let letters: usize = 0;
let lettersEnd: usize = 0;
let room: i32 = 0;

/** Forgets all words: there are so many places, a power of 2, and letters from `lettersAt` to `end`. */
export function forget(tableAt: usize, places: i32, lettersAt: usize, end: usize): void {
  memory.fill(tableAt, 0, <usize>places << 5);
  table = tableAt;
  mask = places - 1;
  letters = lettersAt;
  lettersEnd = end;
  room = places >> 1;
}

/** Notes the code of a column's word; false where there is no room. */
export function learn(j: i32, start: usize, end: usize, code: i32): bool {
  const length = end - start;
  const bytes = (length + 8) & ~7;
  if (room === 0 || letters + bytes > lettersEnd) return false;
  room--;
  const hash = hashOf(j, start, end);
  let place = table + ((<usize>hash & mask) << 5);
  while (load<u32>(place) !== 0) place = nextPlace(place);
  memory.fill(letters, 0, bytes);
  memory.copy(letters, start, length);
  store<u32>(place, <u32>letters);
  store<u32>(place, hash, 4);
  store<u32>(place, <u32>length, 8);
  store<i32>(place, j, 12);
  store<i32>(place, code, 16);
  letters += bytes;
  return true;
}

/** The code of a column's word. */
export function find(j: i32, start: usize, end: usize): i32 {
  const length = <u32>(end - start);
  const hash = hashOf(j, start, end);
  for (let place = table + ((<usize>hash & mask) << 5); load<u32>(place) !== 0; place = nextPlace(place)) {
    if (load<u32>(place, 4) !== hash || load<u32>(place, 8) !== length || load<i32>(place, 12) !== j) continue;
    let at = start;
    let known: usize = load<u32>(place);
    while (at + 8 <= end && load<u64>(at) === load<u64>(known)) {
      at += 8;
      known += 8;
    }
    if (at + 8 > end && ending(at, end) === load<u64>(known)) return load<i32>(place, 16);
  }
  return UNKNOWN;
}

// @ts-ignore: decorator
@inline
function nextPlace(place: usize): usize {
  return table + ((((place - table) >> 5) + 1 & mask) << 5);
}

/** The last letters of a word, fewer than eight, and zeros. */
// @ts-ignore: decorator
@inline
function ending(at: usize, end: usize): u64 {
  return load<u64>(at) & (((<u64>1) << (<u64>(end - at) << 3)) - 1);
}

function hashOf(j: i32, at: usize, end: usize): u32 {
  let hash: u64 = <u64>j + (<u64>(end - at) << 32);
  for (; at + 8 <= end; at += 8) hash = mixed(hash ^ load<u64>(at));
  hash = mixed(hash ^ ending(at, end));
  return <u32>(hash >> 32);
}

// @ts-ignore: decorator
@inline
function mixed(hash: u64): u64 {
  return rotl<u64>(hash * 0x9e3779b97f4a7c15, 29) * 0xbf58476d1ce4e5b9;
}

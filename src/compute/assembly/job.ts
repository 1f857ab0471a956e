/**
 * What is to be done, in shared memory at address 0: the main thread writes it and everyone at work reads it.
 *
 * Numbers of a row are in tiles of TILE rows. A tile holds columns one after the other, a run of TILE numbers each; the
 * rows that fill up the last tile repeat the last row and weigh nothing.
 */
@unmanaged
export class Job {
  /** Raised by one when there is work. */
  generation: i32;
  /** Chunks that nobody has taken: whoever takes one finds the rest of the job complete. */
  left: i32;
  /** Chunks whose sums are there. */
  done: i32;

  /** Which kernel, and which of its parts. */
  kernel: i32;
  parts: i32;
  chunks: i32;
  /** Tiles of a chunk, and of all. */
  chunkTiles: i32;
  tileCount: i32;

  rows: i32;
  /** Address of the first tile, and bytes from one to the next. */
  tiles: usize;
  stride: usize;
  /** Place in a tile of the experts' columns, the gate's and the response, in bytes. */
  expert: usize;
  gate: usize;
  response: usize;
  /** Place of the weights, and of what is added to each expert's first predictor, or 0. */
  weights: usize;
  offset: usize;
  /** Addresses of a run of ones, and of the weights of the last tile's rows where they have none of their own. */
  ones: usize;
  tail: usize;

  /** Numbers of columns of the experts and of the gate, of experts, and of classes of a softmax. */
  d: i32;
  dg: i32;
  k: i32;
  classes: i32;
  /** Levels of the gate, where it is a tree: a flat one has one, or none. */
  levels: i32;
  /** The expert that is fitted, from 0. */
  z: i32;
  /** Where a row may belong to few experts: how many, and how many are on its list. */
  width: i32;
  listed: i32;

  /** Addresses of the coefficients of experts and gate, one predictor after the other, and of scales and constants. */
  theta: usize;
  gateTheta: usize;
  scales: usize;
  /** Address of a tree's numbers of branches, level by level. */
  branching: usize;
  /** Address of the direction of a product with a Hessian, one predictor after the other. */
  direction: usize;
  /** Address of the responsibilities, k runs for each tile. */
  responsibilities: usize;
  /** Of images: addresses of what is given and what is to be found, some runs for each tile. */
  given: usize;
  found: usize;
  /** Address of the lists of experts, row by row, given and found; what is found beside them are the responsibilities. */
  lists: usize;

  /** Number of sums, and the address of those of the first chunk; the other chunks' follow. */
  length: i32;
  sums: usize;
  /** Address of the scratch of the first at work, and how many bytes each has. */
  scratch: usize;
  scratchBytes: usize;
}

// @ts-ignore: decorator
@inline
export function theJob(): Job {
  return changetype<Job>(0);
}

/** How far an M-step goes whose maximum has no closed form; by default until rounding shows nothing that is left to gain. */
export interface Effort {
  /** Newton steps of each part at the most. */
  readonly steps?: number | undefined;
  /** What a part may leave of its gain, as a share of it, from 0 to below 1: its last Newton step is then the first that leaves no more. */
  readonly left?: number | undefined;
}

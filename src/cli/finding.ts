/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  /** `"missing"` for what only a part of the commands needs. */
  readonly state: "ok" | "missing" | "wrong";
  readonly found: string;
  /** What to do about it. */
  readonly next?: string;
}

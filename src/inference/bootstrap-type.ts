/** How the rows of a replicate are made. */
export const BOOTSTRAP_TYPES = ["nonparametric", "parametric"] as const;

/** Units drawn with replacement, or responses drawn from the fit. */
export type BootstrapType = (typeof BOOTSTRAP_TYPES)[number];

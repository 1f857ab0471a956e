import fc from "fast-check";

// Properties are drawn anew with PROPERTY_SEED=… (any whole number); without it a run is the same as the last one.
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 2411_06056) });

import { RUN } from "./image-layout";

/** Labels of four images. */
export function labelsAt(labels: usize, i: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(labels + (i >> 2))));
}

/** 1 where the label is this class, else 0. */
export function target(label: v128, c: i32): v128 {
  return v128.and(f32x4.splat(1.0), i32x4.eq(label, i32x4.splat(c)));
}

/** The predictor of each label. */
export function ofLabel(label: v128, at: usize, classes: i32): v128 {
  let found = v128.load(at);
  for (let c = 1; c < classes; c++) {
    found = v128.bitselect(v128.load(at + <usize>c * RUN), found, i32x4.eq(label, i32x4.splat(c)));
  }
  return found;
}

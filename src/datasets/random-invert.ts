import { checkArgument } from "../errors/arguments.ts";
import { callable, isObject, type Kind, objectOf, required, typedAs, whole } from "../errors/kinds.ts";
import { InputError } from "../errors.ts";
import type { Random } from "../math/random.ts";

const aSet: Kind = {
  wanted: "images: rows, and their bytes in a Uint8Array",
  accepts: (value) => isObject(value) && whole.accepts(value.rows) && typedAs(value.images, "Uint8Array"),
};

/**
 * Inverts each image, x → 255 − x, with probability ½: as in Random-Invert Fashion-MNIST.
 *
 * Which images are inverted depends on the stream and their number alone. What else the set has, such as its labels, is
 * passed on as it is.
 *
 * @param set n images of any one size, row by row (n × d)
 * @param random the stream to draw from, one uniform number for each image
 * @returns the set with new images, and `inverted`: 1 for each image that was inverted, else 0 (n)
 * @throws InputError when the bytes are not `rows` images of one size
 * @remarks cost: one pass over the bytes. arXiv 2411.06056, section 6.
 * @example
 * ```ts
 * import { random } from "mixlens";
 * import { randomInvert } from "mixlens/paper";
 * const { images, inverted } = randomInvert({ rows: 2, images: Uint8Array.of(0, 10, 0, 10) }, random(3));
 * const wanted = Array.from(inverted, (flip) => (flip === 1 ? "255,245" : "0,10")).join();
 * if (images.join() !== wanted) throw new Error(images.join());
 * ```
 */
export function randomInvert<Images extends { readonly rows: number; readonly images: Uint8Array }>(
  set: Images,
  random: Random,
): Images & { readonly inverted: Uint8Array } {
  checkArgument("invert images", "set", set, aSet);
  checkArgument(
    "invert images",
    "random",
    random,
    objectOf({ uniform: required(callable) }, "a stream such as random(1)"),
  );
  const { rows, images } = set;
  const size = images.length / rows;
  if (!Number.isInteger(size)) {
    throw new InputError("invert images", `${rows} rows of one size`, `${images.length} bytes`);
  }
  const inverted = Uint8Array.from({ length: rows }, () => (random.uniform() < 0.5 ? 1 : 0));
  // Not `slice`: bytes that were read from a file are a Buffer, whose slice is the same memory.
  const flipped = Uint8Array.from(images);
  for (let i = 0; i < rows; i++) {
    if (inverted[i] === 0) continue;
    for (let at = i * size; at < (i + 1) * size; at++) flipped[at] = 255 - images[at];
  }
  return { ...set, images: flipped, inverted };
}

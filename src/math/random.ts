import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { shown } from "../errors/arguments.ts";
import { InputError } from "../errors.ts";

const ACT = "draw random numbers";

/** A seeded stream of random numbers. */
export interface Random {
  /** A number in [0, 1). */
  uniform: () => number;
  /** An integer in [0, n). */
  integer: (n: number) => number;
  /** A standard normal number. */
  normal: () => number;
}

/**
 * A stream of random numbers: xoroshiro128+ from a seed, 2⁶⁴ numbers past the stream before it.
 *
 * The same seed and stream give the same numbers; different streams of one seed never overlap, so each start of a fit
 * takes its own and none depends on which ran before.
 *
 * @param seed any 32-bit integer
 * @param stream number of the stream, from 0
 * @example
 * ```ts
 * import { random } from "mixlens";
 * if (random(1).uniform() !== random(1).uniform()) throw new Error("the seed decides");
 * ```
 */
export function random(seed: number, stream: number = 0): Random {
  if (!Number.isSafeInteger(seed)) throw new InputError(ACT, "a seed that is a whole number", shown(seed));
  const isStream = Number.isSafeInteger(stream) && stream >= 0;
  if (!isStream) throw new InputError(ACT, "a stream that is a whole number from 0 on", shown(stream));
  const generator = startOf(seed, stream);
  const uniform = (): number => uniformFloat64(generator);
  let spare: number | undefined;
  return {
    uniform,
    integer: (n) => uniformInt(generator, 0, n - 1),
    normal: () => {
      // Box and Muller's transform makes two at a time.
      if (spare !== undefined) {
        const second = spare;
        spare = undefined;
        return second;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
  };
}

/** Where the stream begins that was asked for last: to the next it is one jump, and not as many as there are streams. */
let last = { seed: 0, stream: 0, generator: xoroshiro128plus(0) };

function startOf(seed: number, stream: number): ReturnType<typeof xoroshiro128plus> {
  const from = last.seed === seed && last.stream <= stream ? last : { stream: 0, generator: xoroshiro128plus(seed) };
  for (let s = from.stream; s < stream; s++) from.generator.jump();
  last = { seed, stream, generator: from.generator };
  return last.generator.clone();
}

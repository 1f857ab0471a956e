import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { fits as cases } from "./hostile.ts";
import { faultOf } from "./invariants.ts";
import { oddity } from "./problems.ts";

// `FUZZ=100000 npx vitest run --config test/vitest.config.ts test/fuzz` tries more; a case is made anew of its number alone.
const PARTS = 10;

test.each(Array.from({ length: PARTS }, (_, part) => part))(
  `odd data and options come to a sound fit or to one line that says why not: part %i of ${PARTS}, ${cases} in all`,
  { timeout: 36_000_000 },
  (part) => {
    const faults: string[] = [];
    let fits = 0;
    for (let number = part; number < cases; number += PARTS) {
      const { columns, options, isMonotone } = oddity(number);
      const fault = faultOf(() => {
        const found = fit(columns, options);
        fits++;
        return found;
      }, isMonotone);
      if (fault !== undefined) faults.push(`case ${number}: ${fault}`);
    }
    expect(faults).toEqual([]);
    // Most problems get past the first check: they try the engine, and not the reading of options.
    const tried = cases / PARTS;
    expect(fits).toBeGreaterThan(0.35 * tried - 2 * Math.sqrt(tried / 4));
  },
);

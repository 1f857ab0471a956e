import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { problems } from "./problems.mjs";

// node test/search/fit-all.mjs DIST OUT.json [COUNT] [STARTS|default] [ROWS] fits the problems, of so many rows at the most, with the
// library of a folder, and writes what was found; compare.mjs sets two such files beside each other.
const [dist, out, count, starts = "default", most = 2000] = process.argv.slice(2);
const mixlens = await import(pathToFileURL(resolve(dist, "index.mjs")).href);
const found = [];
const some = starts === "default" ? {} : { starts: Number(starts) };
for (const { data, options, ...problem } of problems(mixlens, Number(count ?? 100))) {
  if (problem.rows > Number(most)) continue;
  let steps = 0;
  const before = process.cpuUsage();
  let end;
  try {
    const {
      logLikelihood,
      result,
      iterations,
      starts: each,
      search,
    } = mixlens.fit(data, {
      ...options,
      ...some,
      onStep: () => steps++,
    });
    end = { logLikelihood, result, iterations, starts: each.length, reached: search.reached };
  } catch (error) {
    end = { logLikelihood: null, result: error.message };
  }
  const { user, system } = process.cpuUsage(before);
  found.push({ ...problem, ...end, steps, seconds: (user + system) / 1e6 });
  writeFileSync(out, JSON.stringify(found, null, 1));
}

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path of a CSV file of test/cases/models. */
export function reported(name: string): string {
  return fileURLToPath(new URL(`../cases/models/${name}.csv`, import.meta.url));
}

/** The contents of a JSON file of test/cases/reliability. */
export function reliability<Contents>(name: string): Contents {
  return JSON.parse(readFileSync(new URL(`../cases/reliability/${name}.json`, import.meta.url), "utf8")) as Contents;
}

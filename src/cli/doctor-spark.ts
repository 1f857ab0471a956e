import { WorkFailure } from "../errors.ts";
import { summingHere } from "../fit/source/block-worker.ts";
import type { SparkAddress } from "../spark/address.ts";
import { openSpark, type Spark } from "../spark/session.ts";
import type { Finding } from "./finding.ts";

/** What an executor says of itself. */
interface Executor {
  readonly executor: string;
  readonly python: string;
  readonly pyspark: string;
  readonly pyarrow: string;
  readonly worker: { readonly mixlens: string; readonly computing: string; readonly node: string } | null;
  readonly fault: string | null;
}

/** Tasks, so many that each executor of a small cluster gets one. */
const TASKS = 16;

/** What Spark and its executors have of what a fit there needs. */
export function sparkFindings(address: SparkAddress): readonly Finding[] {
  let spark: Spark | undefined;
  try {
    spark = openSpark(address);
    const over = { count: TASKS, partitions: TASKS };
    const answers = spark.run("look at the executors of Spark", { name: "looking", task: {}, over });
    const texts = new Set(answers.map(({ found }) => Buffer.from(found).toString()));
    const executors = Array.from(texts, (text): Executor => JSON.parse(text));
    const place = spark.setting("spark.sql.warehouse.dir");
    return [
      { name: "Spark", state: "ok", found: `${spark.version} at ${address.name}` },
      { name: "blocks of rows", state: "ok", found: `${place}/mixlens-blocks, which all executors are to see` },
      ...executors.sort((a, b) => (a.executor < b.executor ? -1 : 1)).map(findingOf),
    ];
  } catch (error) {
    if (!(error instanceof WorkFailure)) throw error;
    return [{ name: "Spark", state: "wrong", found: error.message, next: "mend this first" }];
  } finally {
    spark?.close();
  }
}

function findingOf({ executor, python, pyspark, pyarrow, worker, fault }: Executor): Finding {
  const own = summingHere();
  const name = `executor ${executor}`;
  const about = `Python ${python}, pyspark ${pyspark}, pyarrow ${pyarrow}`;
  const install = `npm install --global mixlens@${own.mixlens} there`;
  if (worker === null) return { name, state: "wrong", found: `${fault}; ${about}`, next: install };
  const found = `mixlens ${worker.mixlens} on Node.js ${worker.node}, ${worker.computing}; ${about}`;
  if (worker.mixlens !== own.mixlens) return { name, state: "wrong", found, next: install };
  if (worker.computing === own.computing) return { name, state: "ok", found };
  const next = `take a Node.js there that computes by ${own.computing}, as that of the client does`;
  return { name, state: "wrong", found, next };
}

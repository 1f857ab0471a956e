import { randomUUID } from "node:crypto";
import {
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { fromJSON } from "@grpc/proto-loader";
import { tableFromIPC } from "apache-arrow";
import type { SparkAddress } from "./address.ts";
import { arrowOfBlocks } from "./arrow-blocks.ts";
import type { Call, Fault, Found } from "./messages.ts";
import { PROTOCOL } from "./protocol.ts";
import { FOUND, MAP_ARROW, pythonCall } from "./python-call.ts";

/** A session of Spark. */
export interface Connection {
  readonly version: () => Promise<string>;
  readonly setting: (key: string) => Promise<string>;
  readonly run: (call: Call) => Promise<readonly Found[]>;
  /** Interrupts what runs, and ends the session. */
  readonly close: () => Promise<void>;
}

type Ask = (request: object, metadata: Metadata, then: (error: ServiceError | null, reply: never) => void) => void;
interface Stub {
  readonly ExecutePlan: (request: object, metadata: Metadata) => ClientReadableStream<Part>;
  readonly AnalyzePlan: Ask;
  readonly Config: Ask;
  readonly Interrupt: Ask;
  readonly ReleaseSession: Ask;
  readonly close: () => void;
}
interface Part {
  readonly arrow_batch?: { readonly data: Uint8Array };
}

/** Milliseconds that the end of a session may take. */
const FAREWELL = 10_000;
/** What a session is set to: an error of Python is its message, without the places that it went through. */
const SETTINGS = { "spark.sql.execution.pyspark.udf.hideTraceback.enabled": "true" };

/** Begins a session; nothing is sent before it is asked something. */
export function connection(address: SparkAddress): Connection {
  const stub = stubOf(address);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(address.headers)) metadata.set(name, value);
  if (address.token !== undefined) metadata.set("authorization", `Bearer ${address.token}`);
  const session = { session_id: randomUUID(), user_context: { user_id: address.user }, client_type: "mixlens" };
  const ask = <Reply>(name: Exclude<keyof Stub, "ExecutePlan" | "close">, request: object): Promise<Reply> =>
    new Promise((resolve, reject) => {
      stub[name]({ ...session, ...request }, metadata, (error, reply) =>
        error ? reject(faultOf(error)) : resolve(reply),
      );
    });
  // It must be that of the executors, who say so.
  let python = "3.11";
  const run = async (call: Call): Promise<readonly Found[]> => {
    try {
      const plan = { root: mapped(call, python) };
      return await collected(stub.ExecutePlan({ ...session, operation_id: randomUUID(), plan }, metadata));
    } catch (error) {
      const theirs = versionIn(error);
      if (theirs === undefined || theirs === python) throw error;
      python = theirs;
      return run(call);
    }
  };
  return {
    version: async () => {
      const reply = await ask<{ spark_version: { version: string } }>("AnalyzePlan", { spark_version: {} });
      const pairs = Object.entries(SETTINGS).map(([key, value]) => ({ key, value }));
      await ask("Config", { operation: { set: { pairs } } });
      return reply.spark_version.version;
    },
    setting: async (key) => {
      const reply = await ask<{ pairs: { value?: string }[] }>("Config", { operation: { get: { keys: [key] } } });
      return reply.pairs[0].value ?? "";
    },
    run,
    close: async () => {
      const ended = (async () => {
        await ask("Interrupt", { interrupt_type: "INTERRUPT_TYPE_ALL" });
        await ask("ReleaseSession", {});
      })().catch(() => {});
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, FAREWELL).unref())]);
      stub.close();
    },
  };
}

function stubOf({ at, isSecure }: SparkAddress): Stub {
  const definition = fromJSON(PROTOCOL as Parameters<typeof fromJSON>[0], {
    keepCase: true,
    longs: Number,
    enums: String,
    defaults: false,
  });
  const { spark } = loadPackageDefinition(definition) as unknown as {
    spark: { connect: { SparkConnectService: new (at: string, by: object, options: object) => Stub } };
  };
  const by = isSecure ? credentials.createSsl() : credentials.createInsecure();
  const options = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
  return new spark.connect.SparkConnectService(at, by, options);
}

/** The relation of what a function finds. */
function mapped({ over, ...call }: Call, python: string): object {
  const [input, columns] =
    "count" in over
      ? [{ range: { start: 0, end: over.count, step: 1, num_partitions: over.partitions } }, ["id"]]
      : [{ local_relation: { data: arrowOfBlocks(over.numbers, over.blocks) } }, ["number", "tiles"]];
  const named = columns.map((name) => ({ unresolved_attribute: { unparsed_identifier: name } }));
  const python_udf = { output_type: FOUND, eval_type: MAP_ARROW, command: pythonCall(call), python_ver: python };
  const func = { function_name: "mixlens", deterministic: true, arguments: named, python_udf };
  return {
    common: { plan_id: 2 },
    map_partitions: { input: { common: { plan_id: 1 }, ...input }, func },
  };
}

function collected(stream: ClientReadableStream<Part>): Promise<readonly Found[]> {
  const rows: Found[] = [];
  return new Promise((resolve, reject) => {
    stream.on("data", ({ arrow_batch: batch }: Part) => {
      if (batch === undefined) return;
      for (const { number, found } of tableFromIPC(batch.data).toArray()) {
        rows.push({ number: Number(number), found: Uint8Array.from(found) });
      }
    });
    stream.on("error", (error: ServiceError) => reject(faultOf(error)));
    stream.on("end", () => resolve(rows));
  });
}

/** The version of the executors' Python, where a query failed for another. */
function versionIn(error: unknown): string | undefined {
  const { message } = error as { readonly message?: string };
  return /PYTHON_VERSION_MISMATCH[\s\S]*?different version: (\d+\.\d+)/.exec(message ?? "")?.[1];
}

const UNREACHED: readonly number[] = [status.UNAVAILABLE, status.UNIMPLEMENTED, status.UNAUTHENTICATED];

/** What an error of the protocol says, or the executors in it. */
function faultOf({ code, details }: ServiceError): Fault {
  if (UNREACHED.includes(code)) return { fault: "connection", message: details };
  const said = /mixlens:(\[.*?\]):mixlens/s.exec(details)?.[1];
  if (said !== undefined) return { fault: "executor", parts: JSON.parse(said) };
  return { fault: "engine", message: details };
}

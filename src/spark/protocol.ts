// What is used of the protocol of Spark Connect: those messages and fields of Apache Spark 4's own base.proto, relations.proto,
// expressions.proto and types.proto (spark/connect/ in the jar org.apache.spark:spark-connect_2.13; Apache License 2.0) that are
// sent or read here, by their names and numbers. A server takes a message without the rest of its fields.

interface Field {
  readonly type: string;
  readonly id: number;
  readonly rule?: "repeated";
}

interface Message {
  readonly fields: Readonly<Record<string, Field>>;
  readonly oneofs?: Readonly<Record<string, { readonly oneof: readonly string[] }>>;
  readonly nested?: Readonly<Record<string, Message | { readonly values: Readonly<Record<string, number>> }>>;
}

interface Method {
  readonly requestType: string;
  readonly responseType: string;
  readonly responseStream: boolean;
}

/** Fields as `name: "number type"`, with a * behind the type where there are several. */
function fields(said: Readonly<Record<string, string>>): Readonly<Record<string, Field>> {
  return Object.fromEntries(
    Object.entries(said).map(([name, field]): [string, Field] => {
      const [, id, type, several] = /^(\d+) ([\w.]+)(\*?)$/.exec(field) as RegExpExecArray;
      return [name, { type, id: Number(id), ...(several === "*" && { rule: "repeated" }) }];
    }),
  );
}

/** A message of which one of its fields is there. */
function oneOf(name: string, said: Readonly<Record<string, string>>, common: Readonly<Record<string, string>> = {}) {
  return { fields: fields({ ...common, ...said }), oneofs: { [name]: { oneof: Object.keys(said) } } };
}

const nothing: Message = { fields: {} };
const asked = { session_id: "1 string", user_context: "2 UserContext" };

const messages: Readonly<Record<string, Message>> = {
  UserContext: { fields: fields({ user_id: "1 string", user_name: "2 string" }) },
  Plan: oneOf("op_type", { root: "1 Relation" }),
  Relation: oneOf(
    "rel_type",
    { local_relation: "11 LocalRelation", range: "15 Range", map_partitions: "28 MapPartitions" },
    { common: "1 RelationCommon" },
  ),
  RelationCommon: { fields: fields({ plan_id: "2 int64" }) },
  LocalRelation: { fields: fields({ data: "1 bytes" }) },
  // Optional fields are oneofs of their own: 0 would not be sent otherwise, and is the start.
  Range: {
    fields: fields({ start: "1 int64", end: "2 int64", step: "3 int64", num_partitions: "4 int32" }),
    oneofs: { _start: { oneof: ["start"] }, _num_partitions: { oneof: ["num_partitions"] } },
  },
  MapPartitions: { fields: fields({ input: "1 Relation", func: "2 CommonInlineUserDefinedFunction" }) },
  CommonInlineUserDefinedFunction: {
    fields: fields({
      function_name: "1 string",
      deterministic: "2 bool",
      arguments: "3 Expression*",
      python_udf: "4 PythonUDF",
    }),
    oneofs: { function: { oneof: ["python_udf"] } },
  },
  Expression: {
    ...oneOf("expr_type", { unresolved_attribute: "2 UnresolvedAttribute" }),
    nested: { UnresolvedAttribute: { fields: fields({ unparsed_identifier: "1 string" }) } },
  },
  PythonUDF: {
    fields: fields({ output_type: "1 DataType", eval_type: "2 int32", command: "3 bytes", python_ver: "4 string" }),
  },
  DataType: {
    ...oneOf("kind", { binary: "2 Binary", long: "7 Long", struct: "21 Struct" }),
    nested: {
      Binary: nothing,
      Long: nothing,
      Struct: { fields: fields({ fields: "1 StructField*" }) },
      StructField: { fields: fields({ name: "1 string", data_type: "2 DataType", nullable: "3 bool" }) },
    },
  },
  ExecutePlanRequest: {
    fields: fields({ ...asked, plan: "3 Plan", client_type: "4 string", operation_id: "6 string" }),
  },
  ExecutePlanResponse: {
    fields: fields({ arrow_batch: "2 ArrowBatch" }),
    nested: { ArrowBatch: { fields: fields({ row_count: "1 int64", data: "2 bytes" }) } },
  },
  AnalyzePlanRequest: {
    ...oneOf("analyze", { spark_version: "10 SparkVersion" }, { ...asked, client_type: "3 string" }),
    nested: { SparkVersion: nothing },
  },
  AnalyzePlanResponse: {
    fields: fields({ spark_version: "8 SparkVersion" }),
    nested: { SparkVersion: { fields: fields({ version: "1 string" }) } },
  },
  KeyValue: { fields: fields({ key: "1 string", value: "2 string" }) },
  ConfigRequest: {
    fields: fields({ ...asked, operation: "3 Operation", client_type: "4 string" }),
    nested: {
      Operation: oneOf("op_type", { set: "1 Set", get: "2 Get" }),
      Set: { fields: fields({ pairs: "1 KeyValue*" }) },
      Get: { fields: fields({ keys: "1 string*" }) },
    },
  },
  ConfigResponse: { fields: fields({ pairs: "2 KeyValue*" }) },
  InterruptRequest: {
    fields: fields({ ...asked, client_type: "3 string", interrupt_type: "4 InterruptType" }),
    nested: { InterruptType: { values: { INTERRUPT_TYPE_UNSPECIFIED: 0, INTERRUPT_TYPE_ALL: 1 } } },
  },
  InterruptResponse: { fields: fields({ interrupted_ids: "2 string*" }) },
  ReleaseSessionRequest: { fields: fields({ ...asked, client_type: "3 string" }) },
  ReleaseSessionResponse: { fields: fields({ session_id: "1 string" }) },
};

function method(name: string, responseStream: boolean = false): [string, Method] {
  return [name, { requestType: `${name}Request`, responseType: `${name}Response`, responseStream }];
}

const SparkConnectService = {
  methods: Object.fromEntries([
    method("ExecutePlan", true),
    method("AnalyzePlan"),
    method("Config"),
    method("Interrupt"),
    method("ReleaseSession"),
  ]),
};

/** The protocol, as a JSON descriptor of protobuf.js. */
export const PROTOCOL: object = {
  nested: { spark: { nested: { connect: { nested: { ...messages, SparkConnectService } } } } },
};

// What is used of the package @duckdb/node-api, which need not be there.

export interface Vector {
  getItem(row: number): unknown;
  setItem(row: number, value: unknown): void;
  flush(): void;
}

export interface Chunk {
  rowCount: number;
  getColumnVector(column: number): Vector;
}

export interface Type {
  readonly typeId: number;
  readonly alias?: string;
  toString(): string;
}

export interface Result {
  columnNames(): string[];
  columnTypes(): Type[];
  fetchChunk(): Promise<Chunk | null>;
}

export interface Connection {
  run(sql: string): Promise<unknown>;
  interrupt(): void;
  extractStatements(sql: string): Promise<{ count: number; prepare(at: number): Promise<Statement> }>;
  createAppender(table: string): Promise<{ appendDataChunk(chunk: Chunk): void; closeSync(): void }>;
  closeSync(): void;
}

export interface Statement {
  readonly statementType: number;
  stream(): Promise<Result>;
}

export interface DuckDB {
  readonly DuckDBInstance: {
    create(path: string, settings: object): Promise<{ connect(): Promise<Connection>; closeSync(): void }>;
  };
  readonly DuckDBDataChunk: { create(types: readonly Type[], rows: number): Chunk };
  readonly DuckDBTypeId: Readonly<Record<string, number>>;
  readonly StatementType: { readonly SELECT: number };
  readonly DuckDBTimestampTZValue: { timezoneOffsetInMinutes: number };
  readonly DOUBLE: Type;
  readonly VARCHAR: Type;
}

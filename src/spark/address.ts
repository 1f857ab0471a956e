import { isIP } from "node:net";
import type { Kind } from "../errors/kinds.ts";

/** A server of Spark Connect, and how it is spoken to. */
export interface SparkAddress {
  /** How errors call it: without its token. */
  readonly name: string;
  /** Host and port. */
  readonly at: string;
  readonly isSecure: boolean;
  readonly token?: string;
  readonly user: string;
  /** What else is said with every request. */
  readonly headers: Readonly<Record<string, string>>;
}

const PORT = "15002";

/**
 * What a connection string of Spark Connect says, `sc://host:port/;token=…;use_ssl=true`; nothing where it is none.
 *
 * A token is sent through TLS alone, but for this very machine: it would be everybody's to read.
 */
export function sparkAddress(text: string): SparkAddress | undefined {
  const found = /^sc:\/\/(\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?\/?(?:;(.*))?$/.exec(text);
  if (found === null) return undefined;
  const [, host, port = PORT, said = ""] = found;
  const given = new Map<string, string>();
  for (const part of said.split(";")) {
    if (part === "") continue;
    const [, key, value] = /^([\w.-]+)=(.+)$/.exec(part) ?? [];
    if (key === undefined || given.has(key)) return undefined;
    given.set(key, decoded(value));
  }
  const { token, use_ssl: secure, user_id: user = "mixlens", ...headers } = Object.fromEntries(given);
  if (Number(port) > 65_535 || Number(port) === 0 || !["true", "false", undefined].includes(secure)) return undefined;
  const isSecure = secure === undefined ? token !== undefined && !isThisMachine(host) : secure === "true";
  if (token !== undefined && !isSecure && !isThisMachine(host)) return undefined;
  // A session of somebody's own would be interrupted and released with the fit.
  if (headers.session_id !== undefined) return undefined;
  const at = `${host}:${port}`;
  return { name: `sc://${at}`, at, isSecure, ...(token !== undefined && { token }), user, headers };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "[::1]" || (isIP(host) === 4 && host.startsWith("127."));
}

/** The address of a server, as an option has it. */
export const anEngine: Kind<string, SparkAddress> = {
  wanted: "a server of Spark Connect, sc://host:15002, with ;use_ssl=true where there is a ;token=…",
  accepts: (value) => typeof value === "string" && sparkAddress(value) !== undefined,
  written: "name",
  read: (value) => sparkAddress(value) as SparkAddress,
};

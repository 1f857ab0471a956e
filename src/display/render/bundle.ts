import { types } from "node:util";
import { type Json, JsonReader, nameOf } from "../json.ts";
import { cloudless } from "../live/live.ts";

/** The types whose values are JSON; those of all others are text, or bytes written as text. */
const JSON_TYPE = /^application\/(?:.+\+)?json$/;
/** The types of bytes that are text. */
const TEXT_TYPE = /^text\/|[/+](?:xml|json|javascript)$/;
const TYPE = /^[^\s/]+\/[^\s/]+$/;

/**
 * What is to be shown as Jupyter takes it and notebooks keep it: JSON under the types of JSON, text under others, bytes
 * as base64.
 *
 * @throws InputError that names the type whose value cannot be shown
 */
export function checkedBundle(shown: unknown): Record<string, Json> {
  const whole = new JsonReader("show a value");
  return whole.guard(() => {
    if (typeof shown !== "object" || shown === null || Array.isArray(shown)) {
      throw whole.refuse("an object with a value for each MIME type", nameOf(shown), example);
    }
    const wrong = Object.keys(shown).find((mime) => !TYPE.test(mime));
    if (wrong !== undefined) throw whole.refuse("names that are MIME types", JSON.stringify(wrong), example);
    return Object.fromEntries(
      Object.entries(shown).map(([mime, value]) => [mime, readAs(mime, value, new JsonReader(`show ${mime}`))]),
    );
  });
}

const example = 'write { "text/html": "<b>text</b>" }';

function readAs(mime: string, value: unknown, reader: JsonReader): Json {
  if (!JSON_TYPE.test(mime)) return reader.guard(() => reader.text(textOf(mime, value, reader)));
  const read = reader.read(value);
  if (!mime.startsWith("application/vnd.plotly.v") || !isMembers(read)) return read;
  return { ...read, config: { ...cloudless, ...(isMembers(read.config) && read.config) } };
}

function isMembers(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(mime: string, value: unknown, reader: JsonReader): string {
  if (typeof value === "string") return value;
  if (types.isUint8Array(value) || types.isAnyArrayBuffer(value)) {
    return Buffer.from(value as Uint8Array).toString(TEXT_TYPE.test(mime) ? "utf8" : "base64");
  }
  // As files have it, by line.
  if (Array.isArray(value) && value.every((line) => typeof line === "string")) return value.join("");
  const isText = TEXT_TYPE.test(mime);
  throw reader.refuse(
    isText ? "text" : "bytes, or text in base64",
    nameOf(value),
    isText ? "turn it into text" : "pass a Buffer",
  );
}

import { expect, test } from "vitest";
import { checkedBundle } from "../../src/display/render/bundle.ts";

const circular: Record<string, unknown> = { a: 1 };
circular.self = circular;
let deep: unknown = 1;
for (let level = 0; level < 5000; level++) deep = [deep];
const json = (value: unknown) => checkedBundle({ "application/json": value })["application/json"];
const boom = (): never => {
  throw new Error("boom");
};
const trapped = new Proxy({}, { get: boom, has: boom, ownKeys: boom, getPrototypeOf: boom });

test.each([
  ["a value that contains itself", circular, "a value that contains itself at .self; leave out what leads back"],
  ["a BigInt", { list: [1, 2n] }, "a BigInt at .list[1]; pass plain objects"],
  ["a function", { "odd name": () => 1 }, 'a function at ["odd name"]'],
  ["a symbol", [Symbol("s")], "a symbol at [0]"],
  ["undefined", undefined, "undefined"],
  ["a gap in a list", [1, undefined], "undefined at [1]"],
  ["what is not a number", { y: [Number.NaN] }, "NaN at .y[0]; write null in its place"],
  ["what is not finite", Float64Array.of(1, Number.POSITIVE_INFINITY), "Infinity at [1]"],
  ["a map", { m: new Map([[1, 2]]) }, "a Map at .m"],
  ["a promise", Promise.resolve(1), "a Promise"],
  ["an error", new Error("e"), "an Error"],
  [
    "a getter that throws",
    {
      get a() {
        return boom();
      },
    },
    "a value that throws when it is read",
  ],
  ["a toJSON that throws", { toJSON: boom }, "a value that throws when it is read"],
])("JSON is not %s", (_, value, got) => {
  expect(() => json(value)).toThrow(`Cannot show application/json: expected JSON, got ${got}`);
});

test("a proxy that throws is no JSON and no bundle, and what it threw is told as the cause", () => {
  const refusal = "expected JSON, got a value that throws when it is read";
  expect(() => json({ p: trapped })).toThrow(`Cannot show application/json: ${refusal} at .p`);
  expect(() => checkedBundle(trapped)).toThrow(`Cannot show a value: ${refusal}`);
  expect(() => json(trapped)).toThrow(expect.objectContaining({ cause: new Error("boom") }));
});

test("what is too deep or too large to be read back is refused", () => {
  expect(() => json(deep)).toThrow("expected JSON of 200 levels at the most, got more at [0][0]");
  expect(() => json(["x".repeat(4e7), "x".repeat(4e7)])).toThrow(
    "expected 64 million characters at the most, got 80 million at [1]; show a part or a summary",
  );
  expect(() => checkedBundle({ "text/plain": "x".repeat(2 ** 29 - 24) })).toThrow(
    /^Cannot show text\/plain: expected 64/,
  );
});

test("what JSON can hold is copied, as JSON.stringify would have it", () => {
  const shared = { s: 1 };
  const fine = {
    a: [1, "x", null, true],
    date: new Date(0),
    left: undefined,
    boxed: Object("b"),
    one: shared,
    two: shared,
  };
  expect(json(fine)).toEqual(JSON.parse(JSON.stringify(fine)));
  expect(json({ y: Float32Array.of(0.5, 2) })).toEqual({ y: [0.5, 2] });
  expect(json({ toJSON: (key: string) => `at ${key}` })).toBe("at ");
  expect(json(["\ud800 half"])).toEqual(["\ufffd half"]);
});

test("bytes are base64 under types of bytes, and text under types of text; text may come by line", () => {
  const bytes = Buffer.from("abc");
  expect(checkedBundle({ "image/png": bytes, "application/pdf": new Uint8Array(bytes).buffer })).toEqual({
    "image/png": "YWJj",
    "application/pdf": "YWJj",
  });
  expect(checkedBundle({ "image/svg+xml": bytes, "text/html": ["a\n", "b"] })).toEqual({
    "image/svg+xml": "abc",
    "text/html": "a\nb",
  });
});

test.each([
  [{ "text/html": 5 }, "Cannot show text/html: expected text, got a number; turn it into text"],
  [{ "text/html": undefined }, "Cannot show text/html: expected text, got undefined; turn it into text"],
  [
    { "image/png": { 0: 97 } },
    "Cannot show image/png: expected bytes, or text in base64, got an object; pass a Buffer",
  ],
  [{ html: "<b>" }, 'expected names that are MIME types, got "html"; write { "text/html": "<b>text</b>" }'],
  [null, "Cannot show a value: expected an object with a value for each MIME type, got null; write"],
  [["<b>"], "expected an object with a value for each MIME type, got a list"],
  ["<b>", "expected an object with a value for each MIME type, got text"],
])("%j is no bundle", (shown, message) => {
  expect(() => checkedBundle(shown)).toThrow(message);
});

test("charts for other programs that draw with plotly offer no upload, unless their author asks for it", () => {
  const type = "application/vnd.plotly.v1+json";
  const off = { showSendToCloud: false, showEditInChartStudio: false, plotlyServerURL: "" };
  expect(checkedBundle({ [type]: { data: [], layout: {} } })).toEqual({
    [type]: { data: [], layout: {}, config: off },
  });
  const { [type]: asked } = checkedBundle({
    [type]: { data: [], config: { responsive: true, showSendToCloud: true } },
  });
  expect(asked).toMatchObject({ config: { ...off, responsive: true, showSendToCloud: true } });
});

import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { Outbox } from "../../src/jupyter/protocol/outbox.ts";
import { answer, decode, encode, type Message, Signer } from "../../src/jupyter/protocol/wire.ts";

const header = { msg_id: "1", msg_type: "execute_request", session: "s", username: "u", date: "", version: "5.3" };
const request: Message = {
  identities: [Buffer.from("client")],
  header,
  parent: {},
  metadata: { a: 1 },
  content: { code: "ö" },
  buffers: [Buffer.from([0, 255])],
};
const signer = (key: string, signature_scheme = "hmac-sha256") => new Signer({ key, signature_scheme });
const frames = (message: Message, key: string, scheme?: string): Buffer[] =>
  encode(message, signer(key, scheme)).map((frame) => Buffer.from(frame));

test("a message comes back from its frames, and its answer names it", () => {
  expect(decode(frames(request, "key"), signer("key"))).toEqual(request);
  expect(decode(frames(request, ""), signer(""))).toEqual(request);
  const reply = answer(request, "execute_reply", { status: "ok" });
  expect(reply).toMatchObject({
    identities: request.identities,
    parent: header,
    header: { msg_type: "execute_reply" },
  });
});

test.each(["hmac-sha256", "hmac-sha512", "hmac-sha1", "hmac-md5", "hmac-sha3-256", "hmac-sha3_256"])(
  "%s signs",
  (scheme) => {
    expect(decode(frames(request, "key", scheme), signer("key", scheme))).toEqual(request);
    expect(decode(frames(request, "key", scheme), signer("key", "hmac-sha384"))).toBeUndefined();
  },
);

test.each(["sha256", "hmac-", "hmac-rot13"])("the scheme %j is refused", (scheme) => {
  const wanted = "Cannot serve Jupyter: expected a signature_scheme of hmac- and a hash that this Node.js knows, got ";
  expect(() => signer("key", scheme)).toThrow(`${wanted}"${scheme}"; start it with hmac-sha256`);
});

test("a message that came before is refused, where messages are signed", () => {
  const [once, open] = [signer("key"), signer("")];
  const other = { ...request, header: { ...header, msg_id: "2" } };
  expect([request, request, other].map((one) => decode(frames(one, "key"), once)?.header.msg_id)).toEqual([
    "1",
    undefined,
    "2",
  ]);
  expect([request, request].map((one) => decode(frames(one, ""), open)?.header.msg_id)).toEqual(["1", "1"]);
});

test("what is not signed with the key, or is no message, is refused", () => {
  expect(decode(frames(request, "another"), signer("key"))).toBeUndefined();
  expect(decode(frames(request, ""), signer("key"))).toBeUndefined();
  const changed = frames(request, "key");
  changed[6] = Buffer.from('{"code":"o"}');
  expect(decode(changed, signer("key"))).toBeUndefined();
  expect(decode([Buffer.from("noise")], signer("key"))).toBeUndefined();
});

test.each([
  ["a header that is no JSON", 3, "{"],
  ["a header without a type", 3, "{}"],
  ["a header that is a list", 3, "[]"],
  ["a parent that is null", 4, "null"],
  ["metadata that are no JSON", 5, ""],
  ["content that is text", 6, '"code"'],
])("%s makes no message", (_, frame, text) => {
  const changed = frames(request, "");
  changed[frame] = Buffer.from(text);
  expect(decode(changed, signer(""))).toBeUndefined();
});

test("messages leave one at a time, in order; bursts of one stream of one cell are one", async () => {
  const sent: unknown[] = [];
  let isSending = false;
  const outbox = new Outbox(async ({ header: { msg_type }, content }) => {
    expect(isSending).toBe(false);
    isSending = true;
    await setTimeout(1);
    isSending = false;
    sent.push(msg_type === "stream" ? content.text : msg_type);
  });
  const other = { ...request, header: { ...header, msg_id: "2" } };
  const print = (to: Message, name: string, text: string): void => outbox.put(answer(to, "stream", { name, text }));
  outbox.put(answer(request, "status", {}));
  print(request, "stdout", "a");
  print(request, "stdout", "b");
  print(request, "stderr", "c");
  print(other, "stderr", "d");
  outbox.put(answer(request, "error", {}));
  print(request, "stdout", "e");
  await outbox.empty();
  expect(sent).toEqual(["status", "ab", "c", "d", "error", "e"]);
  print(request, "stdout", "f");
  await setTimeout(100);
  expect(sent.at(-1)).toBe("f");
});

import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { Outbox } from "../../src/jupyter/protocol/outbox.ts";
import { answer, decode, encode, type Message } from "../../src/jupyter/protocol/wire.ts";

const header = { msg_id: "1", msg_type: "execute_request", session: "s", username: "u", date: "", version: "5.3" };
const request: Message = {
  identities: [Buffer.from("client")],
  header,
  parent: {},
  metadata: { a: 1 },
  content: { code: "ö" },
  buffers: [Buffer.from([0, 255])],
};
const frames = (message: Message, key: string): Buffer[] => encode(message, key).map((frame) => Buffer.from(frame));

test("a message comes back from its frames, and its answer names it", () => {
  expect(decode(frames(request, "key"), "key")).toEqual(request);
  expect(decode(frames(request, ""), "")).toEqual(request);
  const reply = answer(request, "execute_reply", { status: "ok" });
  expect(reply).toMatchObject({
    identities: request.identities,
    parent: header,
    header: { msg_type: "execute_reply" },
  });
});

test("what is not signed with the key, or is no message, is refused", () => {
  expect(decode(frames(request, "another"), "key")).toBeUndefined();
  expect(decode(frames(request, ""), "key")).toBeUndefined();
  const changed = frames(request, "key");
  changed[6] = Buffer.from('{"code":"o"}');
  expect(decode(changed, "key")).toBeUndefined();
  expect(decode([Buffer.from("noise")], "key")).toBeUndefined();
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
  expect(decode(changed)).toBeUndefined();
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

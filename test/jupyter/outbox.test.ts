import { setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Outbox } from "../../src/jupyter/protocol/outbox.ts";
import type { Message } from "../../src/jupyter/protocol/wire.ts";

const message = (msg_type: string, text: string): Message => ({
  identities: [],
  header: { msg_id: "", msg_type, session: "", username: "", date: "", version: "5.3" },
  parent: { msg_id: "cell" } as Message["parent"],
  metadata: {},
  content: msg_type === "stream" ? { name: "stdout", text } : { text },
  buffers: [],
});

/** Puts messages at given times into an outbox whose socket takes a while, and returns all that it sent. */
async function sent(puts: readonly { readonly type: string; readonly wait: number }[], slow: number): Promise<string> {
  let all = "";
  let sending = 0;
  const outbox = new Outbox(async ({ content }) => {
    expect(++sending).toBe(1);
    await setTimeout(slow);
    sending -= 1;
    all += content.text;
  });
  for (const [i, { type, wait }] of puts.entries()) {
    outbox.put(message(type, `${i} `));
    if (wait > 0) await setTimeout(wait);
  }
  await outbox.empty();
  return all;
}

test("whenever messages come, all are sent, in order, one at a time", async () => {
  const puts = fc.array(
    fc.record({ type: fc.constantFrom("stream", "status"), wait: fc.constantFrom(0, 0, 1, 9, 12) }),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(puts, fc.constantFrom(0, 3, 11), async (given, slow) => {
      expect(await sent(given, slow)).toBe(given.map((_, i) => `${i} `).join(""));
    }),
    { numRuns: 60 },
  );
});

test("what was printed while something was sent leaves with it, and the outbox goes on after its pause", async () => {
  const puts = [
    { type: "status", wait: 1 },
    { type: "stream", wait: 40 },
    { type: "status", wait: 0 },
  ];
  expect(await sent(puts, 3)).toBe("0 1 2 ");
});

import { type Connection, connection } from "./connection.ts";
import type { Fault, Reply, Request } from "./messages.ts";

// The client of Spark is a process of its own: however the one that asks it ends, killed or interrupted in the middle of a query,
// this one sees that nobody listens any more, interrupts the query and ends the session.

let session: Connection | undefined;

async function answer(request: Request): Promise<Reply> {
  if (request.ask === "open") {
    session = connection(request.address);
    return { text: await session.version() };
  }
  const { setting, run } = session as Connection;
  switch (request.ask) {
    case "setting":
      return { text: await setting(request.key) };
    case "run":
      return { rows: await run(request.call) };
    case "close":
      await end();
      return {};
  }
}

async function end(): Promise<void> {
  const last = session;
  session = undefined;
  await last?.close();
}

function faultIn(error: unknown): Fault {
  if (typeof error === "object" && error !== null && "fault" in error) return error as Fault;
  return { fault: "engine", message: error instanceof Error ? error.message : String(error) };
}

process.on("message", async (request: Request) => {
  const reply = await answer(request).catch(faultIn);
  if (process.connected) process.send?.(reply);
  if (request.ask === "close") process.disconnect();
});
process.on("disconnect", async () => {
  await end();
  process.exit();
});

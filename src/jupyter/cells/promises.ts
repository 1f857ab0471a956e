/** Waits for `work`, but not for ever: throws when the process has nothing left to do that could settle it. */
export async function settled<T>(work: Promise<T>): Promise<T> {
  let stall = (): void => {};
  const stalled = new Promise<never>((_, reject) => {
    stall = () => reject(new Error("waits for a promise that nothing is left to settle"));
  });
  process.once("beforeExit", stall);
  try {
    return await Promise.race([work, stalled]);
  } finally {
    process.off("beforeExit", stall);
  }
}

export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol();
  const known = promise.then(
    () => undefined,
    () => undefined,
  );
  return (await Promise.race([known, Promise.resolve(pending).then((mark) => mark)])) === pending;
}

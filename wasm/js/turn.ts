// Long work gives way now and then, so that a cancel is heard and progress is seen.
export const budgetMs = 30;

// Not setTimeout, which waits 4 ms where it nests.
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });

/** Returns a function to call between steps: it lets others run when it is time, and throws when the signal says stop. */
export function makeTurn(signal: AbortSignal | undefined): () => Promise<void> {
  let last = performance.now();
  return async () => {
    signal?.throwIfAborted();
    if (performance.now() - last < budgetMs) return;
    await nextTurn();
    last = performance.now();
    signal?.throwIfAborted();
  };
}

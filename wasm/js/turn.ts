// Long work gives way now and then, so that a cancel is heard and progress is seen.
const budgetMs = 30;

// setTimeout waits longer than asked where it nests; Node has something better.
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve);
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

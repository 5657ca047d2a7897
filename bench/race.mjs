// Calls that are timed by turns, so that all of them meet the same machine.
export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Medians of async functions, in milliseconds, once each was called `warmUps` times. */
export async function race(calls, { budgetMs, warmUps = 5, fewest = 7, most = 400 }) {
  const times = calls.map(() => []);
  for (let i = 0; i < warmUps; i += 1) for (const call of calls) await call();
  const begin = performance.now();
  for (let run = 0; run < most; run += 1) {
    for (const [i, call] of calls.entries()) {
      const before = performance.now();
      await call();
      times[i].push(performance.now() - before);
    }
    if (run + 1 >= fewest && performance.now() - begin > budgetMs) break;
  }
  return times.map(median);
}

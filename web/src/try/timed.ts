// How long a run takes, where clocks are coarse.
const warmUps = 3;
const measurements = 20;
// Browsers round their clocks to a tenth of a millisecond: what is faster is run several times in a row.
const leastMs = 5;
const mostInARow = 200;
// Slow models are measured less often.
const enoughMs = 4000;
const leastMeasurements = 3;

/** Milliseconds a run, measured up to twenty times. */
export async function timed(run: () => Promise<unknown>): Promise<number[]> {
  let once = 0;
  for (let i = 0; i < warmUps; i += 1) {
    const begun = performance.now();
    await run();
    once = performance.now() - begun;
  }
  const inARow = Math.min(mostInARow, Math.ceil(leastMs / Math.max(once, leastMs / mostInARow)));
  const times: number[] = [];
  const begunAll = performance.now();
  while (times.length < measurements) {
    const begun = performance.now();
    for (let i = 0; i < inARow; i += 1) await run();
    const now = performance.now();
    times.push((now - begun) / inARow);
    if (times.length >= leastMeasurements && now - begunAll > enoughMs) break;
  }
  return times;
}

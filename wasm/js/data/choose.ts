// Which samples are taken, from a seed: the same everywhere.

/** Numbers in [0, 1): the mulberry32 generator, public domain. */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * `wanted` of the indices 0 to count - 1, ascending; all when there are no more. Fisher and Yates' shuffle, begun: for i
 * from 0, the element at i + floor(u * (count - i)) changes places with the one at i; u are mulberry32's numbers.
 */
export function chooseIndices(count: number, wanted: number, seed: number): number[] {
  const all = Array.from({ length: count }, (_, i) => i);
  if (wanted >= count) return all;
  const random = makeRandom(seed);
  for (let i = 0; i < wanted; i += 1) {
    const j = i + Math.floor(random() * (count - i));
    [all[i], all[j]] = [all[j] as number, all[i] as number];
  }
  return all.slice(0, wanted).sort((a, b) => a - b);
}

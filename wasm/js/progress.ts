import type { Progress } from './types.js';

// Roughly what each phase takes of the whole: scales are chosen by looking at a weight several times.
const shares: Record<Progress['phase'], readonly [from: number, to: number]> = {
  reading: [0, 0.1],
  weights: [0.1, 0.6],
  writing: [0.6, 1],
};

export type Tell = (phase: Progress['phase'], done: number, total: number, item: string) => void;

export function makeTell(onProgress: ((progress: Progress) => void) | undefined): Tell {
  if (onProgress === undefined) return () => {};
  let reached = 0;
  return (phase, done, total, item) => {
    const [from, to] = shares[phase];
    reached = Math.max(reached, from + (to - from) * (total > 0 ? done / total : 1));
    onProgress({ phase, done, total, item, fraction: reached });
  };
}

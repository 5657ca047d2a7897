import type { Progress } from './types.js';

// Roughly what each phase takes of the whole: scales are chosen by looking at a weight several times.
type Shares = Record<Progress['phase'], readonly [from: number, to: number]>;
const judging = { judging: [1, 1], searching: [1, 1] } as const;
const plain: Shares = { reading: [0, 0.1], samples: [0.1, 0.1], weights: [0.1, 0.6], writing: [0.6, 1], ...judging };
const calibrating: Shares = {
  reading: [0.6, 0.63],
  samples: [0, 0.6],
  weights: [0.63, 0.7],
  writing: [0.7, 0.75],
  judging: [0.75, 0.9],
  searching: [0.9, 1],
};

export type Tell = (phase: Progress['phase'], done: number, total: number, item: string) => void;

export function makeTell(onProgress: ((progress: Progress) => void) | undefined, calibrates = false): Tell {
  if (onProgress === undefined) return () => {};
  const shares = calibrates ? calibrating : plain;
  let reached = 0;
  return (phase, done, total, item) => {
    const [from, to] = shares[phase];
    reached = Math.max(reached, from + (to - from) * (total > 0 ? done / total : 1));
    onProgress({ phase, done, total, item, fraction: reached });
  };
}

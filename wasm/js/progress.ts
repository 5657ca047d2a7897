import type { Progress } from './types.js';

// Roughly what each phase takes of the whole: scales are chosen by looking at a weight several times.
type Shares = Record<Progress['phase'], readonly [from: number, to: number]>;
const plain: Shares = { reading: [0, 0.1], samples: [0.1, 0.1], weights: [0.1, 0.6], writing: [0.6, 1] };
const calibrating: Shares = { reading: [0.85, 0.88], samples: [0, 0.85], weights: [0.88, 0.95], writing: [0.95, 1] };

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

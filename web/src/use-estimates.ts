// How small each technique would make the model: dry runs, one after the other, while nothing else is asked for.
import type { Report } from 'narrowcast';
import { useEffect, useState } from 'preact/hooks';
import { type EngineClient, EngineFailure } from './engine/client.ts';
import { asRecipe, type Wish } from './recipe/wish.ts';
import type { Opened } from './state.ts';

// A dry run reads and measures the whole model. Above this, sizes are left to the run itself.
const estimatedBytes = 256 * 2 ** 20;
// Somebody typing a pattern should not start a dry run per letter.
const settleMs = 250;

export type Estimate = { report: Report } | { reason: string };
export type Estimates = ReadonlyMap<string, Estimate>;

export const keyOf = (wish: Wish): string => JSON.stringify(wish);

export function useEstimates(engine: EngineClient, opened: Opened, wishes: Wish[]): Estimates {
  const [state, setState] = useState<{ of: Opened; known: Estimates }>({ of: opened, known: new Map() });
  const known = state.of === opened ? state.known : new Map<string, Estimate>();
  const missing = wishes.filter((wish) => !known.has(keyOf(wish)));
  const next = missing[0];
  const nextKey = next === undefined ? '' : keyOf(next);

  // Wishes are new objects on every rendering; their keys say whether they changed.
  useEffect(() => {
    if (next === undefined || opened.inspection.bytes > estimatedBytes) return;
    const controller = new AbortController();
    const learn = (estimate: Estimate): void =>
      setState((old) => ({ of: opened, known: new Map(old.of === opened ? old.known : []).set(nextKey, estimate) }));
    const timer = setTimeout(() => {
      engine
        .estimate({ files: opened.files, recipe: asRecipe(next), dataName: 'model.data' }, controller.signal)
        .then((report) => learn({ report }))
        .catch((error) => {
          // What fails here fails again in the run, where it is told in full.
          if (error instanceof EngineFailure) learn({ reason: error.message });
        });
    }, settleMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [engine, opened, nextKey]);

  return known;
}

// Ranges of values stated by hand: entries of one name among the recipe's `values`.
import type { Wish } from './wish.ts';

export type Range = readonly [number, number];

interface Entry {
  names?: unknown;
  min?: unknown;
  max?: unknown;
}

const entriesOf = (wish: Wish): Entry[] => (Array.isArray(wish.values) ? (wish.values as Entry[]) : []);

const isOf = ({ names }: Entry, name: string): boolean =>
  Array.isArray(names) && names.length === 1 && names[0] === name;

/** The range that the wish states for this very name. */
export function rangeOf(wish: Wish, name: string): Range | undefined {
  const { min, max } = entriesOf(wish).findLast((entry) => isOf(entry, name)) ?? {};
  return typeof min === 'number' && typeof max === 'number' ? [min, max] : undefined;
}

/** The wish with another range, or with none; what else an entry of the name states stays. */
export function withRange(wish: Wish, name: string, range: Range | undefined): Wish {
  const { values: _, ...others } = wish;
  const own = entriesOf(wish).filter((entry) => isOf(entry, name));
  const { min: __, max: ___, ...rest } = Object.assign({ names: [name] }, ...own);
  const entries = entriesOf(wish).filter((entry) => !isOf(entry, name));
  // Of several entries for a value the last counts.
  if (range !== undefined) entries.push({ ...rest, min: range[0], max: range[1] });
  else if (Object.keys(rest).length > 1) entries.push(rest);
  return entries.length === 0 ? others : { ...others, values: entries };
}

const isRange = ({ min, max }: Entry): boolean => typeof min === 'number' && typeof max === 'number';

export const rangeCount = (wish: Wish): number => entriesOf(wish).filter(isRange).length;

/** The name whose range was stated last. */
export function lastRanged(wish: Wish): string | undefined {
  const names = entriesOf(wish).findLast(isRange)?.names;
  return Array.isArray(names) ? String(names[0]) : undefined;
}

// Nodes and weights kept in float by name: patterns among the recipe's `exclude`.
import type { Wish } from './wish.ts';

const excluded = (wish: Wish): string[] => (Array.isArray(wish.exclude) ? wish.exclude.map(String) : []);

export const isKept = (wish: Wish, name: string): boolean => excluded(wish).includes(name);

export function withKept(wish: Wish, name: string, keep: boolean): Wish {
  const { exclude: _, ...others } = wish;
  const names = excluded(wish).filter((other) => other !== name);
  if (keep) names.push(name);
  return names.length === 0 ? others : { ...others, exclude: names };
}

export const withAllKept = (wish: Wish, names: string[]): Wish =>
  names.reduce((kept, name) => withKept(kept, name, true), wish);

export const keptCount = (wish: Wish): number => excluded(wish).length;

// The values of a narrowed model, with what became of them.
import type { ActivationReport, Report, ValueJudgement } from 'narrowcast';
import { errorShare } from './numbers.ts';

export interface ValueRow {
  name: string;
  /** The op that makes it, and the name under which it can be kept in float; none where it is made in float already. */
  op: string | undefined;
  node: string | undefined;
  /** Why it is what it is, in the words of the plan. */
  reason: string;
  activation: ActivationReport | undefined;
  judged: ValueJudgement | undefined;
  /** The root mean square of the difference as a share of the value's; 0: exact; undefined: not told. */
  error: number | undefined;
}

function errorOf(judged: ValueJudgement | undefined): number | undefined {
  if (judged === undefined) return undefined;
  if (judged.unlike !== undefined) return Number.POSITIVE_INFINITY;
  return judged.sqnr_db === null ? 0 : errorShare(judged.sqnr_db);
}

/** Values in integers first, as the report has them; then those that are computed in float from what integers left. */
export function valueRows({ activations = [], judged, nodes }: Report): ValueRow[] {
  const figures = new Map((judged?.values ?? []).toReversed().map((value) => [value.name, value]));
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const coded = activations.map((activation): ValueRow => {
    const { name, node } = activation;
    const made = node === undefined ? undefined : byName.get(node);
    const figure = figures.get(name);
    return {
      name,
      op: made?.op,
      node,
      reason: made?.reason ?? 'Made in float; the ops that read it take integers.',
      activation,
      judged: figure,
      error: errorOf(figure),
    };
  });
  const names = new Set(activations.map(({ name }) => name));
  const others = (judged?.values ?? [])
    .filter(({ name }) => !names.has(name))
    .map((value): ValueRow => {
      const reason = 'Computed in float, from what integers left.';
      const figure = { judged: value, error: errorOf(value) };
      return { name: value.name, op: undefined, node: undefined, reason, activation: undefined, ...figure };
    });
  return [...coded, ...others];
}

export const shows = { integers: 'In integers', notable: '10 % error or more', float: 'In float', all: 'All values' };
export type Show = keyof typeof shows;

// What is shown as 10 % or more is worth a look.
export const notable = 0.0995;

const isShown: Record<Show, (row: ValueRow) => boolean> = {
  integers: ({ activation }) => activation !== undefined,
  notable: ({ error = 0 }) => error >= notable,
  float: ({ activation }) => activation === undefined,
  all: () => true,
};

export type SortKey = 'name' | 'op' | 'error' | 'sqnr' | 'clipped';

const measureOf: Record<SortKey, (row: ValueRow) => number | string> = {
  name: ({ name }) => name,
  op: ({ op }) => op ?? '',
  error: ({ error }) => error ?? -1,
  sqnr: ({ error }) => -(error ?? -1),
  clipped: ({ judged }) => judged?.share_clipped ?? -1,
};

interface Order {
  filter: string;
  show: Show;
  key: SortKey;
  up: boolean;
}

export function sortedValues(rows: ValueRow[], { filter, show, key, up }: Order): ValueRow[] {
  const wanted = filter.trim().toLowerCase();
  const value = measureOf[key];
  return rows
    .filter(isShown[show])
    .filter(({ name, op, node }) => `${name} ${op ?? ''} ${node ?? ''}`.toLowerCase().includes(wanted))
    .toSorted((one, other) => {
      const [a, b] = [value(one), value(other)];
      const order = typeof a === 'string' ? a.localeCompare(String(b)) : a - Number(b);
      return up ? order : -order;
    });
}

/** The end of the common scale of all bars. */
export function scaleEnd(errors: number[]): number {
  const most = Math.max(0, ...errors.filter(Number.isFinite));
  return [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5].find((end) => most <= end) ?? 1;
}

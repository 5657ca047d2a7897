// How the table of weights is sorted and filtered.
import type { WeightReport } from 'narrowcast';

export type SortKey = 'name' | 'type' | 'error' | 'sqnr' | 'before' | 'after';

export const columns: { key: SortKey; title: string; kind: string }[] = [
  { key: 'name', title: 'Weight', kind: '' },
  { key: 'type', title: 'Stored as', kind: 'only-wide' },
  { key: 'error', title: 'Error', kind: 'err' },
  { key: 'sqnr', title: 'SQNR, dB', kind: 'num only-wide' },
  { key: 'before', title: 'Before', kind: 'num only-wide' },
  { key: 'after', title: 'After', kind: 'num only-wide' },
];

export const shows = { narrowed: 'Narrowed', left: 'Left as they were', refused: 'Refused', all: 'All' };
export type Show = keyof typeof shows;

const isShown: Record<Show, (weight: WeightReport) => boolean> = {
  narrowed: ({ verdict }) => verdict === 'quantized',
  left: ({ verdict }) => verdict === 'float',
  refused: ({ verdict }) => verdict === 'refused',
  all: () => true,
};

// An exact weight has no noise, one that was not narrowed no measure at all: they come last.
const noise = ({ sqnr_db: db, verdict }: WeightReport): number =>
  typeof db === 'number' ? -db : verdict === 'quantized' ? -1e6 : -1e7;

const measureOf: Record<SortKey, (weight: WeightReport) => number | string> = {
  name: ({ name }) => name,
  type: ({ dtype }) => dtype,
  error: noise,
  sqnr: (weight) => -noise(weight),
  before: ({ bytes_before: bytes }) => bytes ?? 0,
  after: ({ bytes_after: bytes }) => bytes ?? 0,
};

interface Order {
  filter: string;
  show: Show;
  key: SortKey;
  up: boolean;
}

export function sortedWeights(weights: WeightReport[], { filter, show, key, up }: Order): WeightReport[] {
  const wanted = filter.trim().toLowerCase();
  const value = measureOf[key];
  return weights
    .filter(isShown[show])
    .filter(({ name, reason }) => `${name} ${reason}`.toLowerCase().includes(wanted))
    .sort((one, other) => {
      const [a, b] = [value(one), value(other)];
      const order = typeof a === 'string' ? a.localeCompare(String(b)) : a - Number(b);
      return up ? order : -order;
    });
}

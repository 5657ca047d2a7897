// Where the error comes from: every weight, the worst first.
import type { Report, WeightReport } from 'narrowcast';
import { useMemo, useState } from 'preact/hooks';
import { isKept } from '../recipe/keep.ts';
import type { Wish } from '../recipe/wish.ts';
import { counted, decibelText, errorShare, percentText, sizeText } from '../words/numbers.ts';
import { Bar } from './bars.tsx';
import { columns, type Show, type SortKey, shows, sortedWeights } from './weight-order.ts';

// The worst are what is looked for; the others are one click away.
const rowsAtFirst = 25;
// What is shown as 10 % or more is worth a look.
const notable = 0.0995;

/** The end of the common scale of all bars. */
function scaleEnd(weights: WeightReport[]): number {
  const most = Math.max(0, ...weights.map(({ sqnr_db: db }) => (typeof db === 'number' ? errorShare(db) : 0)));
  return [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5].find((end) => most <= end) ?? 1;
}

const detailOf = (weight: WeightReport): string =>
  weight.granularity === undefined
    ? (weight.shape ?? []).map((size) => size ?? '?').join(' × ')
    : weight.granularity.replace('_', ' ') + (weight.block_size === undefined ? '' : `, ${weight.block_size}`);

const ErrorCell = ({ weight, end }: { weight: WeightReport; end: number }) => {
  if (weight.verdict !== 'quantized') return <span class="meta">{weight.reason}</span>;
  if (typeof weight.sqnr_db !== 'number') return <span class="meta">exact</span>;
  const share = errorShare(weight.sqnr_db);
  return (
    <div class="cell">
      <Bar kind={share >= notable ? 'w' : 'q'} share={share / end} />
      <span>{percentText(share)}</span>
    </div>
  );
};

const chipKind = { quantized: 'int', float: '', refused: 'bad' };

interface RowProps {
  weight: WeightReport;
  end: number;
  kept: boolean;
  onKeep: (keep: boolean) => void;
}

const Row = ({ weight, end, kept, onKeep }: RowProps) => {
  const { verdict, bytes_before: before = 0, bytes_after: after = 0 } = weight;
  const narrowed = verdict === 'quantized';
  return (
    <tr>
      <td class="keep">
        {(narrowed || kept) && (
          <input
            type="checkbox"
            aria-label={`Keep ${weight.name} in float`}
            checked={kept}
            onChange={(event) => onKeep(event.currentTarget.checked)}
          />
        )}
      </td>
      <th scope="row" class="mono name">
        {weight.name}
        <span class="only-narrow meta">
          {weight.dtype} {detailOf(weight)}
        </span>
      </th>
      <td class="only-wide">
        <span class={`chip ${chipKind[verdict]}`}>{verdict === 'refused' ? 'refused' : weight.dtype}</span>{' '}
        <span class="meta">{detailOf(weight)}</span>
      </td>
      <td class="err">
        <ErrorCell weight={weight} end={end} />
      </td>
      <td class="num only-wide">{typeof weight.sqnr_db === 'number' ? decibelText(weight.sqnr_db) : ''}</td>
      <td class="num only-wide">{narrowed ? sizeText(before) : ''}</td>
      <td class="num only-wide">{narrowed ? sizeText(after) : ''}</td>
    </tr>
  );
};

interface WeightTableProps {
  report: Report;
  wish: Wish;
  onKeep: (name: string, keep: boolean) => void;
}

export const WeightTable = ({ report, wish, onKeep }: WeightTableProps) => {
  const [filter, setFilter] = useState('');
  const [show, setShow] = useState<Show>('narrowed');
  const [order, setOrder] = useState<{ key: SortKey; up: boolean }>({ key: 'error', up: false });
  const [all, setAll] = useState(false);
  const weights = report.values;
  const end = useMemo(() => scaleEnd(weights), [weights]);
  const rows = useMemo(() => sortedWeights(weights, { filter, show, ...order }), [weights, filter, show, order]);
  const shown = all ? rows : rows.slice(0, rowsAtFirst);
  return (
    <>
      <div class="tools">
        <label class="vh" for="weight-filter">
          Filter weights
        </label>
        <input
          type="search"
          id="weight-filter"
          placeholder="Filter by name or reason"
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        <label class="vh" for="weight-show">
          Show
        </label>
        <select id="weight-show" onChange={(event) => setShow(event.currentTarget.value as Show)}>
          {Object.entries(shows).map(([key, title]) => (
            <option key={key} value={key} selected={key === show}>
              {title}
            </option>
          ))}
        </select>
        <span class="meta">
          {shown.length} of {counted(weights.length, 'float constant')}
        </span>
      </div>
      <table class="layers" aria-labelledby="weights-h">
        <thead>
          <tr>
            <th scope="col" class="keep">
              Keep float
            </th>
            {columns.map(({ key, title, kind }) => (
              <th
                key={key}
                scope="col"
                class={kind}
                aria-sort={order.key === key ? (order.up ? 'ascending' : 'descending') : undefined}
              >
                <button
                  type="button"
                  onClick={() => setOrder((old) => ({ key, up: old.key === key ? !old.up : key === 'name' }))}
                >
                  {key === 'error' ? `${title}, 0 to ${percentText(end)}` : title}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((weight) => (
            <Row
              key={weight.name}
              weight={weight}
              end={end}
              kept={isKept(wish, weight.name)}
              onKeep={(keep) => onKeep(weight.name, keep)}
            />
          ))}
        </tbody>
      </table>
      {rows.length === 0 && (
        <div class="empty">
          <p>{filter === '' ? 'No weight is of this kind.' : `No weight matches “${filter}”.`}</p>
        </div>
      )}
      {rows.length > shown.length && (
        <div class="tools">
          <button class="btn small" type="button" onClick={() => setAll(true)}>
            Show all {rows.length}
          </button>
        </div>
      )}
    </>
  );
};

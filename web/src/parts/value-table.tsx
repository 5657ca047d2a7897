// Where the error comes from: every value that was measured, the worst first.
import { useMemo, useState } from 'preact/hooks';
import { isKept } from '../recipe/keep.ts';
import type { Wish } from '../recipe/wish.ts';
import { counted, decibelText, percentText } from '../words/numbers.ts';
import { notable, type Show, type SortKey, scaleEnd, shows, sortedValues, type ValueRow } from '../words/values.ts';
import { Bar } from './bars.tsx';

// The worst are what is looked for; the others are one click away.
const rowsAtFirst = 25;

const columns: { key: SortKey; title: string; kind: string }[] = [
  { key: 'name', title: 'Value', kind: '' },
  { key: 'op', title: 'Made by', kind: 'only-wide' },
  { key: 'error', title: 'Error', kind: 'err' },
  { key: 'sqnr', title: 'SQNR, dB', kind: 'num only-wide' },
  { key: 'clipped', title: 'Clipped', kind: 'num only-wide' },
];

const ErrorCell = ({ row: { error, judged }, end }: { row: ValueRow; end: number }) => {
  if (error === undefined) return <span class="meta">not measured</span>;
  if (judged?.unlike !== undefined) return <span class="meta">cannot be compared</span>;
  if (error === 0) return <span class="meta">exact</span>;
  return (
    <div class="cell">
      <Bar kind={error >= notable ? 'w' : 'q'} share={error / end} />
      <span>{percentText(error)}</span>
    </div>
  );
};

interface RowProps {
  row: ValueRow;
  end: number;
  isPicked: boolean;
  wish: Wish;
  onPick: () => void;
  onKeep: (node: string, keep: boolean) => void;
}

const Row = ({ row, end, isPicked, wish, onPick, onKeep }: RowProps) => {
  const { name, op, node, activation, judged } = row;
  const db = judged?.sqnr_db;
  const clipped = judged?.share_clipped ?? 0;
  return (
    <tr class={isPicked ? 'is-picked' : undefined}>
      <td class="keep">
        {node !== undefined && (
          <input
            type="checkbox"
            aria-label={`Keep ${node} in float`}
            checked={isKept(wish, node)}
            onChange={(event) => onKeep(node, event.currentTarget.checked)}
          />
        )}
      </td>
      <th scope="row" class="name">
        <button class="link" type="button" aria-pressed={isPicked} onClick={onPick}>
          {name}
        </button>
        <span class="only-narrow meta">{op ?? (activation === undefined ? 'float' : 'made in float')}</span>
      </th>
      <td class="only-wide">
        {op ?? <span class="meta">float</span>}{' '}
        {activation !== undefined && <span class="chip int">{activation.dtype}</span>}
      </td>
      <td class="err">
        <ErrorCell row={row} end={end} />
      </td>
      <td class="num only-wide">{typeof db === 'number' && judged?.unlike === undefined ? decibelText(db) : ''}</td>
      <td class="num only-wide">{clipped > 0 ? percentText(clipped) : ''}</td>
    </tr>
  );
};

interface ValueTableProps {
  rows: ValueRow[];
  picked: string | undefined;
  wish: Wish;
  onPick: (name: string) => void;
  onKeep: (node: string, keep: boolean) => void;
}

export const ValueTable = ({ rows, picked, wish, onPick, onKeep }: ValueTableProps) => {
  const [filter, setFilter] = useState('');
  const [show, setShow] = useState<Show>('integers');
  const [order, setOrder] = useState<{ key: SortKey; up: boolean }>({ key: 'error', up: false });
  const [all, setAll] = useState(false);
  const end = useMemo(() => scaleEnd(rows.map(({ error = 0 }) => error)), [rows]);
  const found = useMemo(() => sortedValues(rows, { filter, show, ...order }), [rows, filter, show, order]);
  const shown = all ? found : found.slice(0, rowsAtFirst);
  return (
    <>
      <div class="tools">
        <label class="vh" for="value-filter">
          Filter values
        </label>
        <input
          type="search"
          id="value-filter"
          placeholder="Filter by name or op"
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        <label class="vh" for="value-show">
          Show
        </label>
        <select id="value-show" onChange={(event) => setShow(event.currentTarget.value as Show)}>
          {Object.entries(shows).map(([key, title]) => (
            <option key={key} value={key} selected={key === show}>
              {title}
            </option>
          ))}
        </select>
        <span class="meta">
          {shown.length} of {counted(rows.length, 'value')}
        </span>
      </div>
      <table class="layers" aria-labelledby="values-h">
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
                  onClick={() =>
                    setOrder((old) => ({ key, up: old.key === key ? !old.up : key === 'name' || key === 'op' }))
                  }
                >
                  {key === 'error' ? `${title}, 0 to ${percentText(end)}` : title}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <Row
              key={row.name}
              row={row}
              end={end}
              isPicked={row.name === picked}
              wish={wish}
              onPick={() => onPick(row.name)}
              onKeep={onKeep}
            />
          ))}
        </tbody>
      </table>
      {found.length === 0 && (
        <div class="empty">
          <p>{filter === '' ? 'No value is of this kind.' : `No value matches “${filter}”.`}</p>
        </div>
      )}
      {found.length > shown.length && (
        <div class="tools">
          <button class="btn small" type="button" onClick={() => setAll(true)}>
            Show all {found.length}
          </button>
        </div>
      )}
    </>
  );
};

// A table whose rows become blocks on a phone. Blocks lose the meaning of a table to a screen reader, so it is said by
// roles as well.
import type { ComponentChildren } from 'preact';

const said = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  head: { role: 'columnheader' },
  name: { role: 'rowheader' },
  cell: { role: 'cell' },
} as const;

export interface StackedRow {
  key: string;
  name: string;
  /** One for each title but the first. */
  cells: ComponentChildren[];
}

interface StackedTableProps {
  titles: string[];
  rows: StackedRow[];
  kind: string;
  nameKind?: string;
  /** Classes of the columns, where they have any. */
  columnKinds?: (string | undefined)[];
}

export const StackedTable = ({ titles, rows, kind, nameKind, columnKinds = [] }: StackedTableProps) => (
  <div class="boxed">
    <table class={`stackable mid ${kind}`} {...said.table}>
      <thead {...said.group}>
        <tr {...said.row}>
          {titles.map((title, i) => (
            <th key={title} scope="col" class={columnKinds[i]} {...said.head}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody {...said.group}>
        {rows.map(({ key, name, cells }) => (
          <tr key={key} {...said.row}>
            <th scope="row" class={nameKind} {...said.name}>
              {name}
            </th>
            {cells.map((cell, i) => (
              <td key={titles[i + 1]} data-th={titles[i + 1]} class={columnKinds[i + 1]} {...said.cell}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

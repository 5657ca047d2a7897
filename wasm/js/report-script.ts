// The script of a report's page. It travels as the text of this function: whatever it needs stands inside of it, and
// what comes from the model is only ever set as text.
import type { ActivationReport, Report, ValueJudgement } from './types.js';

export function showReport(report: Report): void {
  const main = document.getElementById('report') as HTMLElement;
  type Child = Node | string;
  const element = (tag: string, attributes: Record<string, string> = {}, ...children: Child[]): HTMLElement => {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const short = (value: number | null | undefined): string =>
    value === null || value === undefined ? '' : String(Number(value.toPrecision(4)));
  const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
  const size = (bytes: number): string =>
    bytes < 1e4 ? `${bytes} B` : bytes < 1e7 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const decibels = (db: number | null | undefined, unlike?: number): string =>
    unlike !== undefined ? 'unlike' : db === null ? 'exact' : db === undefined ? '' : `${db.toFixed(1)} dB`;

  interface Cell {
    text: string;
    /** What the column is sorted by; the text, where it is missing. */
    value?: number;
    drawn?: Node;
  }
  const text = (of: string): Cell => ({ text: of });
  const number = (of: number | null | undefined, shown = short(of)): Cell => ({
    text: shown,
    value: of ?? Number.POSITIVE_INFINITY,
  });

  function sortedBy(rows: Cell[][], column: number, falls: boolean): Cell[][] {
    const sign = falls ? -1 : 1;
    return rows.toSorted((a, b) => {
      const [x, y] = [a[column] as Cell, b[column] as Cell];
      if (x.value === undefined || y.value === undefined)
        return sign * (x.text < y.text ? -1 : x.text > y.text ? 1 : 0);
      return sign * (x.value < y.value ? -1 : x.value > y.value ? 1 : 0);
    });
  }

  /** A section with a table whose columns sort on demand; titles that start with a space are of numbers. */
  function table(title: string, explained: string, titles: string[], rows: Cell[][]): void {
    if (rows.length === 0) return;
    const id = `t${document.querySelectorAll('h2').length}`;
    const body = element('tbody');
    const heads: HTMLElement[] = [];
    const fill = (order: Cell[][]): void => {
      body.replaceChildren(
        ...order.map((row) =>
          element(
            'tr',
            {},
            ...row.map((cell, i) =>
              i === 0
                ? element('th', { scope: 'row' }, cell.text)
                : element('td', cell.value === undefined ? {} : { class: 'number' }, cell.drawn ?? cell.text),
            ),
          ),
        ),
      );
    };
    for (const [column, name] of titles.entries()) {
      const button = element('button', { type: 'button' }, name.trim());
      const head = element('th', { scope: 'col', ...(name.startsWith(' ') ? { class: 'number' } : {}) }, button);
      button.addEventListener('click', () => {
        const falls = head.getAttribute('aria-sort') === 'ascending';
        for (const other of heads) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', falls ? 'descending' : 'ascending');
        fill(sortedBy(rows, column, falls));
      });
      heads.push(head);
    }
    fill(rows);
    const caption = element('caption', {}, explained);
    const whole = element('table', {}, caption, element('thead', {}, element('tr', {}, ...heads)), body);
    main.append(
      element('h2', { id }, title),
      element('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-labelledby': id }, whole),
    );
  }

  /** Bars by the logarithm of the count, with a line at either end of what the codes reach. */
  function histogram({ histogram: counted, name }: ValueJudgement, range: readonly [number, number]): Node {
    if (counted === undefined) return document.createTextNode('');
    const { min, max, counts } = counted;
    const [width, height] = [4 * counts.length, 40];
    const most = Math.log1p(Math.max(...counts));
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const add = (tag: string, attributes: Record<string, string | number>): void => {
      const shape = document.createElementNS('http://www.w3.org/2000/svg', tag);
      for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, String(value));
      svg.append(shape);
    };
    svg.setAttribute('width', String(width));
    svg.setAttribute('height', String(height));
    svg.setAttribute('role', 'img');
    const label = `${name}: from ${short(min)} to ${short(max)}, codes from ${short(range[0])} to ${short(range[1])}`;
    svg.setAttribute('aria-label', label);
    for (const [i, count] of counts.entries()) {
      const bar = most === 0 ? 0 : (height * Math.log1p(count)) / most;
      if (count > 0) add('rect', { class: 'bar', x: 4 * i, y: height - bar, width: 3, height: bar });
    }
    for (const end of range) {
      const at = max > min ? Math.min(width - 1, Math.max(1, ((end - min) / (max - min)) * width)) : 1;
      add('line', { class: 'end', x1: at, x2: at, y1: 0, y2: height });
    }
    return svg;
  }

  const { judged, nodes, values, activations = [], fed = [], warnings } = report;
  const tiles: [title: string, figure: string, more: string, mood?: string][] = [
    [
      'Size',
      percent(report.output_bytes, report.input_bytes),
      `${size(report.input_bytes)} to ${size(report.output_bytes)}, ${report.mode}, ${report.target}`,
    ],
  ];
  const integers = nodes.filter(({ verdict }) => verdict === 'quantized').length;
  const what = report.activations === undefined ? 'Narrowed ops' : 'Ops in integers';
  tiles.push([what, `${integers} of ${nodes.length}`, '']);
  if (judged !== undefined) {
    const mood = judged.sqnr_db !== null && judged.sqnr_db < 20 ? 'bad' : 'good';
    const unlike = judged.outputs.find((output) => output.unlike !== undefined)?.unlike;
    const on = `the worst output, ${judged.samples} sample${judged.samples === 1 ? '' : 's'}`;
    tiles.push(['Signal to noise', decibels(judged.sqnr_db, unlike), on, unlike === undefined ? mood : 'bad']);
    const decided = judged.outputs.filter(({ decisions }) => decisions > 0);
    const [least] = decided.toSorted((a, b) => a.same / a.decisions - b.same / b.decisions);
    if (least !== undefined) {
      tiles.push(['Same decisions', percent(least.same, least.decisions), `of ${least.decisions} (${least.name})`]);
    }
    if (judged.accuracy !== undefined) {
      const { before, after, labels } = judged.accuracy;
      tiles.push(['Accuracy', percent(after, labels), `${percent(before, labels)} in float, ${labels} labels`]);
    }
  }
  main.append(
    element(
      'dl',
      { class: 'tiles' },
      ...tiles.map(([title, figure, more, mood = '']) =>
        element(
          'div',
          {},
          element('dt', {}, title),
          element('dd', { class: mood }, figure),
          ...(more === '' ? [] : [element('dd', { class: 'more' }, more)]),
        ),
      ),
    ),
  );
  const said = [...(judged?.failed ?? []), ...warnings];
  if (said.length > 0) {
    main.append(
      element('h2', {}, 'What to look at'),
      element(
        'ul',
        {},
        ...said.map((sentence, i) => element('li', i < (judged?.failed.length ?? 0) ? { class: 'bad' } : {}, sentence)),
      ),
    );
  }
  const keep = judged?.keep_float;
  if (keep !== undefined) {
    const reached = keep.reached_db === null ? 'more than enough' : `${keep.reached_db.toFixed(1)} dB`;
    const quoted = (name: string): string => `'${name.replaceAll("'", "'\\''")}'`;
    main.append(element('h2', {}, 'Better in float'));
    if (keep.nodes.length === 0) {
      const early = keep.stopped ? ' before the search was stopped' : '';
      const text = `No set of nodes was found${early} without which the outputs keep ${keep.target_db} dB.`;
      main.append(element('p', {}, text));
    } else {
      const flags = keep.nodes.map((name) => `--exclude ${quoted(name)}`).join(' ');
      main.append(
        element('p', {}, `With ${keep.nodes.length} of ${keep.of} ops in float the worst output keeps ${reached}:`),
        element('pre', { tabindex: '0', 'aria-label': 'Flags' }, element('code', {}, flags)),
      );
    }
  }
  if (judged !== undefined) {
    table(
      'Outputs',
      'What the model gives, compared with the float model.',
      ['output', ' SQNR', ' largest error', ' same decisions'],
      judged.outputs.map((output) => [
        text(output.name),
        number(output.unlike === undefined ? output.sqnr_db : -1, decibels(output.sqnr_db, output.unlike)),
        number(output.max_error),
        output.decisions === 0
          ? number(null, '')
          : number(output.same / output.decisions, percent(output.same, output.decisions)),
      ]),
    );
  }
  const judgedValues = new Map((judged?.values ?? []).toReversed().map((value) => [value.name, value]));
  const coded = new Map(activations.map((activation) => [activation.name, activation]));
  const reach = ({ range }: ActivationReport): string => `${short(range[0])} to ${short(range[1])}`;
  table(
    'Values in integers',
    'Worst first. Bars: how often numbers occur, by the logarithm; lines: from where to where the codes reach.',
    ['value', ' SQNR', ' clipped', 'seen', 'codes reach', ' scale', ' zero point', 'histogram'],
    activations.map((activation) => {
      const { name, sqnr_db, share_clipped: clipped, seen, scale, zero_point: zero, range } = activation;
      const value = judgedValues.get(name);
      const drawn = value === undefined ? undefined : histogram(value, range);
      return [
        text(name),
        number(value?.unlike === undefined ? sqnr_db : -1, decibels(sqnr_db, value?.unlike)),
        number(clipped, clipped === undefined ? '' : percent(clipped, 1)),
        text(`${short(seen[0])} to ${short(seen[1])}`),
        text(reach(activation)),
        number(scale),
        number(zero),
        { text: '', ...(drawn === undefined ? {} : { drawn }) },
      ];
    }),
  );
  table(
    'Other values',
    'Values that are computed in float from what integers have left.',
    ['value', ' SQNR', ' largest error'],
    (judged?.values ?? [])
      .filter(({ name }) => !coded.has(name))
      .map((value) => [
        text(value.name),
        number(value.unlike === undefined ? value.sqnr_db : -1, decibels(value.sqnr_db, value.unlike)),
        number(value.max_error),
      ]),
  );
  table(
    'Ops',
    'Every op: what it becomes on the target, or why it stays in float.',
    ['op', 'type', 'verdict', 'reason'],
    nodes.map(({ name, op, verdict, reason }) => [text(name), text(op), text(verdict), text(reason)]),
  );
  table(
    'Weights',
    'Constants of the model, with the noise that narrowing added.',
    ['weight', 'verdict', 'type', ' SQNR', ' before', ' after', 'reason'],
    values.map(({ name, verdict, dtype, sqnr_db, bytes_before: before, bytes_after: after, reason }) => [
      text(name),
      text(verdict),
      text(dtype),
      number(sqnr_db, decibels(sqnr_db)),
      number(before, before === undefined ? '' : size(before)),
      number(after, after === undefined ? '' : size(after)),
      text(reason),
    ]),
  );
  table(
    'What was fed',
    'The numbers that the samples held, channel by channel.',
    ['input', ' channel', ' smallest', ' largest', ' mean', ' numbers', ' samples'],
    fed.flatMap(({ name, samples, channels }) =>
      channels.map(({ min, max, mean, count }, i) => [
        text(name),
        number(i),
        number(min),
        number(max),
        number(mean),
        number(count),
        number(samples),
      ]),
    ),
  );
}

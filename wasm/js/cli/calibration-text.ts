// What a calibration found, for people.
import type { CalibrationWarning, ValueRange } from '../calibrate.js';
import type { DataWarning, InputStatistics } from '../data/fed.js';
import { tableText } from './text.js';

const mostRows = 8;

const numberText = (value: number | null): string => (value === null ? '' : String(Number(value.toPrecision(5))));

/** What the model was fed with, channel by channel. */
export function fedTable(fed: InputStatistics[]): string {
  const rows = fed.flatMap(({ name, channels }) =>
    channels
      .slice(0, mostRows)
      .map(({ min, max, mean, count }, i) => [
        i === 0 ? name : '',
        channels.length > 1 ? `channel ${i}` : '',
        numberText(min),
        numberText(max),
        numberText(mean),
        count.toLocaleString('en-US'),
      ]),
  );
  return rows.length === 0 ? '' : tableText(['fed', '', ' smallest', ' largest', ' mean', ' numbers'], rows);
}

/** The widest ranges: a few codes are all that small values get there. */
export function rangesTable(values: ValueRange[]): string {
  const widest = values.toSorted((a, b) => b.max - b.min - (a.max - a.min)).slice(0, mostRows);
  const rows = widest.map(({ name, min, max, seen_min, seen_max }) => [
    name,
    numberText(min),
    numberText(max),
    numberText(seen_min),
    numberText(seen_max),
  ]);
  return rows.length === 0 ? '' : tableText(['widest', ' from', ' to', ' smallest', ' largest'], rows);
}

const meanings: Record<CalibrationWarning['kind'], string> = {
  unseen: 'no sample made this value',
  nan: 'was not a number (NaN) now and then: check what was fed',
  infinite: 'was infinite now and then: check what was fed',
  constant: 'was the same number everywhere',
};

export function warningsText(data: DataWarning[], values: CalibrationWarning[]): string {
  const lines = data.map(({ kind, message, where }) => `  warning: ${kind}: ${where}: ${message}`);
  for (const kind of Object.keys(meanings) as CalibrationWarning['kind'][]) {
    const names = values.filter((warning) => warning.kind === kind).map(({ name }) => name);
    const shown = names.slice(0, mostRows).join(', ');
    const more = names.length > mostRows ? ` and ${names.length - mostRows} more` : '';
    if (names.length > 0) lines.push(`  warning: ${kind}: ${shown}${more}: ${meanings[kind]}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

// Numbers and tables for people.

const units = ['B', 'kB', 'MB', 'GB'];

export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

export const countText = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

export const percentText = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;

export const decibelText = (db: number | null | undefined): string =>
  db === null ? 'exact' : db === undefined ? '' : `${db.toFixed(1)} dB`;

export const shapeText = (shape: (number | null)[] | null | undefined, names: string[] = []): string =>
  shape ? `[${shape.map((size, i) => size ?? (names[i] || '?')).join(', ')}]` : '[unknown]';

/** Columns under each other; those whose title starts with a space are set to the right. No titles, no head. */
export function tableText(titles: string[], rows: string[][], indent = '  '): string {
  const widths = titles.map((title, i) => Math.max(title.trim().length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: string[]) =>
    indent +
    cells
      .map((cell, i) => (titles[i]?.startsWith(' ') ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const head = titles.some((title) => title !== '') ? [titles.map((title) => title.trim())] : [];
  return `${[...head, ...rows].map(line).join('\n')}\n`;
}

// Numbers as the page writes them. Units are decimal, as on every other size a user meets.
const units = ['bytes', 'kB', 'MB', 'GB'];

export interface Sized {
  value: string;
  unit: string;
}

const threeDigits = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);

function unitOf(bytes: number): number {
  let unit = 0;
  // 999,950 bytes would round to 1000 kB.
  for (let value = bytes; value >= 999.5 && unit < units.length - 1; value /= 1000) unit += 1;
  return unit;
}

/** A size in the unit that suits it, or in that of a larger one beside it. */
export function sized(bytes: number, beside = bytes): Sized {
  const unit = unitOf(beside);
  const value = bytes / 1000 ** unit;
  return { value: unit === 0 ? String(bytes) : threeDigits(value), unit: units[unit] ?? '' };
}

export function sizeText(bytes: number): string {
  const { value, unit } = sized(bytes);
  return `${value} ${unit}`;
}

export const grouped = (count: number): string => count.toLocaleString('en-US');

export const counted = (count: number, noun: string): string => `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;

/** A large count in words: 3.49 million. */
export function countSized(count: number): Sized {
  if (count >= 1e9) return { value: threeDigits(count / 1e9), unit: 'billion' };
  if (count >= 1e6) return { value: threeDigits(count / 1e6), unit: 'million' };
  return { value: grouped(count), unit: '' };
}

export const percentText = (share: number): string => {
  const percent = share * 100;
  if (percent > 0 && percent < 0.01) return '< 0.01 %';
  if (percent === 0 || percent >= 99.95) return `${percent.toFixed(0)} %`;
  return `${percent >= 9.95 ? percent.toFixed(1) : percent.toPrecision(2)} %`;
};

export const timesText = (ratio: number): string => threeDigits(ratio).replace(/\.?0+$/, '');

/** How large the noise is beside the signal, from the decibels between them. */
export const errorShare = (decibels: number): number => 10 ** (-decibels / 20);

export const decibelText = (decibels: number): string => decibels.toFixed(1);

export const secondsText = (ms: number): string =>
  ms < 995 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`;

export const shapeText = (shape: (number | null)[] | null, names: string[] = []): string =>
  shape === null
    ? 'unknown'
    : shape.length === 0
      ? 'one number'
      : shape.map((size, i) => (size === null ? names[i] || '?' : grouped(size))).join(' × ');

export const shortNumber = (value: number): string => String(Number(value.toPrecision(3)));
export const msText = (ms: number): string => `${shortNumber(ms)} ms`;

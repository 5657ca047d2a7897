// What is asked for of the samples, in the words of `openSamples` and, as flags, of the command line.
import type { SampleOptions } from 'narrowcast';

type Both = readonly [number, number];
type Colours = readonly [number, number, number];

/** Only what was chosen; the rest is read off the model, or is the engine's default. */
export interface DataWish {
  samples?: number;
  seed?: number;
  /** How many samples the result is judged on. */
  judgeSamples?: number;
  sampleRate?: number;
  preset?: string;
  layout?: string;
  color?: string;
  fit?: string;
  interpolation?: string;
  resize?: number | Both;
  crop?: number | Both;
  mean?: Colours;
  std?: Colours;
}

export type DataKey = keyof DataWish;
export type DataValue = NonNullable<DataWish[DataKey]>;

/** The wish with a value more, or with one less. */
export function withData(wish: DataWish, key: DataKey, value: DataValue | undefined): DataWish {
  const { [key]: _, ...others } = wish;
  return value === undefined ? others : { ...others, [key]: value };
}

export function sampleOptions({ judgeSamples: _, ...options }: DataWish): SampleOptions {
  return options as SampleOptions;
}

const wholeNumber = (text: string): number | undefined => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);

const count = (text: string): number | undefined => wholeNumber(text) || undefined;

function size(text: string): number | Both | undefined {
  const sides = text.split(/\s*[x×]\s*/).map(count);
  if (sides.some((side) => side === undefined)) return undefined;
  return sides.length === 1 ? sides[0] : sides.length === 2 ? (sides as unknown as Both) : undefined;
}

function colours(text: string): Colours | undefined {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!numbers.every(Number.isFinite)) return undefined;
  const [first] = numbers;
  if (numbers.length === 1 && first !== undefined) return [first, first, first];
  return numbers.length === 3 ? (numbers as unknown as Colours) : undefined;
}

interface TextKind {
  /** Undefined: the text says nothing of this kind. */
  parse: (text: string) => DataValue | undefined;
  /** What it has to be. */
  sentence: string;
}

export const kinds = {
  count: { parse: count, sentence: 'A whole number, at least 1.' },
  wholeNumber: { parse: wholeNumber, sentence: 'A whole number.' },
  size: { parse: size, sentence: 'One number, or height x width as 256x320.' },
  colours: { parse: colours, sentence: 'One number, or three with commas: for red, green and blue.' },
} as const satisfies Record<string, TextKind>;

export function textOf(value: DataValue): string {
  if (typeof value !== 'object') return String(value);
  return value.length === 2 ? value.join('x') : value.join(',');
}

/** As flags of the command line, which has the same names. */
export const dataFlags = (wish: DataWish): [flag: string, value: string][] =>
  Object.entries(wish).map(([key, value]) => [
    `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    textOf(value),
  ]);

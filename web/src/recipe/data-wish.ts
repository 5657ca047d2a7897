// What is asked for of the samples, in the words of `openSamples` and, as flags, of the command line.
import type { Description, SampleOptions } from 'narrowcast';

type Both = readonly [number, number];
type Colours = readonly [number, number, number];

/** Only what was chosen; the rest is read off the model, or is the engine's default. */
export interface DataWish {
  samples?: number;
  seed?: number;
  /** How many samples the result is judged on. */
  judgeSamples?: number;
  /** False: where too much is lost, nothing is looked for that is better in float. */
  search?: false;
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
export type DataValue = Exclude<DataWish[DataKey], undefined>;

/** The wish with a value more, or with one less. */
export function withData(wish: DataWish, key: DataKey, value: DataValue | undefined): DataWish {
  const { [key]: _, ...others } = wish;
  return value === undefined ? others : { ...others, [key]: value };
}

export function sampleOptions({ judgeSamples: _, search: __, ...options }: DataWish): SampleOptions {
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

const isCount = (value: unknown, least: number): boolean => Number.isSafeInteger(value) && (value as number) >= least;
const isNumbers = (value: unknown, count: number): boolean =>
  Array.isArray(value) && value.length === count && value.every(Number.isFinite);
const isSize = (value: unknown): boolean =>
  isCount(value, 1) || (isNumbers(value, 2) && (value as number[]).every((side) => isCount(side, 1)));
const isOneOf =
  (...choices: string[]) =>
  (value: unknown): boolean =>
    choices.includes(value as string);

/** What a link or a file says of samples; what it cannot mean is left out. */
export function parseDataWish(value: unknown, known: Description): DataWish {
  const checks: Record<DataKey, (value: unknown) => boolean> = {
    samples: (one) => isCount(one, 1),
    seed: (one) => isCount(one, 0),
    judgeSamples: (one) => isCount(one, 1),
    search: (one) => one === false,
    sampleRate: (one) => isCount(one, 1),
    preset: isOneOf(...known.image_presets.map(({ name }) => name)),
    layout: isOneOf('nchw', 'nhwc'),
    color: isOneOf('rgb', 'bgr'),
    fit: isOneOf(...known.image_fits),
    interpolation: isOneOf(...known.image_interpolations),
    resize: isSize,
    crop: isSize,
    mean: (one) => isNumbers(one, 3),
    std: (one) => isNumbers(one, 3),
  };
  if (typeof value !== 'object' || value === null) return {};
  const entries = Object.entries(value).filter(
    ([key, one]) => Object.hasOwn(checks, key) && checks[key as DataKey](one),
  );
  return Object.fromEntries(entries);
}

const flagOf = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** As flags of the command line, which has the same names. */
export const dataFlags = (wish: DataWish): [flag: string, ...value: string[]][] =>
  Object.entries(wish).map(([key, value]) =>
    value === false ? [`--no-${flagOf(key)}`] : [`--${flagOf(key)}`, textOf(value)],
  );

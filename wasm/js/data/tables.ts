// Samples as lines of text: .csv, a row a sample, and .jsonl, a JSON value a line.
import type { Tensor } from '../tensor.js';
import type { ValueInfo } from '../types.js';
import { unreadable, wrongData } from './errors.js';
import { retyped, shapeOfList, tensorOf } from './fit.js';

export type Sample = Record<string, Tensor>;

const isNumber = (cell: string): boolean => cell.trim() !== '' && !Number.isNaN(Number(cell));

/** Which columns belong to which input: those that are called like it, with anything behind a dot, a bracket or _. */
function columnsOf(titles: string[], inputs: ValueInfo[]): Map<ValueInfo, number[]> | undefined {
  const columns = new Map<ValueInfo, number[]>();
  for (const [i, title] of titles.entries()) {
    const text = title.trim();
    const owner = inputs
      .filter(({ name }) => text === name || (text.startsWith(name) && /^(\.|\[|_\d+$)/.test(text.slice(name.length))))
      .sort((a, b) => b.name.length - a.name.length)[0];
    if (owner === undefined) return undefined;
    columns.set(owner, [...(columns.get(owner) ?? []), i]);
  }
  return columns;
}

/**
 * A row is a sample. A first row that is not all numbers gives titles: when each is an input's name, alone or with an
 * index behind it (x, x.0, x[0], x_0), the columns go to these inputs; otherwise all go to `target`.
 * Errors: calibration.
 */
export async function readCsv(
  text: string,
  inputs: ValueInfo[],
  target: () => ValueInfo,
  where: string,
): Promise<(() => Sample)[]> {
  const { default: papa } = await import('papaparse');
  const { data: rows, errors } = papa.parse<string[]>(text.replace(/^\uFEFF/, ''), { skipEmptyLines: 'greedy' });
  const [fault] = errors.filter(({ type }) => type === 'Quotes');
  if (fault !== undefined) throw unreadable(`Row ${(fault.row ?? 0) + 1}: ${fault.message}.`, where);
  const hasTitles = rows[0]?.some((cell) => !isNumber(cell)) ?? false;
  const titles = hasTitles ? (rows.shift() as string[]) : undefined;
  const named = titles && columnsOf(titles, inputs);
  return rows.map((row, i) => () => {
    const place = `${where}: row ${i + (hasTitles ? 2 : 1)}`;
    const faulty = row.find((cell) => !isNumber(cell));
    if (faulty !== undefined) throw unreadable(`'${faulty}' is no number.`, place);
    const numbers = row.map(Number);
    const parts = named ?? new Map([[target(), numbers.map((_, column) => column)]]);
    const tensors = [...parts].map(([input, columns]) => {
      const own = columns.map((column) => numbers[column] ?? Number.NaN);
      return [input.name, tensorOf(own, shapeOfList(own.length, input, place), input, place)] as const;
    });
    return Object.fromEntries(tensors);
  });
}

/** The numbers of nested lists and their shape; undefined when they are not even. */
function flattened(value: unknown): { shape: number[]; numbers: number[] } | undefined {
  if (typeof value === 'number') return { shape: [], numbers: [value] };
  if (typeof value === 'boolean') return { shape: [], numbers: [Number(value)] };
  if (!Array.isArray(value)) return undefined;
  const parts = value.map(flattened);
  const shape = parts[0]?.shape ?? [];
  const numbers: number[] = [];
  for (const part of parts) {
    if (part === undefined || part.shape.join() !== shape.join()) return undefined;
    for (const number of part.numbers) numbers.push(number);
  }
  return { shape: [value.length, ...shape], numbers };
}

function tensorFrom(value: unknown, input: ValueInfo, place: string): Tensor {
  const found = flattened(value);
  if (found === undefined) throw unreadable(`What is given for '${input.name}' is no list of numbers.`, place);
  const { shape, numbers } = found;
  const rank = input.shape?.length;
  const isFlat = shape.length <= 1 && rank !== shape.length;
  const full = isFlat
    ? shapeOfList(numbers.length, input, place)
    : rank === shape.length + 1
      ? [1, ...shape]
      : [...shape];
  return tensorOf(numbers, full, input, place);
}

/**
 * A line is a sample: an object with a list of numbers, nested or flat, for each input, or a bare list for `target`.
 * Keys that the model does not take are left aside when the others are there. Errors: calibration.
 */
export function readJsonl(text: string, inputs: ValueInfo[], target: () => ValueInfo, where: string): (() => Sample)[] {
  const lines = text.split('\n').map((line, i) => ({ line: line.trim(), place: `${where}: line ${i + 1}` }));
  return lines
    .filter(({ line }) => line !== '')
    .map(({ line, place }) => () => {
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch (error) {
        throw unreadable(`This is not JSON: ${(error as Error).message}.`, place, error);
      }
      if (Array.isArray(value) || typeof value === 'number') {
        const input = target();
        return { [input.name]: tensorFrom(value, input, place) };
      }
      if (typeof value !== 'object' || value === null) throw unreadable('This is neither an object nor a list.', place);
      const given = inputs.filter(({ name }) => Object.hasOwn(value, name));
      if (given.length === 0) {
        throw wrongData(
          `None of its keys is an input of the model: ${inputs.map(({ name }) => name).join(', ')}.`,
          place,
        );
      }
      return Object.fromEntries(
        given.map((input) => [
          input.name,
          retyped(tensorFrom((value as Record<string, unknown>)[input.name], input, place), input, place),
        ]),
      );
    });
}

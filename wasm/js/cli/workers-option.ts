import { InvalidArgumentError } from 'commander';

/** The argument of --workers. */
export function workersOf(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('It is a number from 1 to 64.');
  return Number(text);
}

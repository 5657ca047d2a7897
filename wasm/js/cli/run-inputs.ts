// What a model is fed with on the command line: arrays from files, and made-up ones for the rest.
import { readFile } from 'node:fs/promises';
import { makeRandom } from '../data/choose.js';
import { readNpy, readNpz } from '../data/npy.js';
import { NarrowcastError } from '../errors.js';
import type { TensorLike } from '../tensor.js';
import type { ValueInfo } from '../types.js';
import { randomInput } from './random-inputs.js';

const defaultSeed = 1;

// Names may hold anything, so they are looked for among the model's; the longest one wins.
export function splitAtName(text: string, inputs: ValueInfo[]): { name: string; rest: string } | undefined {
  const names = inputs.map((input) => input.name).filter((name) => text.startsWith(`${name}=`));
  const name = names.sort((a, b) => b.length - a.length)[0];
  return name === undefined ? undefined : { name, rest: text.slice(name.length + 1) };
}

const listOf = (inputs: ValueInfo[]): string => inputs.map((input) => `'${input.name}'`).join(', ') || 'none';

async function readGiven(files: string[], inputs: ValueInfo[]): Promise<Record<string, TensorLike>> {
  const given: Record<string, TensorLike> = {};
  for (const text of files) {
    const named = splitAtName(text, inputs);
    if (named !== undefined) {
      given[named.name] = readNpy(await readFile(named.rest), named.rest);
    } else if (text.endsWith('.npz')) {
      Object.assign(given, readNpz(await readFile(text), text));
    } else if (text.endsWith('.npy') && !text.includes('=') && inputs.length === 1) {
      given[inputs[0]?.name ?? ''] = readNpy(await readFile(text), text);
    } else {
      const message = `Inputs are given as name=file.npy or as one file.npz; the model has ${listOf(inputs)}.`;
      throw new NarrowcastError('usage', message, text);
    }
  }
  return given;
}

function parseShapes(shapes: string[], inputs: ValueInfo[]): Map<string, number[]> {
  const parsed = new Map<string, number[]>();
  for (const text of shapes) {
    const { name, rest } = splitAtName(text, inputs) ?? {};
    if (name === undefined || rest === undefined || !/^(\d+(x\d+)*)?$/.test(rest)) {
      const message = `A shape is given as name=1x3x224x224; the model has ${listOf(inputs)}.`;
      throw new NarrowcastError('usage', message, text);
    }
    parsed.set(name, rest === '' ? [] : rest.split('x').map(Number));
  }
  return parsed;
}

/** Arrays that were given, and made-up ones for inputs that were not. Errors: usage. */
export async function gatherInputs(
  inputs: ValueInfo[],
  flags: { inputs?: string[]; shape?: string[]; seed?: number },
): Promise<Record<string, TensorLike>> {
  const given = await readGiven(flags.inputs ?? [], inputs);
  const shapes = parseShapes(flags.shape ?? [], inputs);
  const random = makeRandom(flags.seed ?? defaultSeed);
  for (const input of inputs) {
    if (!Object.hasOwn(given, input.name)) given[input.name] = randomInput(input, shapes.get(input.name), random);
    else if (shapes.has(input.name)) {
      throw new NarrowcastError('usage', 'Its array has a shape already; --shape is for made-up inputs.', input.name);
    }
  }
  return given;
}

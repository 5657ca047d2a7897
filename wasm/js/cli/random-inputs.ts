// Inputs for models that one only wants to see running: from a seed, always the same.
import { NarrowcastError } from '../errors.js';
import { arrayOf, type DataType, elementBytes, elementCount, isDataType, type Tensor } from '../tensor.js';
import type { ValueInfo } from '../types.js';
import { shapeText } from './text.js';

const halfSteps = 2048; // as many equal steps below 1 as a half-precision number can express

/** The bits of count / 2048 in half precision. */
function halfBits(count: number): number {
  if (count === 0) return 0;
  const exponent = 31 - Math.clz32(count);
  return ((exponent + 4) << 10) | ((count - 2 ** exponent) << (10 - exponent));
}

function fill(dtype: DataType, count: number, random: () => number): Tensor['data'] {
  const data = arrayOf(dtype, new Uint8Array(count * elementBytes(dtype)));
  const isWide = dtype === 'int64' || dtype === 'uint64';
  for (let i = 0; i < count; i += 1) {
    const number = random();
    if (dtype === 'float32' || dtype === 'float64') data[i] = number;
    else if (dtype === 'float16') data[i] = halfBits(Math.floor(number * halfSteps));
    else data[i] = (isWide ? BigInt(Math.floor(number * 2)) : Math.floor(number * 2)) as never;
  }
  return data;
}

function shapeOf({ name, shape, dim_names }: ValueInfo, given: readonly number[] | undefined): readonly number[] {
  if (given !== undefined) return given;
  const example = `--shape ${name}=${shape === null ? '1x3x224x224' : shape.map((size) => size ?? 1).join('x')}`;
  if (shape === null) {
    throw new NarrowcastError('usage', `The model does not say its shape; give one: ${example}`, name);
  }
  const unknown = shape.filter((size) => size === null).length;
  if (unknown > 1 || (unknown === 1 && shape[0] !== null)) {
    const text = shapeText(shape, dim_names);
    throw new NarrowcastError('usage', `Its shape ${text} has sizes that are up to you; give them: ${example}`, name);
  }
  return shape.map((size) => size ?? 1);
}

/** Floats in [0, 1), everything else 0 or 1. A single open size in front becomes 1. Errors: usage. */
export function randomInput(input: ValueInfo, given: readonly number[] | undefined, random: () => number): Tensor {
  const shape = shapeOf(input, given);
  if (!isDataType(input.dtype)) {
    throw new NarrowcastError('unsupported', `An input of type ${input.dtype} cannot be made up.`, input.name);
  }
  return { dtype: input.dtype, shape: [...shape], data: fill(input.dtype, elementCount(shape), random) };
}

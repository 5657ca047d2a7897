// Arrays made what a model's input takes: cut into samples along their first axis, given an axis, another element type.
import { arrayOf, elementBytes, elementCount, isDataType, type Tensor, type TensorData } from '../tensor.js';
import type { ValueInfo } from '../types.js';
import { wrongData } from './errors.js';

type Sizes = readonly (number | null)[];

const sizesText = (sizes: Sizes): string => `[${sizes.map((size) => size ?? '?').join(', ')}]`;

const fits = (shape: readonly number[], sizes: Sizes): boolean =>
  shape.length === sizes.length && shape.every((size, i) => sizes[i] === null || sizes[i] === size);

/** How an array lies along its first axis: `count` samples of `shape` each. */
export interface Cut {
  count: number;
  shape: number[];
}

/**
 * With a model that takes [d, ...]: an array [n, ...] is n / d samples, where an open d counts as 1; an array [...]
 * without the first axis is one sample, when d is 1 or open; an array [n, d, ...] is n samples. A model that says nothing
 * of its shape takes the array as it is. Errors: calibration.
 */
export function cutOf(shape: readonly number[], input: ValueInfo, where: string): Cut {
  const sizes = input.shape;
  if (sizes === null) return { count: 1, shape: [...shape] };
  const [first = null, ...rest] = sizes;
  const step = first ?? 1;
  const [axis = 0, ...inner] = shape;
  const isWhole = shape.length === 0 && sizes.length === 0;
  if (isWhole) return { count: 1, shape: [] };
  if (sizes.length > 0 && fits(inner, rest) && axis > 0 && axis % step === 0) {
    return { count: axis / step, shape: [step, ...inner] };
  }
  if (sizes.length > 0 && step === 1 && fits(shape, rest)) return { count: 1, shape: [1, ...shape] };
  if (axis > 0 && fits(inner, sizes)) return { count: axis, shape: inner };
  const message = `An array ${sizesText(shape)} does not fit the input '${input.name}', which takes ${sizesText(sizes)}.`;
  throw wrongData(`${message} Its first axis may hold several samples; everything else must be the same.`, where);
}

/** The sample of this index. */
export function sampleOf(tensor: Tensor, { shape }: Cut, index: number): Tensor {
  const size = elementCount(shape);
  return { dtype: tensor.dtype, shape: [...shape], data: tensor.data.slice(index * size, (index + 1) * size) };
}

/** The shape of a list of numbers: the model's, where at most one of its sizes is open. Errors: calibration. */
export function shapeOfList(length: number, input: ValueInfo, where: string): number[] {
  const sizes = input.shape ?? [1, null];
  const open = sizes.filter((size) => size === null).length;
  // An open first axis is that of the samples.
  const stated = open > 1 && sizes[0] === null ? [1, ...sizes.slice(1)] : [...sizes];
  const known = stated.reduce<number>((product, size) => product * (size ?? 1), 1);
  const left = stated.filter((size) => size === null).length;
  const isWhole = left === 0 ? length === known : left === 1 && known > 0 && length % known === 0;
  if (!isWhole) {
    const message = `${length} numbers are no sample of the input '${input.name}', which takes ${sizesText(sizes)}.`;
    throw wrongData(message, where);
  }
  return stated.map((size) => size ?? length / known);
}

const whole: Record<string, readonly [low: number, high: number]> = {
  int8: [-128, 127],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint8: [0, 255],
  uint16: [0, 2 ** 16 - 1],
  uint32: [0, 2 ** 32 - 1],
  bool: [0, 1],
};

function converted(data: TensorData, dtype: Tensor['dtype'], refuse: (what: string) => never): TensorData {
  const result = arrayOf(dtype, new Uint8Array(data.length * elementBytes(dtype)));
  const range = whole[dtype];
  for (let i = 0; i < data.length; i += 1) {
    const value = data[i] as number | bigint;
    if (dtype === 'int64' || dtype === 'uint64') {
      const number = Number(value);
      if (!Number.isInteger(number) || (dtype === 'uint64' && number < 0)) refuse(String(value));
      result[i] = BigInt(value) as never;
    } else {
      const number = Number(value);
      if (range && !(Number.isInteger(number) && number >= range[0] && number <= range[1])) refuse(String(value));
      result[i] = number as never;
    }
  }
  return result;
}

/** The tensor with the input's element type; a number that this cannot hold is an error: calibration. */
export function retyped(tensor: Tensor, input: ValueInfo, where: string): Tensor {
  const wanted = input.dtype;
  if (tensor.dtype === wanted) return tensor;
  const refuse = (what: string): never => {
    throw wrongData(`The input '${input.name}' takes ${wanted}, not ${tensor.dtype} like ${what}.`, where);
  };
  const isBits = [tensor.dtype, wanted].some((dtype) => /16$/.test(dtype) && dtype.includes('float'));
  if (!isDataType(wanted) || isBits) return refuse('these');
  return { dtype: wanted, shape: tensor.shape, data: converted(tensor.data, wanted, refuse) };
}

/** Numbers as the input takes them. */
export function tensorOf(numbers: readonly number[], shape: number[], input: ValueInfo, where: string): Tensor {
  return retyped({ dtype: 'float64', shape, data: Float64Array.from(numbers) }, input, where);
}

/** Errors: calibration, when a sample is not of the shape that the model takes. */
export function checkShape({ shape }: Tensor, input: ValueInfo, where: string): void {
  if (input.shape === null || fits(shape, input.shape)) return;
  const message = `A sample of shape ${sizesText(shape)} does not fit the input '${input.name}'`;
  throw wrongData(`${message}, which takes ${sizesText(input.shape)}.`, where);
}

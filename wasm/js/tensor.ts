// Tensors as they cross the border: a typed array, its shape, and the type of its elements.
import { NarrowcastError } from './errors.js';

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  /** The bits of half-precision numbers. */
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  /** 0 or 1. */
  bool: Uint8Array,
} as const;

export type DataType = keyof typeof arrays;
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** What a model is fed with. `dtype` may be left out where the array's own type says it. */
export interface TensorLike {
  dtype?: DataType;
  shape: readonly number[];
  data: TensorData;
}

/** What a model gives. float16 and bfloat16 come as their bits in a Uint16Array, bool as a Uint8Array. */
export interface Tensor {
  dtype: DataType;
  shape: number[];
  data: TensorData;
}

export interface TensorRecord {
  name: string;
  dtype: DataType;
  shape: readonly number[];
}

const ownTypes: Record<string, DataType> = {
  Float16Array: 'float16',
  Uint8ClampedArray: 'uint8',
  ...Object.fromEntries(
    Object.entries(arrays)
      .filter(([dtype, array]) => array.name.toLowerCase().replace(/^big|array$/g, '') === dtype)
      .map(([dtype, array]) => [array.name, dtype as DataType]),
  ),
};

export const isDataType = (dtype: string): dtype is DataType => Object.hasOwn(arrays, dtype);
export const elementBytes = (dtype: DataType): number => arrays[dtype].BYTES_PER_ELEMENT;
export const elementCount = (shape: readonly number[]): number => shape.reduce((count, size) => count * size, 1);

/** Its bytes and what they are. Throws when type, shape and number of elements do not fit. */
export function describeTensor(name: string, tensor: TensorLike): { record: TensorRecord; bytes: Uint8Array } {
  const wrong = (message: string) => new NarrowcastError('usage', message, name);
  const { shape, data } = tensor ?? {};
  if (!Array.isArray(shape) || !ArrayBuffer.isView(data)) {
    throw wrong('An input is an object {shape, data}: a list of sizes and a typed array.');
  }
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw wrong(`A shape is a list of whole numbers, not [${shape.join(', ')}].`);
  }
  const own = ownTypes[(data as TensorData)[Symbol.toStringTag]];
  const dtype = tensor.dtype ?? own;
  if (dtype === undefined || !isDataType(dtype)) throw wrong(`There is no element type '${dtype}'.`);
  if (own === undefined || elementBytes(own) !== elementBytes(dtype)) throw wrong(`This array does not hold ${dtype}.`);
  if (elementCount(shape) !== data.length) {
    throw wrong(`The shape [${shape.join(', ')}] has ${elementCount(shape)} elements, the array ${data.length}.`);
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { record: { name, dtype, shape }, bytes };
}

/** Bytes as the array of their type. */
export function arrayOf(dtype: DataType, bytes: Uint8Array<ArrayBuffer>): TensorData {
  return new arrays[dtype](bytes.buffer, bytes.byteOffset, bytes.byteLength / elementBytes(dtype));
}

// Inputs of zeros, where there is no sample: enough to measure time, which hardly depends on numbers.
import { type Inspection, modelInputs, type Tensor } from 'narrowcast';
import type { Tensors } from './protocol.ts';

const arrays = { float32: Float32Array, int32: Int32Array, int64: BigInt64Array, int8: Int8Array, uint8: Uint8Array };

/** One entry of the batch. Undefined where another size is open too, or a type is none of the usual ones. */
export function madeUpInputs(inspection: Inspection): Tensors | undefined {
  const made: Tensors = {};
  for (const { name, dtype, shape } of modelInputs(inspection)) {
    const sizes = shape?.map((size, axis) => (axis === 0 ? (size ?? 1) : size)) ?? [null];
    const array = arrays[dtype as keyof typeof arrays];
    if (array === undefined || sizes.some((size) => size === null)) return undefined;
    const count = sizes.reduce<number>((product, size) => product * (size ?? 1), 1);
    made[name] = { dtype: dtype as Tensor['dtype'], shape: sizes as number[], data: new array(count) };
  }
  return made;
}

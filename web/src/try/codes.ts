// Numbers and codes at the borders of a model that takes or gives integers: code = number / scale + zero point, to the
// nearest and of two equally near to the even one, as QuantizeLinear of ONNX states it.
import type { ActivationReport, Inspection, Report, Tensor } from 'narrowcast';
import type { Tensors } from './protocol.ts';

const arrays = { int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array };
const ends = { int8: [-128, 127], uint8: [0, 255], int16: [-32768, 32767], uint16: [0, 65535] } as const;
type CodeType = keyof typeof arrays;

const isCodeType = (dtype: string): dtype is CodeType => dtype in arrays;

function nearestEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

function encoded({ data, shape }: Tensor, dtype: CodeType, { scale, zero_point: zero }: ActivationReport): Tensor {
  const [least, most] = ends[dtype];
  const codes = new arrays[dtype](data.length);
  for (let i = 0; i < codes.length; i += 1) {
    const code = nearestEven(Math.fround(Number(data[i]) / scale)) + zero;
    codes[i] = Math.min(most, Math.max(least, code));
  }
  return { dtype, shape, data: codes };
}

function decoded({ data, shape }: Tensor, { scale, zero_point: zero }: ActivationReport): Tensor {
  const numbers = Float32Array.from({ length: data.length }, (_, i) => (Number(data[i]) - zero) * scale);
  return { dtype: 'float32', shape, data: numbers };
}

/** By the names that a runtime uses: the activation that a border is. */
export class Borders {
  #found = new Map<string, ActivationReport>();
  #takesCodes: boolean;

  constructor({ mode, activations = [] }: Report, io: unknown, { signatures }: Inspection) {
    this.#takesCodes = mode === 'integer-only' || isCodeType(String(io));
    const byTensor = new Map(activations.map((activation) => [activation.name, activation]));
    for (const [name, activation] of byTensor) this.#found.set(name, activation);
    const [first] = signatures.filter(({ graph }) => graph === 0);
    for (const { name, tensor } of [...(first?.inputs ?? []), ...(first?.outputs ?? [])]) {
      const activation = byTensor.get(tensor);
      if (activation !== undefined) this.#found.set(name, activation);
    }
  }

  /** Float inputs as the narrowed model takes them. */
  encode(inputs: Tensors): Tensors {
    return this.#map(inputs, (tensor, activation) =>
      this.#takesCodes && tensor.dtype === 'float32' && isCodeType(activation.dtype)
        ? encoded(tensor, activation.dtype, activation)
        : tensor,
    );
  }

  /** Outputs of the narrowed model as the float model gives them. */
  decode(outputs: Tensors): Tensors {
    return this.#map(outputs, (tensor, activation) =>
      this.#takesCodes && tensor.dtype === activation.dtype ? decoded(tensor, activation) : tensor,
    );
  }

  #map(tensors: Tensors, change: (tensor: Tensor, activation: ActivationReport) => Tensor): Tensors {
    return Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => {
        const activation = this.#found.get(name);
        return [name, activation === undefined ? tensor : change(tensor, activation)];
      }),
    );
  }
}

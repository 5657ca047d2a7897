// For each op that a runtime may compute in integers a model of that op alone, between two products.
import { input, model, node, numbers, output, tensor } from './onnx-writer.mjs';

const size = 6;
const shape = [1, 4, size, size];
const integers = (name, list) => tensor(name, [list.length], BigInt64Array.from(list, BigInt));
const floats = (name, dims, seed) => {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return tensor(name, dims, numbers(count, seed));
};

// Behind the first operand: `twice`, a second product; `operands`, of which `constants` are some. `wide`: how long the
// last axis is then; `parts`: how many results.
const cases = {
  Add: { twice: true },
  AveragePool: { attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] } },
  Clip: { operands: ['', 'six'], constants: [tensor('six', [], Float32Array.of(6))] },
  Concat: { twice: true, attributes: { axis: 1 } },
  Conv: {
    operands: ['filters', 'bias'],
    constants: [floats('filters', [3, 4, 3, 3], 7), floats('bias', [3], 8)],
    attributes: { pads: [1, 1, 1, 1] },
  },
  DepthToSpace: { attributes: { blocksize: 2 }, wide: 2 * size },
  Expand: { operands: ['sizes'], constants: [integers('sizes', [2, 4, size, size])] },
  Flatten: { attributes: { axis: 3 } },
  Gather: { operands: ['indices'], constants: [integers('indices', [2, 0])], attributes: { axis: 1 } },
  Gemm: {
    matrix: true,
    operands: ['weight', 'bias'],
    constants: [floats('weight', [size, size], 7), floats('bias', [size], 8)],
  },
  GlobalAveragePool: { wide: 1 },
  LeakyRelu: { attributes: { alpha: { float: 0.1 } } },
  MatMul: { operands: ['weight'], constants: [floats('weight', [size, size], 7)] },
  MaxPool: { attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] } },
  Mul: { twice: true },
  ReduceMax: { attributes: { axes: [1] } },
  Relu: {},
  Reshape: { operands: ['sizes'], constants: [integers('sizes', [2, 2, size, size])] },
  Resize: {
    operands: ['', 'scales'],
    constants: [tensor('scales', [4], Float32Array.of(1, 1, 2, 1))],
    attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
  },
  Sigmoid: {},
  Slice: { operands: ['begins', 'ends'], constants: [integers('begins', [0, 1]), integers('ends', [1, 3])] },
  Softmax: { attributes: { axis: 1 } },
  Split: { attributes: { axis: 1 }, operands: ['parts'], constants: [integers('parts', [1, 3])], parts: 2 },
  Squeeze: { operands: ['axes'], constants: [integers('axes', [0])] },
  Tile: { operands: ['repeats'], constants: [integers('repeats', [1, 1, 2, 1])] },
  Transpose: { attributes: { perm: [0, 2, 1, 3] } },
  Unsqueeze: { operands: ['axes'], constants: [integers('axes', [0])] },
  Where: { twice: true, condition: true },
};

function build(type, { twice, matrix, condition, operands = [], attributes, constants = [], wide = size, parts = 1 }) {
  const dims = matrix ? [size, size] : shape;
  const product = (from, weight, to, rows = size) => [
    node('MatMul', [from, weight], [to], `${to}_product`),
    floats(weight, [rows, size], to.length + 20),
  ];
  const read = [...(condition ? ['chosen'] : []), 'a', ...(twice ? ['b'] : []), ...operands];
  const results = Array.from({ length: parts }, (_, i) => `c${i}`);
  return model([
    input('x', dims),
    ...product('x', 'wa', 'a'),
    ...(twice ? product('x', 'wb', 'b') : []),
    ...(condition ? [node('Greater', ['x', 'zero'], ['chosen']), tensor('zero', [], Float32Array.of(0))] : []),
    ...constants,
    node(type, read, results, 'judged', attributes),
    ...results.flatMap((result, i) => product(result, `wy${i}`, `y${i}`, wide)),
    ...results.map((_, i) => output(`y${i}`, [])),
  ]);
}

/** {type: {bytes, calibration}}. */
export function oneOpModels() {
  return Object.fromEntries(
    Object.entries(cases).map(([type, about]) => {
      const dims = about.matrix ? [size, size] : shape;
      const x = {
        data: numbers(
          dims.reduce((a, b) => a * b),
          3,
        ),
        shape: dims,
      };
      return [type, { bytes: build(type, about), calibration: [{ x }] }];
    }),
  );
}

// TopK and Unique where order is delicate: ties, both zeros, infinities, the ends of a type. Against onnxruntime.
import assert from 'node:assert/strict';
import test from 'node:test';
import { run } from '../../dist/index.js';
import { input, model, node, output, tensor } from './lib/onnx-writer.mjs';
import { runModel } from './lib/ort-judge.mjs';

const dims = [3, 6, 2];
const choices = {
  float32: [Float32Array, [0, -0, 1.5, -1.5, 3e38, -3e38, Infinity, -Infinity, 1e-45, -1e-45, 1.5]],
  int32: [Int32Array, [0, 1, -1, 2147483647, -2147483648, 7, 7]],
  int64: [BigInt64Array, [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 5n, 5n]],
};
const elements = dims.reduce((a, b) => a * b, 1);
const dataOf = ([Type, list]) => Type.from({ length: elements }, (_, i) => list[(i * i * 7 + 3 * i) % list.length]);

async function check(bytes, data, dtype) {
  const theirs = await runModel(bytes, { runs: [{ x: { data, dims, type: dtype } }] });
  const { outputs } = await run(bytes, { x: { data, shape: dims } });
  for (const [name, expected] of Object.entries(theirs))
    assert.deepEqual(Array.from(outputs[name].data), expected, name);
}

for (const [dtype, choice] of Object.entries(choices)) {
  const data = dataOf(choice);
  for (const [axis, largest, k] of [0, 1, 2].flatMap((axis) =>
    [0, 1].flatMap((l) => [1, 2].map((k) => [axis, l, k])),
  )) {
    test(`TopK of ${dtype}, axis ${axis}, k ${k}, ${largest ? 'largest' : 'smallest'}`, () => {
      const sizes = dims.with(axis, k);
      const parts = [
        node('TopK', ['x', 'k'], ['values', 'indices'], 'top', { axis, largest }),
        tensor('k', [1], BigInt64Array.of(BigInt(k))),
        input('x', dims, dtype),
        output('values', sizes, dtype),
        output('indices', sizes, 'int64'),
      ];
      return check(model(parts), data, dtype);
    });
  }
}

const uniqueOutputs = ['y', 'first', 'inverse', 'counts'];
for (const dtype of ['float32', 'int64']) {
  const data = dataOf(choices[dtype]);
  for (const attributes of [0, 1].flatMap((sorted) => [{ sorted }, { sorted, axis: 0 }, { sorted, axis: 2 }])) {
    test(`Unique of ${dtype}, ${JSON.stringify(attributes)}`, () => {
      const sizes = 'axis' in attributes ? dims.with(attributes.axis, 'n') : ['n'];
      const parts = [
        node('Unique', ['x'], uniqueOutputs, 'unique', attributes),
        input('x', dims, dtype),
        output('y', sizes, dtype),
        ...uniqueOutputs.slice(1).map((name) => output(name, ['n'], 'int64')),
      ];
      return check(model(parts), data, dtype);
    });
  }
}

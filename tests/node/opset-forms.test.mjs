// One network at several opsets: each has another way of saying the same narrowed weights, and onnxruntime must read
// the same numbers from all of them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { quantize } from '../../dist/index.js';
import { sqnr } from './lib/figures.mjs';
import { input, model, node, numbers, output, tensor } from './lib/onnx-writer.mjs';
import { runModel } from './lib/ort-judge.mjs';

const OPSETS = [9, 12, 13, 17, 21];
const LAST_LAYER = 24;

// A convolution of `channels` x 3 x 3 products, then a matrix of `length` sums: blocks along flattened and outer axes.
function network(opset, channels, length) {
  return model(
    [
      input('x', [1, channels, 6, 6]),
      input('v', [4, length]),
      tensor('conv.weight', [16, channels, 3, 3], numbers(16 * channels * 9, 3)),
      tensor('dense.weight', [length, LAST_LAYER], numbers(length * LAST_LAYER, 5)),
      node('Conv', ['x', 'conv.weight'], ['c'], 'conv'),
      node('MatMul', ['v', 'dense.weight'], ['m'], 'dense'),
      output('c', [1, 16, 4, 4]),
      output('m', [4, LAST_LAYER]),
    ],
    opset,
  );
}

const feeds = (channels, length) => ({
  runs: [
    {
      x: { data: numbers(channels * 36, 7), dims: [1, channels, 6, 6] },
      v: { data: numbers(4 * length, 9), dims: [4, length] },
    },
  ],
});

// Floors for white noise, the hardest weights there are: 6 dB a bit, less what the form of the range costs.
const modes = {
  int8: [{ mode: 'weight-only', weights: 'int8' }, 40],
  uint8: [{ mode: 'weight-only', weights: 'uint8' }, 40],
  'int8 per tensor': [{ mode: 'weight-only', weights: 'int8', perChannel: false }, 38],
  int4: [{ mode: 'weight-only', weights: 'int4' }, 17],
  uint4: [{ mode: 'weight-only', weights: 'uint4' }, 17],
  'int4 in 64': [{ mode: 'weight-only', weights: 'int4', blockSize: 64 }, 16],
  float16: [{ mode: 'float16' }, 60],
  'float16, stored so': [{ mode: 'float16', storage: true }, 65],
};

for (const [mode, [options, floor]] of Object.entries(modes)) {
  test(`${mode}: every opset says the same weights`, async (t) => {
    // Sums of 576 and 128, which 32 and 64 divide: the forms then differ in nothing but their words.
    const [channels, length] = [64, 128];
    const inputs = feeds(channels, length);
    const results = [];
    for (const opset of OPSETS) {
      const float = network(opset, channels, length);
      const reference = await runModel(float, inputs, 'disabled');
      const narrowed = await quantize(float, options);
      assert.ok(narrowed.report.nodes.every((n) => n.verdict === 'quantized'));
      const outputs = await runModel(narrowed.model, inputs, 'disabled');
      for (const name of ['c', 'm']) assert.ok(sqnr(reference[name], outputs[name]) >= floor, `${opset} ${name}`);
      results.push(outputs);
      t.diagnostic(
        `opset ${opset}: ${narrowed.model.length} of ${float.length} bytes, ${sqnr(reference.m, outputs.m).toFixed(1)} dB`,
      );
    }
    for (const outputs of results) assert.deepEqual(outputs, results[0]);
  });
}

test('sums that the block size does not divide', async () => {
  const [channels, length] = [5, 100];
  const inputs = feeds(channels, length);
  for (const opset of OPSETS) {
    for (const weights of ['int4', 'uint4']) {
      const float = network(opset, channels, length);
      const reference = await runModel(float, inputs, 'disabled');
      const { model: bytes, report } = await quantize(float, { mode: 'weight-only', weights });
      const dense = report.values.find((v) => v.name === 'dense.weight');
      assert.equal(dense.block_size, opset < 21 ? 25 : 32);
      for (const runtime of ['disabled', 'all']) {
        const outputs = await runModel(bytes, inputs, runtime);
        for (const name of ['c', 'm']) assert.ok(sqnr(reference[name], outputs[name]) >= 17, `${opset} ${name}`);
      }
    }
  }
});

test('MatMulNBits reads the same codes, also where the last block is short', async () => {
  for (const length of [128, 100]) {
    const inputs = feeds(8, length);
    for (const weights of ['int4', 'uint4']) {
      const float = network(21, 8, length);
      const plain = await quantize(float, { mode: 'weight-only', weights });
      const inside = await quantize(float, { mode: 'weight-only', weights, style: 'qoperator' });
      const [expected, outputs] = [
        await runModel(plain.model, inputs, 'disabled'),
        await runModel(inside.model, inputs, 'disabled'),
      ];
      // The same numbers, summed in another order.
      assert.ok(sqnr(expected.m, outputs.m) > 110, `${weights} ${length}: ${sqnr(expected.m, outputs.m)}`);
    }
  }
});

// Ops as opsets before 13 spell them, in models that full-integer raises to 13: onnxruntime must load the result and
// compute what it computes of the model as it was.
import assert from 'node:assert/strict';
import test from 'node:test';
import { quantize } from '../../dist/index.js';
import { sqnr } from './lib/figures.mjs';
import { input, model, node, numbers, output, tensor } from './lib/onnx-writer.mjs';
import { runModel } from './lib/ort-judge.mjs';

const CHANNELS = 8;
const SIZE = 6;
const floor = 30;

// What stands between convolution and result, and since which opset it is spelt otherwise. Each takes `a`
// [1, CHANNELS, SIZE, SIZE] and makes `y`.
const spellings = {
  Clip: { until: 11, nodes: [node('Clip', ['a'], ['y'], 'n', { min: { float: -0.25 }, max: { float: 0.5 } })] },
  Pad: {
    until: 11,
    nodes: [node('Pad', ['a'], ['y'], 'n', { pads: [0, 0, 1, 2, 0, 0, 2, 1], value: { float: 0.25 } })],
  },
  'Pad by reflection': {
    until: 11,
    nodes: [node('Pad', ['a'], ['y'], 'n', { mode: 'reflect', pads: [0, 0, 1, 2, 0, 0, 2, 1] })],
  },
  Slice: { until: 10, nodes: [node('Slice', ['a'], ['y'], 'n', { axes: [2, 1], starts: [1, -5], ends: [-1, 9999] })] },
  'Slice of the first axes': { until: 10, nodes: [node('Slice', ['a'], ['y'], 'n', { starts: [0, 2], ends: [1, 7] })] },
  TopK: { until: 10, nodes: [node('TopK', ['a'], ['y', 'places'], 'n', { axis: 2, k: 3 })] },
  'Squeeze and Unsqueeze': {
    until: 13,
    nodes: [node('Squeeze', ['a'], ['s'], 'n', { axes: [0] }), node('Unsqueeze', ['s'], ['y'], 'm', { axes: [0, 4] })],
  },
  ReduceSum: { until: 13, nodes: [node('ReduceSum', ['a'], ['y'], 'n', { axes: [2, 3], keepdims: 0 })] },
  'ReduceSum of all': { until: 13, nodes: [node('ReduceSum', ['a'], ['y'], 'n', { keepdims: 1 })] },
  Split: { until: 13, nodes: [node('Split', ['a'], ['y', 'rest'], 'n', { axis: 1, split: [3, 5] })] },
  Upsample: {
    until: 9,
    nodes: [node('Upsample', ['a'], ['y'], 'n', { mode: 'linear', scales: Float32Array.of(1, 1, 2, 3) })],
  },
  'Upsample by an operand': {
    from: 9,
    until: 10,
    nodes: [
      tensor('scales', [4], Float32Array.of(1, 1, 2, 3)),
      node('Upsample', ['a', 'scales'], ['y'], 'n', { mode: 'nearest' }),
    ],
  },
  'Resize up and down': {
    from: 10,
    until: 11,
    nodes: [
      tensor('scales', [4], Float32Array.of(1, 1, 0.7, 1.6)),
      node('Resize', ['a', 'scales'], ['y'], 'n', { mode: 'nearest' }),
    ],
  },
  Dropout: { until: 12, nodes: [node('Dropout', ['a'], ['y'], 'n', { ratio: { float: 0.3 } })] },
  BatchNormalization: {
    until: 9,
    nodes: [
      ...['scale', 'shift', 'mean'].map((name, i) => tensor(name, [CHANNELS], numbers(CHANNELS, 21 + i))),
      tensor(
        'variance',
        [CHANNELS],
        numbers(CHANNELS, 31).map((v) => v * v + 0.5),
      ),
      node('Relu', ['a'], ['r'], 'r'),
      node('BatchNormalization', ['r', 'scale', 'shift', 'mean', 'variance'], ['y'], 'n', { spatial: 1 }),
    ],
  },
  ...Object.fromEntries(
    ['Softmax', 'LogSoftmax', 'Hardmax'].flatMap((type) => [
      [`${type} of all behind an axis`, { until: 13, nodes: [node(type, ['a'], ['y'], 'n', { axis: 2 })] }],
      [`${type} of the default axes`, { until: 13, nodes: [node(type, ['a'], ['y'], 'n')] }],
      [`${type} of the last axis`, { until: 13, nodes: [node(type, ['a'], ['y'], 'n', { axis: -1 })] }],
    ]),
  ),
};

const network = (opset, nodes, height = SIZE) =>
  model(
    [
      input('x', [1, 4, height, SIZE]),
      tensor('w', [CHANNELS, 4, 3, 3], numbers(CHANNELS * 36, 3)),
      node('Conv', ['x', 'w'], ['a'], 'conv', { pads: [1, 1, 1, 1] }),
      ...nodes,
      output('y'),
    ],
    opset,
  );

const sum = (values) => values.reduce((total, v) => total + v, 0);
const x = numbers(4 * SIZE * SIZE, 7);
const run = (bytes, runtime) => runModel(bytes, { runs: [{ x: { data: x, dims: [1, 4, SIZE, SIZE] } }] }, runtime);

for (const [title, { from = 7, until, nodes }] of Object.entries(spellings)) {
  test(`${title}, as before opset ${until}`, async (t) => {
    for (let opset = from; opset < until; opset += 1) {
      for (const height of [SIZE, 'height']) {
        const float = network(opset, nodes, height);
        const samples = [{ x: { data: x, shape: [1, 4, SIZE, SIZE] } }];
        const narrowed = await quantize(float, { calibration: samples, workers: 1, keepGoing: true, judge: false });
        assert.deepEqual(narrowed.report.opset, { from: opset, to: 13 });
        const conv = narrowed.report.nodes.find((entry) => entry.name === 'conv');
        assert.equal(conv.verdict, 'quantized');
        const reference = await run(float, 'disabled');
        for (const runtime of ['disabled', 'all', 'web']) {
          const { y } = await run(narrowed.model, runtime);
          const figure = sqnr(reference.y, y);
          // Which place is the largest flips where two are close; how many there are does not.
          if (title.startsWith('Hardmax')) assert.equal(sum(y), sum(reference.y));
          else assert.ok(figure >= floor, `opset ${opset} ${runtime}: ${figure} dB`);
          if (runtime === 'all' && height === SIZE) t.diagnostic(`opset ${opset}: ${figure.toFixed(1)} dB`);
        }
      }
    }
  });
}

test('a model with an op that is not known keeps its opset, and the report says so', async () => {
  const parts = [
    input('x', [4, 32]),
    tensor('w', [32, 64], numbers(2048, 3)),
    node('MatMul', ['x', 'w'], ['m'], 'dense'),
    node('Unheard', ['m'], ['y'], 'odd'),
    output('y', [4, 64]),
  ];
  const { report } = await quantize(model(parts, 9), { mode: 'dynamic-range', keepGoing: true });
  assert.deepEqual(report.opset, { from: 9, to: 9, why_not: 'op Unheard is not known' });
  const newer = await quantize(model(parts, 13), { mode: 'dynamic-range', keepGoing: true });
  assert.deepEqual(newer.report.opset, { from: 13, to: 13 });
});

test('dynamic-range raises what lacks its ops, and leaves the rest', async () => {
  const dense = [
    input('x', [4, 64]),
    tensor('w', [64, 64], numbers(4096, 3)),
    node('MatMul', ['x', 'w'], ['y'], 'dense'),
    output('y', [4, 64]),
  ];
  const feeds = { runs: [{ x: { data: numbers(256, 5), dims: [4, 64] } }] };
  for (const [opset, to] of [
    [8, 13],
    [11, 11],
  ]) {
    const float = model(dense, opset);
    const { model: bytes, report } = await quantize(float, { mode: 'dynamic-range' });
    assert.deepEqual(report.opset, { from: opset, to });
    assert.match(report.nodes[0].reason, /MatMulInteger|integer/i);
    const [reference, outputs] = [await runModel(float, feeds, 'all'), await runModel(bytes, feeds, 'all')];
    assert.ok(sqnr(reference.y, outputs.y) >= 30);
  }
});

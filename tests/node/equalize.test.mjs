// Scales by channel where codes meet floats: what onnxruntime computes of such files is nearer to float.
import assert from 'node:assert/strict';
import test from 'node:test';
import { calibrate, quantize } from '../../dist/index.js';
import { worstSqnr } from './lib/figures.mjs';
import { input, model, node, output, tensor } from './lib/onnx-writer.mjs';
import { runModel } from './lib/ort-judge.mjs';

let state = 7;
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
}
const randoms = (count) => Float32Array.from({ length: count }, random);

const channels = 8;
const side = 24;
const dims = [1, channels, side, side];
// Channels that reach 1, 1/2, 1/4 ... and weights that make all of them count the same; the same for the results, which
// InstanceNormalization brings to one size.
const reach = Float32Array.from({ length: channels }, (_, c) => 2 ** -c);
const weights = randoms(channels * channels * 9).map(
  (w, i) => (w * reach[Math.floor(i / (9 * channels))]) / reach[Math.floor(i / 9) % channels],
);
const image = model([
  node('InstanceNormalization', ['x', 'reach', 'zeros'], ['uneven']),
  node('Conv', ['uneven', 'w', 'b'], ['sum'], 'conv', { pads: [1, 1, 1, 1] }),
  node('InstanceNormalization', ['sum', 'ones', 'zeros'], ['y']),
  tensor('reach', [channels], reach),
  tensor('w', [channels, channels, 3, 3], weights),
  tensor(
    'b',
    [channels],
    randoms(channels).map((b, c) => b * reach[c]),
  ),
  tensor('ones', [channels], new Float32Array(channels).fill(1)),
  tensor('zeros', [channels], new Float32Array(channels)),
  input('x', dims),
  output('y', dims),
]);

// Rows of 64 numbers, as between the layers of a transformer: a few columns reach far beyond the others.
const width = 64;
const columns = Float32Array.from({ length: width }, (_, c) => (c % 16 === 0 ? 30 : 1));
const sequence = model([
  node('LayerNormalization', ['x', 'columns'], ['uneven']),
  node('MatMul', ['uneven', 'w'], ['y']),
  tensor('columns', [width], columns),
  tensor(
    'w',
    [width, width],
    randoms(width * width).map((w, i) => w / columns[Math.floor(i / width)]),
  ),
  input('x', [1, 128, width]),
  output('y', [1, 128, width]),
]);

const samplesFor = (shape, count) =>
  Array.from({ length: count }, () => ({
    x: { shape, data: randoms(shape.reduce((a, b) => a * b)).map((v) => 2 * v) },
  }));
const runsOf = (samples) => ({ runs: samples.map(({ x }) => ({ x: { data: x.data, dims: x.shape } })) });

for (const [name, bytes, shape] of [
  ['a convolution', image, dims],
  ['a product', sequence, [1, 128, width]],
]) {
  test(`${name} of uneven channels loses less`, async (t) => {
    const calibration = samplesFor(shape, 120);
    const inputs = runsOf(samplesFor(shape, 4));
    const reference = await runModel(bytes, inputs, 'disabled');
    const options = { calibration, workers: 1, placement: 'widest', keepGoing: true, judge: false };
    const made = {
      even: await quantize(bytes, options),
      operators: await quantize(bytes, { ...options, style: 'qoperator' }),
      whole: await quantize(bytes, { ...options, equalize: false }),
    };
    const found = made.even.report.activations.filter((entry) => entry.channel_scales !== undefined);
    assert.ok(found.length > 0);
    for (const { scale, channel_scales: by } of found) assert.ok(by.smallest < by.largest && by.largest <= scale, name);
    assert.ok(made.whole.report.activations.every((entry) => entry.channel_scales === undefined));
    for (const runtime of ['disabled', 'all', 'web']) {
      const figure = {};
      for (const [key, { model: narrowed }] of Object.entries(made)) {
        figure[key] = worstSqnr(reference, await runModel(narrowed, inputs, runtime));
      }
      t.diagnostic(`${runtime}: ${JSON.stringify(figure)}`);
      assert.ok(figure.even > figure.whole + 6, runtime);
      assert.ok(Math.abs(figure.operators - figure.even) < 1, runtime);
    }
  });
}

test('few samples tell too little of a channel', async () => {
  const { report } = await quantize(image, { calibration: samplesFor(dims, 2), workers: 1, keepGoing: true });
  assert.ok(report.activations.every((entry) => entry.channel_scales === undefined));
});

test('another tool is asked for by its formula, and its scales are one for all', async () => {
  const { ranges } = await calibrate(image, samplesFor(dims, 120), { workers: 1 });
  const { report } = await quantize(image, { ranges, formula: 'ort', keepGoing: true });
  assert.ok(report.activations.every((entry) => entry.channel_scales === undefined));
});

// Edits before planning: what they make way for computes in integers in onnxruntime, and gives the same numbers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantize } from 'narrowcast';
import { sqnr } from './lib/figures.mjs';
import { input, model, node, numbers, output, tensor } from './lib/onnx-writer.mjs';
import { integerKernels, optimizedNodes } from './lib/ort-dump.mjs';
import { runModel } from './lib/ort-judge.mjs';

const shapes = { x: [4, 16] };
const feeds = { runs: [1, 2, 3].map((seed) => ({ x: { data: numbers(64, seed), dims: [4, 16] } })) };
const samples = feeds.runs.map(({ x }) => ({ x: { data: x.data, shape: x.dims } }));

const bytes = model([
  input('x', shapes.x),
  tensor('w1', [16, 16], numbers(256, 3)),
  tensor('b1', [16], numbers(16, 4)),
  tensor('w2', [16, 16], numbers(256, 5)),
  tensor('b2', [16], numbers(16, 6)),
  node('Gemm', ['x', 'w1', 'b1'], ['first'], 'first', { alpha: { float: 0.5 }, beta: { float: 2 } }),
  node('Identity', ['first'], ['same'], 'same'),
  node('Dropout', ['same'], ['kept', ''], 'kept'),
  // The same constants with other factors: they cannot be changed where they stand.
  node('Gemm', ['kept', 'w2', 'b2'], ['second'], 'second', { alpha: { float: 0.25 } }),
  node('Gemm', ['second', 'w2', 'b2'], ['third'], 'third', { alpha: { float: 2 }, beta: { float: 3 } }),
  node('Identity', ['third'], ['y'], 'last'),
  output('y', [4, 16]),
]);

test('factors of Gemm and ops that pass on are no obstacle', async (t) => {
  const options = {
    target: 'ort-cpu-x86-vnni',
    placement: 'widest',
    calibration: samples,
    judge: false,
    keepGoing: true,
  };
  const { model: made, report } = await quantize(bytes, options);
  const integer = report.nodes.filter(({ verdict }) => verdict === 'quantized').map(({ name }) => name);
  assert.deepEqual(integer, ['first', 'second', 'third']);
  assert.ok(!report.nodes.some(({ name }) => name === 'same' || name === 'kept'));
  const there = integerKernels(await optimizedNodes(made));
  for (const name of integer) assert.equal(there.get(name), true, name);
  const float = await runModel(bytes, feeds, 'disabled');
  for (const runtime of ['disabled', 'all', 'web']) {
    const decibels = sqnr(float.y, (await runModel(made, feeds, runtime)).y);
    t.diagnostic(`${runtime}: ${decibels.toFixed(1)} dB`);
    assert.ok(decibels >= 30, `${decibels}`);
  }
});

test('float16 keeps the numbers of factors that were folded', async () => {
  const { model: made } = await quantize(bytes, { mode: 'float16', keepGoing: true });
  const float = await runModel(bytes, feeds, 'disabled');
  assert.ok(sqnr(float.y, (await runModel(made, feeds, 'all')).y) >= 55);
});

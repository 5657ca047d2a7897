// --formula torch against PyTorch's own quantize_dynamic: tests/data/make_torch_dynamic.py says how the expectations
// were made.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { quantize } from 'narrowcast';
import * as ort from 'onnxruntime-node';
import { sqnr } from './lib/figures.mjs';
import { initializersOf } from './lib/onnx-pairs.mjs';
import { nodesOf } from './lib/onnx-records.mjs';

const folder = new URL('../data/torch-dynamic/', import.meta.url);
const bytes = await readFile(new URL('layers.onnx', folder));
const expected = JSON.parse(await readFile(new URL('expected.json', folder), 'utf8'));

/** By weight: scale, zero point and codes of what MatMulInteger multiplies. */
function products(model) {
  const constants = initializersOf(model);
  const found = {};
  for (const { op, inputs } of nodesOf(model)) {
    if (op !== 'MatMulInteger') continue;
    const weight = constants.get(inputs[1]);
    found[weight.name] = {
      scale: constants.get(`${weight.name}_scale`).numbers[0],
      zero_point: 0,
      codes: createHash('sha256').update(weight.bytes).digest('hex'),
    };
  }
  return found;
}

async function run(model) {
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 4 });
  const data = Float32Array.from({ length: 480 }, (_, i) => Math.sin(i * 1.7) + 0.3);
  const { y } = await session.run({ x: new ort.Tensor('float32', data, [10, 48]) });
  await session.release();
  return y.data;
}

test('quantize_dynamic(model, {Linear})', async (t) => {
  const { model, report } = await quantize(bytes, { recipe: 'torch-dynamic' });
  assert.deepEqual(products(model), expected.Linear);
  assert.deepEqual(report.warnings, []);
  const decibels = sqnr(await run(bytes), await run(model));
  t.diagnostic(`onnxruntime: ${decibels.toFixed(1)} dB against float`);
  assert.ok(decibels > 30);
});

test('quantize_dynamic(model, {"encoder.0"}): a name stands for all inside it', async () => {
  const { model } = await quantize(bytes, { formula: 'torch', only: ['encoder.0'] });
  assert.deepEqual(products(model), expected['encoder.0']);
});

test('the layer type by hand gives what the recipe gives', async () => {
  const [one, other] = await Promise.all(
    [{ recipe: 'torch-dynamic' }, { mode: 'dynamic-range', formula: 'torch', opTypes: ['Linear', 'LSTM', 'GRU'] }].map(
      (options) => quantize(bytes, options),
    ),
  );
  assert.deepEqual(one.model, other.model);
});

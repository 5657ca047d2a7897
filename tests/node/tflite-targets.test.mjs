// What targets of TFLite models take and what they refuse.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { describe, inspect, quantize } from '../../dist/index.js';
import { tfliteModels } from './lib/litert-models.mjs';
import { shared } from './lib/model-places.mjs';
import { samplesOfFeeds } from './lib/our-runs.mjs';
import { operatorsOf, quantOf, readTflite } from './lib/tflite-reader.mjs';

const at = (name) => shared(`tflite/${name}_float.tflite`);
const skip = (name) => (existsSync(at(name)) ? false : 'not here');
const calibrated = async (name, options) => {
  const bytes = await readFile(at(name));
  const calibration = await samplesOfFeeds(bytes, await tfliteModels.find((model) => model.name === name).feeds());
  return quantize(bytes, { calibration, workers: 1, judge: false, ...options });
};
const denseScales = (model) =>
  operatorsOf(model)
    .filter(({ code }) => code === 9)
    .map(({ inputs }) => quantOf(model.subgraphs[0].tensors[inputs[1]]).scales.length);

test('targets that were not compared with their runtime say so', async () => {
  const { targets } = await describe();
  for (const name of ['tflm', 'edgetpu']) assert.equal(targets.find((target) => target.name === name).verified, false);
});

test('dense layers have one scale where the target asks for it', { skip: skip('toycar') }, async () => {
  for (const [target, count] of [
    ['portable', 10],
    ['tflite', 10],
    ['tflite-2.13', 0],
    ['tflm', 0],
  ]) {
    const { model } = await calibrated('toycar', { target });
    const scales = denseScales(await readTflite(model));
    assert.equal(scales.filter((number) => number > 1).length, count, target);
  }
  const { model } = await quantize(await readFile(at('toycar')), { mode: 'dynamic-range', target: 'tflite-2.13' });
  const read = await readTflite(model);
  assert.deepEqual(new Set(denseScales(read)), new Set([1]));
  assert.deepEqual(new Set(operatorsOf(read).map(({ version }) => version)), new Set([9]));
});

test('targets without hybrid kernels refuse dynamic-range', { skip: skip('toycar') }, async () => {
  const bytes = await readFile(at('toycar'));
  for (const target of ['tflm', 'edgetpu']) {
    await assert.rejects(quantize(bytes, { mode: 'dynamic-range', target }), {
      code: 'unsupported',
      message: /no kernels for int8 weights beside floats/,
    });
  }
});

test('the Edge TPU is told every op that it cannot run', { skip: skip('toycar') }, async () => {
  await assert.rejects(calibrated('toycar', { mode: 'integer-only', target: 'edgetpu' }), (error) => {
    assert.match(error.message, /10 ops compute in float/);
    assert.equal(error.message.match(/shapes are not known before the model runs/g).length, 10);
    return true;
  });
  const { targets } = await inspect(await readFile(at('toycar')));
  const counts = targets.map((entry) => [entry.target, entry.integer_kernels, entry.nodes]);
  assert.deepEqual(counts, [
    ['edgetpu', 0, 10],
    ['tflite', 10, 10],
    ['tflite-2.13', 10, 10],
    ['tflm', 10, 10],
  ]);
});

test('the Edge TPU takes a model of known shapes', { skip: skip('mnist_lstm') }, async () => {
  const { report } = await calibrated('mnist_lstm', { target: 'edgetpu' });
  const verdicts = report.nodes.map(({ op, verdict }) => [op, verdict]);
  assert.deepEqual(verdicts, [
    ['UNIDIRECTIONAL_SEQUENCE_LSTM', 'float'],
    ['RESHAPE', 'quantized'],
    ['FULLY_CONNECTED', 'quantized'],
    ['SOFTMAX', 'quantized'],
  ]);
});

test('a target of the other format is refused', { skip: skip('toycar') }, async () => {
  await assert.rejects(calibrated('toycar', { target: 'ort-cpu-x86' }), { code: 'usage', message: /no TFLite models/ });
  const digits = await readFile(new URL('../../models/digits.onnx', import.meta.url));
  await assert.rejects(quantize(digits, { mode: 'full-integer', target: 'tflite' }), { message: /no ONNX models/ });
});

// TFLite models whose activations are int16 beside int8 weights: every real one judged by LiteRT and by the interpreter
// of 2023.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { quantize, run } from '../../dist/index.js';
import { agreement, sqnr, worstSqnr } from './lib/figures.mjs';
import { makeLiteRtJudge } from './lib/litert-judge.mjs';
import { tfliteModels } from './lib/litert-models.mjs';
import { shared } from './lib/model-places.mjs';
import { makeOldTfliteJudge, oldJudgeIsHere } from './lib/old-tflite-judge.mjs';
import { samplesOfFeeds } from './lib/our-runs.mjs';
import { operatorsOf, quantOf, readTflite } from './lib/tflite-reader.mjs';

const floor = 40;
// Where int8 weights alone cost more than the floor allows, activations may take this much on top.
const more = 5;
const types = { float32: 0, int32: 2, int64: 4, int16: 7, int8: 9 };

// The older one first: it takes what the other pretends for a browser's worker.
const old = oldJudgeIsHere ? await makeOldTfliteJudge() : undefined;
const lite = await makeLiteRtJudge();
const wide = { mode: 'full-integer', activations: 'int16', workers: 1, keepGoing: true, judge: false };

for (const { name, path, feeds, answer, unjudged, skip } of tfliteModels) {
  test(`${name} with activations of int16`, { skip }, async (t) => {
    const bytes = await readFile(path);
    const given = await feeds();
    const options = { ...wide, calibration: await samplesOfFeeds(bytes, given) };
    const { model, report } = await quantize(bytes, options);
    const integer = report.nodes.filter(({ verdict }) => verdict === 'quantized').length;
    const of = `${integer} of ${report.nodes.length} ops, size ${(model.length / bytes.length).toFixed(3)}`;
    assert.ok(integer > 0);
    if (unjudged === undefined) {
      const reference = await lite.run(bytes, given.runs, given.make);
      const outputs = await lite.run(model, given.runs, given.make);
      const weights = await quantize(bytes, { mode: 'weight-only', keepGoing: true });
      const least = Math.min(floor, worstSqnr(reference, await lite.run(weights.model, given.runs, given.make)) - more);
      const figure = worstSqnr(reference, outputs);
      const agrees = answer === undefined ? 1 : agreement(answer, reference, outputs);
      t.diagnostic(`${name}: ${of}; ${figure.toFixed(1)} dB ${(100 * agrees).toFixed(1)} %, ${least.toFixed(1)} asked`);
      assert.ok(figure >= least, `${figure.toFixed(1)} dB`);
      assert.ok(agrees >= 0.96);
    } else {
      t.diagnostic(`${name}: ${of}; LiteRT.js does not run the float model`);
    }
    // Its ops of MediaPipe's own are not there.
    if (old === undefined || name.startsWith('selfie')) return;
    const before = old.run(bytes, given.runs, given.make);
    const { model: older } = await quantize(bytes, { ...options, target: 'tflite-2.13' });
    const after = old.run(older, given.runs, given.make);
    const perTensor = { rules: [{ op_types: ['FULLY_CONNECTED'], per_channel: false }] };
    const { model: stored } = await quantize(bytes, { mode: 'weight-only', keepGoing: true, recipe: perTensor });
    const worst = (said) => Math.min(...before.map((values, i) => sqnr(values, said[i])));
    const least = Math.min(floor, worst(old.run(stored, given.runs, given.make)) - more);
    t.diagnostic(`${name}: ${worst(after).toFixed(1)} dB in the old runtime, ${least.toFixed(1)} asked`);
    assert.ok(worst(after) >= least);
  });
}

const at = (name) => shared(`tflite/${name}_float.tflite`);
const missing = (name) => (existsSync(at(name)) ? false : 'not here');
const narrow = async (name, options) => {
  const bytes = await readFile(at(name));
  const given = await tfliteModels.find((model) => model.name === name).feeds();
  const calibration = await samplesOfFeeds(bytes, given);
  return { bytes, given, ...(await quantize(bytes, { ...wide, calibration, ...options })) };
};
const runtimeOf = ({ metadata, buffers }) => {
  const entry = metadata.find(({ name }) => name === 'min_runtime_version');
  return Buffer.from(buffers[entry.buffer].data).toString('latin1').replace(/\0+$/, '');
};
const [ADD, CONV_2D, DEQUANTIZE, FULLY_CONNECTED, QUANTIZE, SOFTMAX] = [0, 3, 6, 9, 114, 25];

test('types, versions and options are those of the converter', { skip: missing('resnet8_cifar10') }, async () => {
  const { model } = await narrow('resnet8_cifar10');
  const read = await readTflite(model);
  const [{ tensors }] = read.subgraphs;
  const versions = { [ADD]: 3, [CONV_2D]: 8, [DEQUANTIZE]: 3, [FULLY_CONNECTED]: 11, [QUANTIZE]: 2, [SOFTMAX]: 3 };
  const seen = new Set();
  for (const { code, version, inputs, outputs, options } of operatorsOf(read)) {
    if (code in versions) assert.equal(version, versions[code], `operator ${code}`);
    seen.add(code);
    if (code !== DEQUANTIZE) {
      assert.equal(tensors[outputs[0]].type, types.int16);
      assert.deepEqual(quantOf(tensors[outputs[0]]).zeroPoints, [0]);
    }
    if (code === ADD) assert.equal(options.potScaleInt16, false);
    if (code === SOFTMAX) assert.deepEqual(quantOf(tensors[outputs[0]]).scales, [1 / 32768]);
    if (code !== CONV_2D && code !== FULLY_CONNECTED) continue;
    assert.deepEqual(
      inputs.map((index) => tensors[index].type),
      [types.int16, types.int8, types.int64],
    );
    assert.equal(options.quantizedBiasType, types.int64);
    const [data, weight, bias] = inputs.map((index) => quantOf(tensors[index]));
    for (const [c, scale] of bias.scales.entries()) {
      const product = data.scales[0] * weight.scales[c];
      assert.ok(Math.abs(scale - product) <= 2 ** -22 * product);
    }
  }
  for (const code of Object.keys(versions)) assert.ok(seen.has(Number(code)), `operator ${code}`);
  if (read.metadata.some(({ name }) => name === 'min_runtime_version')) assert.equal(runtimeOf(read), '2.15.0');
});

test('the older runtime is not told what a bias is', { skip: missing('toycar') }, async () => {
  const read = await readTflite((await narrow('toycar', { target: 'tflite-2.13' })).model);
  const dense = operatorsOf(read).filter(({ code }) => code === FULLY_CONNECTED);
  assert.ok(dense.length > 0);
  for (const { version, inputs, options } of dense) {
    assert.deepEqual([version, options.quantizedBiasType], [1, 0]);
    assert.equal(read.subgraphs[0].tensors[inputs[2]].type, types.int64);
  }
});

test('scales are the largest magnitude by 32767', { skip: missing('toycar') }, async () => {
  const { report } = await narrow('toycar');
  for (const { scale, zero_point: zero, range } of report.activations) {
    const largest = Math.max(...range.map(Math.abs));
    assert.ok(Math.abs(scale - largest / 32767) <= 2 ** -23 * scale);
    assert.equal(zero, 0);
  }
});

test('int16 in and out', { skip: missing('toycar') }, async (t) => {
  const { bytes, given, model } = await narrow('toycar', {
    mode: 'integer-only',
    io: 'int16',
    judge: true,
  });
  const [{ inputs, outputs, tensors }] = (await readTflite(model)).subgraphs;
  assert.deepEqual([tensors[inputs[0]].type, tensors[outputs[0]].type], [types.int16, types.int16]);
  const [into, from] = [quantOf(tensors[inputs[0]]), quantOf(tensors[outputs[0]])];
  const make = (input, index) =>
    Int16Array.from(given.make(input, index), (x) => Math.min(32767, Math.max(-32768, Math.round(x / into.scales[0]))));
  const [reference] = Object.values(await lite.run(bytes, given.runs, given.make));
  const [codes] = Object.values(await lite.run(model, given.runs, make));
  const figure = sqnr(
    reference,
    codes.map((code) => from.scales[0] * code),
  );
  t.diagnostic(`${figure.toFixed(1)} dB`);
  assert.ok(figure >= floor - more);
});

test('our executor runs them as LiteRT does', { skip: missing('mnist_resnet') }, async (t) => {
  const { model, given } = await narrow('mnist_resnet');
  const [theirs] = Object.values(await lite.run(model, given.runs, given.make));
  const ours = [];
  for (let i = 0; i < given.runs; i += 1) {
    const [sample] = await samplesOfFeeds(model, { runs: 1, make: (input) => given.make(input, i) });
    const { outputs } = await run(model, sample);
    ours.push(...Object.values(outputs)[0].data);
  }
  const figure = sqnr(theirs, ours);
  t.diagnostic(`${figure.toFixed(1)} dB`);
  assert.ok(figure >= 60);
});

test('what has no such kernel says so', { skip: missing('mnist_lstm') }, async () => {
  const { report } = await narrow('mnist_lstm');
  const [recurrent] = report.nodes.filter(({ verdict }) => verdict === 'float');
  assert.match(recurrent.reason, /it has no int16 kernel for UNIDIRECTIONAL_SEQUENCE_LSTM/);
});

test('what does not fit is refused', { skip: missing('toycar') }, async () => {
  for (const target of ['tflm', 'edgetpu']) {
    await assert.rejects(narrow('toycar', { target }), {
      code: 'unsupported',
      message: /not known to run activations/,
    });
  }
  await assert.rejects(narrow('toycar', { io: 'int8' }), { code: 'usage', message: /cannot be int8/ });
  await assert.rejects(narrow('toycar', { activations: 'uint16' }), { code: 'usage', message: /int8 or int16/ });
  await assert.rejects(narrow('toycar', { method: 'entropy' }), { message: /too coarse for int16/ });
});

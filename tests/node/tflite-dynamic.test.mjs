// Dynamic-range TFLite files beside those that the reference converter made of the same models: codes, scales, operator
// versions and structure, seen by npm's flatbuffers.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { quantize } from '../../dist/index.js';
import { shared } from './lib/model-places.mjs';
import { int8Of, operatorsOf, quantOf, readTflite } from './lib/tflite-reader.mjs';

const at = (name) => shared(`tflite/${name}.tflite`);
const skip = (...names) => (names.every((name) => existsSync(at(name))) ? false : 'not here');
const read = async (name) => readTflite(await readFile(at(name)));
const narrowed = async (name, options) => {
  const { model, report } = await quantize(await readFile(at(name)), { mode: 'dynamic-range', ...options });
  return { model: await readTflite(model), report };
};

const FULLY_CONNECTED = 9;
const UNIDIRECTIONAL_SEQUENCE_LSTM = 44;
const int8 = 9;

// How many codes differ, and by how much at most.
function codesApart(ours, theirs) {
  const apart = { count: 0, most: 0 };
  assert.equal(ours.length, theirs.length);
  for (let i = 0; i < ours.length; i += 1) {
    if (ours[i] === theirs[i]) continue;
    apart.count += 1;
    apart.most = Math.max(apart.most, Math.abs(ours[i] - theirs[i]));
  }
  return apart;
}

// Neighbouring float32 numbers differ by 1.
function ulps(a, b) {
  const [x, y] = new Int32Array(Float32Array.of(a, b).buffer);
  return Math.abs(x - y);
}

const toycar = ['toycar_float', 'toycar_dynamic_range_official'];
test('ToyCar is the official file, written for a newer kernel', { skip: skip(...toycar) }, async (t) => {
  const [, twin] = toycar;
  const theirs = await read(twin);
  const { model: ours } = await narrowed('toycar_float', { perChannel: false });
  const [a, b] = [ours.subgraphs[0], theirs.subgraphs[0]];
  assert.deepEqual([a.inputs, a.outputs], [b.inputs, b.outputs]);
  assert.equal(a.tensors.length, b.tensors.length);
  const apart = { count: 0, most: 0 };
  for (const [i, tensor] of a.tensors.entries()) {
    const other = b.tensors[i];
    const { name, shape, shapeSignature, type } = other;
    assert.deepEqual(
      [tensor.name, tensor.shape, tensor.shapeSignature, tensor.type],
      [name, shape, shapeSignature, type],
    );
    assert.deepEqual(quantOf(tensor), quantOf(other), name);
    if (type === int8) {
      const found = codesApart(int8Of(ours, tensor), int8Of(theirs, other));
      apart.count += found.count;
      apart.most = Math.max(apart.most, found.most);
    } else {
      assert.ok(Buffer.from(ours.buffers[tensor.buffer].data).equals(theirs.buffers[other.buffer].data), name);
    }
  }
  t.diagnostic(`${apart.count} of 264192 codes differ, by ${apart.most}`);
  assert.equal(apart.count, 0);
  const [our, their] = [operatorsOf(ours), operatorsOf(theirs)];
  // The official file is of 2020: since then the converter has data quantized around a zero point of its own.
  const asOf2020 = ({ options, ...op }) => ({
    ...op,
    version: 3,
    options: { ...options, asymmetricQuantizeInputs: false },
  });
  for (const { version, options } of our) assert.deepEqual([version, options.asymmetricQuantizeInputs], [9, true]);
  assert.deepEqual(our.map(asOf2020), their);
  assert.equal(ours.operatorCodes.length, 1);
  const { data } = ours.buffers[ours.metadata[0].buffer];
  assert.equal(Buffer.from(data).toString('latin1').replace(/\0+$/, ''), '2.3.0');
});

test('scales by channel are of a later kernel, and the file says so', { skip: skip('toycar_float') }, async () => {
  const { model: ours } = await narrowed('toycar_float');
  for (const { version, inputs } of operatorsOf(ours)) {
    assert.equal(version, 12);
    const { scales, axis } = quantOf(ours.subgraphs[0].tensors[inputs[1]]);
    assert.deepEqual([scales.length, axis], [ours.subgraphs[0].tensors[inputs[1]].shape[0], 0]);
  }
  const { data } = ours.buffers[ours.metadata[0].buffer];
  assert.equal(Buffer.from(data).toString('latin1').replace(/\0+$/, ''), '2.17.0');
});

const resnet = ['resnet8_cifar10_float', 'resnet8_cifar10_int8_official'];
test('ResNet8 has the official weights, two ties rounded away', { skip: skip(...resnet) }, async (t) => {
  const theirs = await read(resnet[1]);
  const { model: ours } = await narrowed(resnet[0], { minElements: 0 });
  const { model: perTensor } = await narrowed(resnet[0], { minElements: 0, perChannel: false });
  const byName = ({ subgraphs: [{ tensors }] }) => new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const apart = { count: 0, most: 0, codes: 0, ulps: 0 };
  for (const op of operatorsOf(theirs).filter(({ inputs }) => inputs.length === 3)) {
    const tensor = theirs.subgraphs[0].tensors[op.inputs[1]];
    // The dense layer of the official file is of 2020 as well: one scale for all.
    const mine = op.code === FULLY_CONNECTED ? perTensor : ours;
    const own = byName(mine).get(tensor.name);
    const found = codesApart(int8Of(mine, own), int8Of(theirs, tensor));
    apart.count += found.count;
    apart.most = Math.max(apart.most, found.most);
    apart.codes += int8Of(theirs, tensor).length;
    const [a, b] = [quantOf(own), quantOf(tensor)];
    assert.deepEqual([a.axis, a.zeroPoints], [b.axis, b.zeroPoints], tensor.name);
    assert.equal(a.scales.length, b.scales.length);
    apart.ulps = Math.max(apart.ulps, ...a.scales.map((scale, i) => ulps(scale, b.scales[i])));
  }
  t.diagnostic(`${apart.count} of ${apart.codes} codes differ, scales by ${apart.ulps} ulp at most`);
  assert.deepEqual([apart.codes, apart.most], [77360, 1]);
  assert.ok(apart.count <= 2, `${apart.count} codes differ`);
  assert.ok(apart.ulps <= 1, `${apart.ulps} ulps`);
});

const lstm = ['mnist_lstm_float', 'mnist_lstm_int8_official'];
test('the LSTM has the official matrices', { skip: skip(...lstm) }, async () => {
  const theirs = await read(lstm[1]);
  const { model: ours } = await narrowed(lstm[0], { minElements: 0 });
  const find = (model) => operatorsOf(model).find(({ code }) => code === UNIDIRECTIONAL_SEQUENCE_LSTM);
  const [a, b] = [find(ours), find(theirs)];
  assert.deepEqual([a.version, a.options.asymmetricQuantizeInputs], [3, true]);
  for (let slot = 1; slot <= 8; slot += 1) {
    const [x, y] = [ours.subgraphs[0].tensors[a.inputs[slot]], theirs.subgraphs[0].tensors[b.inputs[slot]]];
    assert.deepEqual(int8Of(ours, x), int8Of(theirs, y), `operand ${slot}`);
    assert.ok(ulps(quantOf(x).scales[0], quantOf(y).scales[0]) <= 1, `operand ${slot}`);
  }
  // Biases and states stay as they are.
  for (const slot of [12, 13, 14, 15, 18, 19]) assert.equal(ours.subgraphs[0].tensors[a.inputs[slot]].type, 0);
});

test('an LSTM with one small matrix stays in float as a whole', { skip: skip(...lstm) }, async () => {
  const { model, report } = await narrowed(lstm[0]);
  const [recurrent, , dense] = operatorsOf(model);
  assert.deepEqual([recurrent.version, dense.version], [1, 12]);
  for (const slot of [1, 5]) assert.equal(model.subgraphs[0].tensors[recurrent.inputs[slot]].type, 0);
  assert.equal(model.subgraphs[0].tensors[dense.inputs[1]].type, int8);
  const reasons = report.values.filter(({ verdict }) => verdict === 'float').map(({ reason }) => reason);
  assert.ok(
    reasons.some((reason) => /fewer than 1024 elements/.test(reason)),
    reasons.join('\n'),
  );
  const { model: half } = await narrowed(lstm[0], { minElements: 500 });
  assert.equal(operatorsOf(half)[0].version, 1);
  const { values } = (await narrowed(lstm[0], { minElements: 500 })).report;
  assert.ok(values.some(({ reason }) => /all of its weights or in none/.test(reason)));
});

test('float16 weights become codes, and their DEQUANTIZE goes', async (t) => {
  const path = new URL('../../node_modules/@mediapipe/selfie_segmentation/selfie_segmentation.tflite', import.meta.url);
  const before = await readTflite(await readFile(path));
  const { model } = await quantize(await readFile(path), { minElements: 0 });
  const after = await readTflite(model);
  const DEQUANTIZE = 6;
  const count = (read) => operatorsOf(read).filter(({ code }) => code === DEQUANTIZE).length;
  const hybrid = operatorsOf(after).filter(
    ({ code, version }) => (code === 3 && version === 5) || (code === 4 && version === 6),
  );
  t.diagnostic(`DEQUANTIZE: ${count(before)} before, ${count(after)} after; ${hybrid.length} convolutions in integers`);
  assert.ok(hybrid.length > 30);
  // One for the weights of each, one for its bias.
  assert.equal(count(before) - count(after), 2 * hybrid.length);
});

// A TFLite model of two signatures, each with a graph and input names of its own.
import assert from 'node:assert/strict';
import test from 'node:test';
import { quantize } from '../../dist/index.js';
import { sqnr } from './lib/figures.mjs';
import { makeLiteRtJudge } from './lib/litert-judge.mjs';
import { readTflite } from './lib/tflite-reader.mjs';
import { writeTflite } from './lib/tflite-writer.mjs';

const lite = await makeLiteRtJudge();
const width = 16;
const noise = (length, seed) => Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233));

/** A dense layer; its tensors are called otherwise than what its signature says. */
const dense = (outputs, seed) => ({
  tensors: {
    data: [1, width],
    weight: { shape: [outputs, width], data: noise(outputs * width, seed) },
    bias: { shape: [outputs], data: noise(outputs, seed + 1) },
    result: [1, outputs],
  },
  operators: [
    {
      op: 'FULLY_CONNECTED',
      inputs: ['data', 'weight', 'bias'],
      outputs: ['result'],
      options: { table: 'FullyConnectedOptions' },
    },
  ],
  inputs: ['data'],
  outputs: ['result'],
});

const model = await writeTflite({
  subgraphs: [dense(4, 1), dense(6, 5)],
  signatures: [
    { key: 'encode', subgraph: 0, inputs: { sound: 'data' }, outputs: { code: 'result' } },
    { key: 'decode', subgraph: 1, inputs: { symbols: 'data' }, outputs: { wave: 'result' } },
  ],
});
const samples = (name) =>
  Array.from({ length: 4 }, (_, run) => ({ [name]: { data: noise(width, run + 20), shape: [1, width] } }));
const common = { workers: 1, keepGoing: true };
const run = async (bytes, index, make) => {
  const open = await lite.open(bytes, index);
  const outputs = await open.run(make);
  open.close();
  return outputs;
};
const fed = () => noise(width, 20);
const mapOf = ({ signatureDefs }, key) => {
  const { inputs, outputs, subgraphIndex } = signatureDefs.find(({ signatureKey }) => signatureKey === key);
  return [inputs, outputs].map((list) => list.map(({ name, tensorIndex }) => [name, subgraphIndex, tensorIndex]));
};

for (const [index, key, input, output] of [
  [0, 'encode', 'sound', 'code'],
  [1, 'decode', 'symbols', 'wave'],
]) {
  test(`samples of '${key}' go by its names`, async (t) => {
    const { model: narrowed, report } = await quantize(model, {
      ...common,
      calibration: samples(input),
      signature: key,
    });
    assert.equal(report.signature, key);
    assert.deepEqual(
      report.nodes.map(({ verdict }) => verdict),
      index === 0 ? ['quantized', 'float'] : ['float', 'quantized'],
    );
    assert.match(report.nodes[1 - index].reason, /no sample reached it/);
    assert.ok(report.judged.outputs.every(({ sqnr_db }) => sqnr_db > 30));
    for (const other of [0, 1]) {
      const [before, after] = [await run(model, other, fed), await run(narrowed, other, fed)];
      assert.deepEqual(Object.keys(after), Object.keys(before));
      const figure = sqnr(Object.values(before)[0], Object.values(after)[0]);
      t.diagnostic(`${key}, graph ${other}: ${figure.toFixed(1)} dB`);
      if (other === index) assert.ok(figure > 30);
      else assert.equal(figure, Number.POSITIVE_INFINITY);
    }
    assert.ok(output in (await run(narrowed, index, fed)));
  });
}

test('signatures point to what their inputs and outputs became', async () => {
  const options = { ...common, calibration: samples('sound'), signature: 'encode', judge: false };
  for (const io of ['int8', 'uint8']) {
    const { model: narrowed } = await quantize(model, { ...options, mode: 'full-integer', io });
    const read = await readTflite(narrowed);
    const type = io === 'int8' ? 9 : 3;
    const [{ inputs, outputs, tensors }] = read.subgraphs;
    assert.deepEqual(mapOf(read, 'encode'), [[['sound', 0, inputs[0]]], [['code', 0, outputs[0]]]]);
    assert.deepEqual([tensors[inputs[0]].type, tensors[outputs[0]].type], [type, type]);
    const [, second] = read.subgraphs;
    assert.deepEqual(mapOf(read, 'decode'), [[['symbols', 1, second.inputs[0]]], [['wave', 1, second.outputs[0]]]]);
    assert.equal(second.tensors[second.inputs[0]].type, 0);
  }
});

test('integer-only lists what another signature leaves in float', async () => {
  const options = { ...common, calibration: samples('sound'), signature: 'encode', mode: 'integer-only' };
  await assert.rejects(quantize(model, options), { code: 'unsupported', message: /1 op computes in float/ });
});

test('a signature that is not there is named', async () => {
  await assert.rejects(quantize(model, { ...common, calibration: samples('sound'), signature: 'none' }), {
    code: 'usage',
    message: /no signature 'none'/,
  });
});

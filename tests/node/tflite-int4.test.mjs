// TFLite models with weights of int4 that kernels read as they are, judged by LiteRT.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { quantize, run } from '../../dist/index.js';
import { sqnr, worstSqnr } from './lib/figures.mjs';
import { makeLiteRtJudge } from './lib/litert-judge.mjs';
import { tfliteModels } from './lib/litert-models.mjs';
import { shared } from './lib/model-places.mjs';
import { samplesOfFeeds } from './lib/our-runs.mjs';
import { operatorsOf, quantOf, readTflite } from './lib/tflite-reader.mjs';

const int4 = 17;
const int8 = 9;
const [CONV_2D, FULLY_CONNECTED] = [3, 9];
const lite = await makeLiteRtJudge();

const modes = {
  'full-integer': { mode: 'full-integer', weights: 'int4' },
  'int16 data': { mode: 'full-integer', weights: 'int4', activations: 'int16' },
  'dynamic-range': { mode: 'dynamic-range', weights: 'int4' },
};
const common = { workers: 1, judge: false, keepGoing: true };
// What LiteRT makes of a file against what our executor does in float between its codes. Where kernels read other
// weights than were meant, nothing is left of it; models that amplify what rounding in between costs come to 12 dB.
const least = 11;

// Outputs have other names there: those of a signature.
const closest = (values, outputs) =>
  Math.max(...outputs.filter(({ data }) => data.length === values.length).map(({ data }) => sqnr(data, values)));

for (const { name, path, feeds, unjudged, skip } of tfliteModels) {
  for (const [mode, options] of Object.entries(modes)) {
    test(`${name} with weights of int4, ${mode}`, { skip: unjudged === undefined ? skip : unjudged }, async (t) => {
      const bytes = await readFile(path);
      const given = await feeds();
      const calibration = await samplesOfFeeds(bytes, given);
      const { model } = await quantize(bytes, {
        ...options,
        ...common,
        ...(mode === 'dynamic-range' ? {} : { calibration }),
      });
      const read = await readTflite(model);
      const narrow = read.subgraphs[0].tensors.filter(({ type }) => type === int4);
      const reference = await lite.run(bytes, given.runs, given.make);
      const outputs = await lite.run(model, given.runs, given.make);
      const figure = worstSqnr(reference, outputs);
      const [sample] = await samplesOfFeeds(model, { ...given, runs: 1 });
      const ours = Object.values((await run(model, sample)).outputs);
      const theirs = Object.values(await lite.run(model, 1, given.make));
      const alike = Math.min(...theirs.map((values) => closest(values, ours)));
      t.diagnostic(
        `${name} ${mode}: ${narrow.length} in int4, size ${(model.length / bytes.length).toFixed(3)}, ` +
          `${figure.toFixed(1)} dB; ${alike.toFixed(1)} dB between LiteRT and ours`,
      );
      if (narrow.length > 0) assert.ok(alike >= least, `${alike.toFixed(1)} dB`);
      assert.ok(Object.values(outputs).every((values) => values.every(Number.isFinite)));
    });
  }
}

const at = (name) => shared(`tflite/${name}_float.tflite`);
const missing = (name) => (existsSync(at(name)) ? false : 'not here');
const narrow = async (name, options) => {
  const bytes = await readFile(at(name));
  const calibration = await samplesOfFeeds(bytes, await tfliteModels.find((model) => model.name === name).feeds());
  const { model, report } = await quantize(bytes, { ...common, calibration, weights: 'int4', ...options });
  return { read: await readTflite(model), report };
};
test('versions keep runtimes without int4 away', { skip: missing('resnet8_cifar10') }, async () => {
  for (const [mode, activations, versions] of [
    ['full-integer', 'int8', { [CONV_2D]: 7, [FULLY_CONNECTED]: 10 }],
    ['full-integer', 'int16', { [FULLY_CONNECTED]: 13 }],
  ]) {
    const { read } = await narrow('resnet8_cifar10', { mode, activations });
    const [{ tensors }] = read.subgraphs;
    for (const { code, version, inputs } of operatorsOf(read)) {
      if (code !== CONV_2D && code !== FULLY_CONNECTED) continue;
      const weight = tensors[inputs[1]];
      assert.equal(weight.type, code in versions ? int4 : int8);
      if (!(code in versions)) continue;
      assert.equal(version, versions[code]);
      const { scales, zeroPoints } = quantOf(weight);
      assert.equal(scales.length, weight.shape[0]);
      assert.ok(zeroPoints.every((zero) => zero === 0));
      assert.equal(read.buffers[weight.buffer].data.length, Math.ceil(weight.shape.reduce((a, b) => a * b, 1) / 2));
    }
  }
});

test('ops without such kernels say so', { skip: missing('resnet8_cifar10') }, async () => {
  const { report } = await narrow('resnet8_cifar10', { mode: 'full-integer', activations: 'int16' });
  const reasons = report.nodes.filter(({ op }) => op === 'CONV_2D').map(({ reason }) => reason);
  assert.ok(reasons.length > 0);
  for (const reason of reasons) assert.match(reason, /takes no weights of int4: they are int8/);
});

test('runtimes that do not read int4 refuse', { skip: missing('toycar') }, async () => {
  for (const target of ['tflite-2.13', 'edgetpu']) {
    await assert.rejects(narrow('toycar', { mode: 'full-integer', target }), {
      code: 'unsupported',
      message: /does not read weights of int4/,
    });
  }
  await assert.rejects(narrow('toycar', { mode: 'full-integer', weights: 'uint8' }), { message: /int8 or int4/ });
});

test('sparse weights are spelt out where integer kernels read them', async () => {
  const { path, feeds } = tfliteModels.find(({ name }) => name === 'face_detection_full_range_sparse');
  const bytes = await readFile(path);
  const DENSIFY = 124;
  const count = (read) => operatorsOf(read).filter(({ code }) => code === DENSIFY).length;
  const calibration = await samplesOfFeeds(bytes, await feeds());
  const { model, report } = await quantize(bytes, { ...common, calibration });
  assert.ok(count(await readTflite(bytes)) > 0);
  const read = await readTflite(model);
  assert.equal(count(read), 0);
  assert.ok(read.subgraphs[0].tensors.every(({ sparsity }) => sparsity === null));
  assert.deepEqual(
    report.nodes.filter(({ verdict }) => verdict !== 'quantized'),
    [],
  );
  const { model: stored } = await quantize(bytes, { ...common, mode: 'weight-only' });
  assert.equal(count(await readTflite(stored)), count(await readTflite(bytes)));
});

// Two models side by side: figures are those of what onnxruntime and LiteRT make of both, however many workers there are.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeNpy } from '../../dist/data/npy.js';
import { compare, inspect, quantize, run } from '../../dist/index.js';
import { narrowcast, temporaryFolder } from './lib/cli.mjs';
import { sqnr, winners } from './lib/figures.mjs';
import { runModel } from './lib/ort-judge.mjs';
import { heldOutDigits } from './lib/pictures.mjs';
import { tfliteModels } from './lib/tflite-models.mjs';

const path = fileURLToPath(new URL('../../models/digits.onnx', import.meta.url));
const bytes = new Uint8Array(await readFile(path));
const held = (await heldOutDigits()).filter((_, i) => i % 25 === 0);
const samples = held.map(({ pixels }) => ({ image: { shape: [1, 1, 28, 28], data: pixels } }));
const labels = held.map(({ label }) => label);
const runs = held.map(({ pixels }) => ({ image: { data: pixels, dims: [1, 1, 28, 28] } }));
const { model: narrowed } = await quantize(bytes, { calibration: samples.slice(0, 10), workers: 1 });
const { model: coarse } = await quantize(bytes, { weights: 'int4', blockSize: 128 });

const meanSquare = (values) => values.reduce((sum, value) => sum + value ** 2, 0) / values.length;

for (const [name, model] of Object.entries({ 'full-integer': narrowed, int4: coarse })) {
  test(`figures of the ${name} digits are those that onnxruntime gives`, async (t) => {
    const result = await compare(bytes, model, { data: samples, labels, workers: 2 });
    const [before, after] = await Promise.all([bytes, model].map((file) => runModel(file, { runs }, 'disabled')));
    const [output] = result.outputs;
    const expected = sqnr(before.logits, after.logits);
    t.diagnostic(`${output.sqnr_db} dB here, ${expected.toFixed(2)} dB in onnxruntime`);
    // Codes that lie on the edge between two may fall to either side.
    assert.ok(Math.abs(output.sqnr_db - expected) < 0.1);
    assert.equal(result.sqnr_db, output.sqnr_db);
    const error = Math.max(...before.logits.map((value, i) => Math.abs(value - after.logits[i])));
    assert.ok(Math.abs(output.max_error / error - 1) < 0.05, `${output.max_error} ${error}`);
    assert.ok(Math.abs(output.signal_power / meanSquare(before.logits) - 1) < 1e-5);
    const [said, saidAfter] = [winners(10)(before.logits), winners(10)(after.logits)];
    assert.equal(output.decisions, samples.length);
    assert.equal(output.same, said.filter((one, i) => one === saidAfter[i]).length);
    assert.deepEqual(result.accuracy, {
      output: 'logits',
      labels: labels.length,
      before: said.filter((one, i) => one === labels[i]).length,
      after: saidAfter.filter((one, i) => one === labels[i]).length,
    });
    assert.deepEqual(result.failed, []);
    assert.ok(result.values.some((value) => value.name === 'logits' && value.sqnr_db === output.sqnr_db));
  });
}

test('one, two and seven workers give the same text', async () => {
  const texts = [];
  for (const workers of [1, 2, 7]) {
    const { workers: _, heapBytes, ...judgement } = await compare(bytes, narrowed, { data: samples, labels, workers });
    texts.push(JSON.stringify(judgement));
  }
  assert.equal(texts[1], texts[0]);
  assert.equal(texts[2], texts[0]);
});

const driver = ['native', 'native-asan']
  .map((preset) => fileURLToPath(new URL(`../../build/${preset}/tests/narrowcast_driver`, import.meta.url)))
  .find(existsSync);
test('the native engine gives the same figures', { skip: driver ? false : 'no native build' }, async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'narrow.onnx'), narrowed);
  const spans = { image: [0, 1], logits: [-20, 20] };
  const request = { inputs: [{ name: 'image', dtype: 'float32', shape: [1, 1, 28, 28] }] };
  const files = held.map((_, i) => `${i}.bin`);
  for (const [i, { pixels }] of held.entries()) {
    await writeFile(join(cwd, files[i]), new Uint8Array(Float32Array.from(pixels).buffer));
  }
  const args = ['compare', path, 'narrow.onnx', JSON.stringify({ spans }), JSON.stringify(request), ...files];
  const { stdout } = await promisify(execFile)(driver, args, { cwd, maxBuffer: 2 ** 26 });
  const { workers, heapBytes, ...judgement } = await compare(bytes, narrowed, { data: samples, spans, workers: 3 });
  assert.deepEqual(JSON.parse(stdout), judgement);
});

test('limits that are not kept are told', async () => {
  const kept = await compare(bytes, narrowed, { data: samples, minSqnr: 20, maxDrop: 5, workers: 1 });
  assert.deepEqual(kept.failed, []);
  const { failed } = await compare(bytes, narrowed, { data: samples, minSqnr: 90, workers: 1 });
  assert.equal(failed.length, 1);
  assert.match(failed[0], /^Output 'logits' keeps \d+\.\d dB, less than 90\.0 dB\.$/);
});

test('what makes no sense is refused', async () => {
  const refused = (options, match) =>
    assert.rejects(compare(bytes, narrowed, { data: samples, workers: 1, ...options }), match);
  await refused({ data: [] }, { code: 'calibration' });
  await refused({ labels: [1, 2, [3, 4]] }, { code: 'usage', message: /as many decisions/ });
  await refused({ minSqnr: Number.NaN }, { code: 'usage' });
  await refused({ speed: 3 }, { code: 'usage', message: /no option 'speed'/ });
  await refused(
    { data: [{ image: { shape: [1], data: new Float32Array(1) } }] },
    { code: 'usage', message: /^Sample 0: / },
  );
});

test('on the command line', async (t) => {
  const cwd = await temporaryFolder(t);
  const data = Float32Array.from(held.flatMap(({ pixels }) => [...pixels]));
  await writeFile(join(cwd, 'x.npy'), writeNpy({ dtype: 'float32', shape: [held.length, 1, 28, 28], data }));
  await writeFile(join(cwd, 'y.csv'), `class\n${labels.join('\n')}\n`);
  await writeFile(join(cwd, 'narrow.onnx'), narrowed);
  const compareWith = (...more) =>
    narrowcast(['compare', path, 'narrow.onnx', '--data', 'x.npy', '--workers', '2', ...more], { cwd });
  const told = await compareWith('--labels', 'y.csv');
  assert.equal(told.code, 0, told.stderr);
  assert.match(told.stdout, /output +SQNR +largest error +same decisions\n +logits +\d+\.\d dB/);
  assert.match(told.stdout, /accuracy: \d+\.\d % -> \d+\.\d % of 40 \(logits\)/);
  const failed = await compareWith('--min-sqnr', '90', '--json');
  assert.equal(failed.code, 5, failed.stderr);
  const json = JSON.parse(failed.stdout);
  const { sqnr_db, outputs, values } = await compare(bytes, narrowed, { data: samples, workers: 1 });
  assert.deepEqual([json.sqnr_db, json.outputs, json.values], [sqnr_db, outputs, values]);
  assert.equal(json.failed.length, 1);
  assert.equal(json.fed[0].channels[0].count, 784 * held.length);
  const none = await narrowcast(['compare', path, 'narrow.onnx'], { cwd });
  assert.equal(none.code, 4);
  await writeFile(join(cwd, 'y.csv'), '1\n2\n');
  assert.equal((await compareWith('--labels', 'y.csv')).code, 4);
});

const tflite = tfliteModels().find(({ name }) => name.startsWith('selfie'));
test('a .tflite and what was narrowed of it', { skip: tflite === undefined && 'not here' }, async (t) => {
  const file = new Uint8Array(await readFile(tflite.path));
  const { model } = await quantize(file, { mode: 'weight-only' });
  const { inputs } = await inspect(file);
  const sample = Object.fromEntries(
    inputs.map(({ name, shape }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return [name, { shape, data: Float32Array.from({ length: size }, (_, i) => ((i * 37) % 101) / 101) }];
    }),
  );
  const result = await compare(file, model, { data: [sample], workers: 1 });
  const [before, after] = [await run(file, sample), await run(model, sample)];
  for (const { name, sqnr_db } of result.outputs) {
    const expected = sqnr(before.outputs[name].data, after.outputs[name].data);
    t.diagnostic(`${name}: ${sqnr_db} dB, ${expected.toFixed(2)} dB`);
    assert.ok(Math.abs(sqnr_db - expected) < 0.1);
    assert.ok(sqnr_db < 60);
  }
});

// Calibration through the package's functions: the same bytes whoever runs which sample.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  calibrate,
  describe,
  estimateCalibrationMemory,
  loadModel,
  mergeRanges,
  readRanges,
} from '../../dist/index.js';
import { PoolWorker } from '../../dist/pool.js';
import { temporaryFolder } from './lib/cli.mjs';
import { input, model, node, output } from './lib/onnx-writer.mjs';
import { heldOutDigits } from './lib/pictures.mjs';

const digits = await readFile(new URL('../../models/digits.onnx', import.meta.url));
const pictures = (await heldOutDigits()).slice(0, 24);
const samples = pictures.map(({ pixels }) => ({ image: { shape: [1, 1, 28, 28], data: pixels } }));
const fails = (code, more = {}) => ({ name: 'NarrowcastError', code, ...more });
const methods = (await describe()).observers.map(({ name }) => name);

test('the same bytes with 1, 2 and 7 workers, by every method', async () => {
  assert.equal(methods.length, 5);
  for (const method of methods) {
    const [one, ...others] = await Promise.all(
      [1, 2, 7].map((workers) => calibrate(digits, samples, { method, workers })),
    );
    assert.equal(one.samples, samples.length);
    for (const other of others) {
      assert.equal(other.ranges, one.ranges, method);
      assert.deepEqual(other.values, one.values);
    }
  }
});

test('shards merge into the whole, in any order', async () => {
  const options = { method: 'percentile', workers: 2 };
  const whole = await calibrate(digits, samples, options);
  const shards = await Promise.all(
    [0, 1, 2].map((index) => calibrate(digits, samples, { ...options, shard: [index, 3] })),
  );
  const texts = shards.map(({ ranges }) => ranges);
  assert.equal((await mergeRanges(texts)).ranges, whole.ranges);
  assert.equal((await mergeRanges(texts.toReversed())).ranges, whole.ranges);
  await assert.rejects(mergeRanges([texts[0], texts[0]]), fails('usage', { message: /Sample 0/ }));
  const other = await calibrate(digits, samples.slice(0, 1), { method: 'mse', workers: 1 });
  await assert.rejects(mergeRanges([texts[0], other.ranges]), fails('usage'));
  await assert.rejects(readRanges('{}'), fails('malformed'));
});

// By the definition, on the graph's own outputs, which `run` gives.
test('min-max is the extremes of what a run gives', async () => {
  const { values, warnings } = await calibrate(digits, samples, { workers: 2, winograd: false });
  const loaded = await loadModel(digits, { winograd: false, fuse: false });
  const logits = [];
  for (const sample of samples) logits.push(...(await loaded.run(sample)).outputs.logits.data);
  loaded.dispose();
  const range = values.find(({ name }) => name === 'logits');
  assert.deepEqual([range.min, range.max], [Math.min(...logits), Math.max(...logits)]);
  assert.equal(range.finite, logits.length);
  const image = values.find(({ name }) => name === 'image');
  assert.deepEqual([image.min, image.max], [0, Math.max(...pictures.flatMap(({ pixels }) => [...pixels]))]);
  assert.deepEqual(warnings, []);
  assert.ok(values.length > 4);
});

test('a range file answers for other percentiles and activations', async () => {
  const { ranges, values } = await calibrate(digits, samples, { method: 'percentile', workers: 1 });
  const same = await readRanges(ranges);
  assert.deepEqual(same.values, values);
  const tight = await readRanges(ranges, { percentile: 90 });
  const image = (list) => list.find(({ name }) => name === 'logits');
  assert.ok(image(tight.values).max < image(values).max);
  await assert.rejects(readRanges(ranges, { activations: 'int16' }), fails('usage'));
  await assert.rejects(readRanges(ranges, { percentile: 101 }), fails('usage'));
});

test('samples come from async iterables; progress tells where it stands', async () => {
  async function* some() {
    for (const sample of samples) yield sample;
  }
  const seen = [];
  const onProgress = (progress) => seen.push(progress);
  const result = await calibrate(digits, some(), { workers: 2, total: samples.length, onProgress });
  assert.equal(result.ranges, (await calibrate(digits, samples, { workers: 1 })).ranges);
  assert.deepEqual([...new Set(seen.map(({ phase }) => phase))], ['loading', 'samples', 'merging']);
  const running = seen.filter(({ phase }) => phase === 'samples');
  assert.deepEqual(
    running.map(({ done }) => done),
    [0, ...samples.map((_, i) => i + 1)],
  );
  assert.ok(running.every(({ total }) => total === samples.length));
  assert.equal(running[0].secondsLeft, undefined);
  assert.equal(running.at(-1).secondsLeft, 0);
  assert.ok(result.heapBytes >= 2 * 2 ** 20);
  assert.equal(seen[0].heapBytes, estimateCalibrationMemory(digits.length, 2));
  // The caller's arrays stay the caller's.
  assert.equal(samples[0].image.data.length, 784);
});

test('values by name; a name that no value has is an error', async () => {
  const { values } = await calibrate(digits, samples.slice(0, 2), { values: ['logits', 'image'], workers: 1 });
  assert.deepEqual(values.map(({ name }) => name).sort(), ['image', 'logits']);
  await assert.rejects(
    calibrate(digits, samples, { values: ['no such value'] }),
    fails('usage', { where: 'no such value' }),
  );
});

test('not a number, infinity and constants are warned of', async () => {
  const small = model([
    node('Log', ['x'], ['log']),
    node('Sub', ['x', 'x'], ['nothing']),
    node('Add', ['log', 'nothing'], ['y']),
    input('x', [2]),
    output('y', [2]),
  ]);
  const { warnings, values } = await calibrate(small, [{ x: { shape: [2], data: Float32Array.of(-1, 0) } }], {
    workers: 1,
  });
  assert.deepEqual(warnings.map(({ name, kind }) => `${name} ${kind}`).sort(), [
    'log infinite',
    'log nan',
    'nothing constant',
    'y infinite',
    'y nan',
  ]);
  const log = values.find(({ name }) => name === 'log');
  assert.deepEqual([log.finite, log.nan, log.neg_inf, log.seen_min], [0, 1, 1, null]);
});

test('what is wrong is said, and by which sample', async () => {
  const bad = [...samples.slice(0, 3), { image: { shape: [1, 1, 5, 5], data: new Float32Array(25) } }];
  await assert.rejects(
    calibrate(digits, bad, { workers: 2 }),
    fails('usage', { message: /^Sample 3: /, where: 'image' }),
  );
  await assert.rejects(calibrate(digits, [{ image: 3 }], { workers: 1 }), fails('usage', { message: /^Sample 0: / }));
  await assert.rejects(calibrate(new Uint8Array(9), samples, { workers: 2 }), fails('malformed'));
  await assert.rejects(calibrate(digits, samples, { method: 'max' }), fails('usage'));
  await assert.rejects(calibrate(digits, samples, { method: 'mse', activations: 'int16' }), fails('usage'));
  await assert.rejects(calibrate(digits, samples, { workers: 0 }), fails('usage'));
  await assert.rejects(calibrate(digits, samples, { shard: [3, 3] }), fails('usage'));
  await assert.rejects(calibrate(digits, samples, { worker: 1 }), fails('usage'));
  await assert.rejects(calibrate(digits, 5), fails('usage'));
  async function* broken() {
    yield samples[0];
    throw new Error('the disk is gone');
  }
  await assert.rejects(calibrate(digits, broken(), { workers: 2 }), { message: 'the disk is gone' });
});

test('a signal ends it at once, and the samples are closed', async () => {
  let closed = false;
  async function* endless() {
    try {
      for (;;) yield samples[0];
    } finally {
      closed = true;
    }
  }
  const controller = new AbortController();
  const onProgress = ({ phase, done }) => {
    if (phase === 'samples' && done === 5) controller.abort(new Error('enough'));
  };
  await assert.rejects(calibrate(digits, endless(), { workers: 2, signal: controller.signal, onProgress }), {
    message: 'enough',
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(closed, true);
  await assert.rejects(calibrate(digits, samples, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

const run = promisify(execFile);
const driver = ['native', 'native-asan']
  .map((preset) => fileURLToPath(new URL(`../../build/${preset}/tests/narrowcast_driver`, import.meta.url)))
  .find(existsSync);

test('the native driver gives the same bytes', { skip: driver ? false : 'no native build' }, async (t) => {
  const folder = await temporaryFolder(t);
  const files = pictures.map((_, i) => join(folder, `${i}`));
  for (const [i, { pixels }] of pictures.entries()) await writeFile(files[i], Float32Array.from(pixels));
  const request = { inputs: [{ name: 'image', dtype: 'float32', shape: [1, 1, 28, 28] }] };
  const path = fileURLToPath(new URL('../../models/digits.onnx', import.meta.url));
  for (const method of methods) {
    const options = { calibrate: { method, percentile: 99999000 } };
    const args = ['calibrate', path, JSON.stringify(options), JSON.stringify(request), ...files];
    const { stdout } = await run(driver, args, { maxBuffer: 2 ** 28 });
    assert.equal(stdout.trimEnd(), (await calibrate(digits, samples, { method, workers: 2 })).ranges, method);
  }
});

test('a worker that is lost fails what it was asked, with a typed error', async () => {
  const worker = new PoolWorker();
  const asked = worker.ask('externalFiles', undefined);
  worker.terminate();
  await assert.rejects(asked, fails('engine_trap', { message: /worker was lost/ }));
  await assert.rejects(worker.ask('ranges', undefined), fails('engine_trap'));
});

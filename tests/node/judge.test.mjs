// What quantize says of the model that it made: figures on the samples, and whether they are good enough.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeNpy } from '../../dist/data/npy.js';
import { compare, quantize } from '../../dist/index.js';
import { findKeepFloat } from '../../dist/search.js';
import { narrowcast, temporaryFolder } from './lib/cli.mjs';
import { input, model, node, numbers, output, tensor } from './lib/onnx-writer.mjs';
import { heldOutDigits } from './lib/pictures.mjs';

const path = fileURLToPath(new URL('../../models/digits.onnx', import.meta.url));
const bytes = new Uint8Array(await readFile(path));
const held = (await heldOutDigits()).filter((_, i) => i % 40 === 0);
const samples = held.map(({ pixels }) => ({ image: { shape: [1, 1, 28, 28], data: pixels } }));
const labels = held.map(({ label }) => label);

test('the report tells what compare tells, values worst first', async () => {
  const { model: file, report } = await quantize(bytes, { calibration: samples, judgeSamples: 8, labels, workers: 1 });
  const ranges = Object.fromEntries(report.activations.map(({ name, range }) => [name, range]));
  const {
    workers: _,
    heapBytes,
    ...judged
  } = await compare(bytes, file, {
    data: samples.slice(0, 8),
    labels,
    ranges,
    workers: 2,
  });
  const values = report.judged.values.map(({ histogram, ...value }) => value);
  assert.deepEqual({ ...report.judged, values }, judged);
  const counted = report.judged.values.filter(({ histogram }) => histogram !== undefined);
  assert.equal(counted.length, report.activations.length);
  for (const { elements, histogram } of counted) {
    assert.equal(
      histogram.counts.reduce((sum, count) => sum + count, 0),
      elements,
    );
  }
  assert.deepEqual([report.judged.samples, report.judged.accuracy.labels], [8, 8]);
  const figures = report.activations.map(({ sqnr_db }) => sqnr_db ?? Number.POSITIVE_INFINITY);
  assert.ok(figures.length > 5 && figures.some(Number.isFinite));
  assert.deepEqual(
    figures,
    figures.toSorted((a, b) => a - b),
  );
  assert.ok(report.activations.every(({ share_clipped: share }) => share >= 0 && share < 0.5));
});

test('samples that come only once are judged all the same', async () => {
  const reused = new Float32Array(784);
  async function* once() {
    for (const { image } of samples) {
      reused.set(image.data);
      yield { image: { shape: image.shape, data: reused } };
    }
  }
  const one = await quantize(bytes, { calibration: once(), judgeSamples: 3, workers: 1 });
  const two = await quantize(bytes, { calibration: samples, judgeSamples: 3, workers: 1 });
  assert.equal(one.report.judged.samples, 3);
  assert.deepEqual(one.report, two.report);
  const three = await quantize(bytes, { mode: 'dynamic-range', calibration: once(), judgeSamples: 3, workers: 1 });
  assert.equal(three.report.judged.samples, 3);
});

test('codes that are too few for a value show in what is clipped', async () => {
  const options = { method: 'percentile', percentile: 90, calibration: samples, judgeSamples: 25, workers: 1 };
  const { report } = await quantize(bytes, options);
  const image = report.activations.find(({ name }) => name === 'image');
  const above = samples.flatMap(({ image: { data } }) => [...data]).filter((v) => v > image.range[1]).length;
  assert.ok(above > 0 && samples.length === 25);
  assert.ok(Math.abs(image.share_clipped - above / (784 * samples.length)) < 1e-9);
});

test('a limit that is not kept refuses, unless told to keep going', async () => {
  const options = { calibration: samples, minSqnr: 90, workers: 1 };
  await assert.rejects(quantize(bytes, options), { code: 'quality', message: /less than 90\.0 dB/ });
  const { model: file, report } = await quantize(bytes, { ...options, keepGoing: true });
  assert.ok(file.length > 0);
  assert.equal(report.judged.failed.length, 1);
  await assert.rejects(quantize(bytes, { minSqnr: 20 }), { code: 'usage', message: /samples/ });
  const { report: other } = await quantize(bytes, { calibration: samples, judge: false, workers: 1 });
  assert.equal(other.judged, undefined);
});

test('on the command line', async (t) => {
  const cwd = await temporaryFolder(t);
  const data = Float32Array.from(held.flatMap(({ pixels }) => [...pixels]));
  await writeFile(join(cwd, 'x.npy'), writeNpy({ dtype: 'float32', shape: [held.length, 1, 28, 28], data }));
  await writeFile(join(cwd, 'y.csv'), labels.join('\n'));
  const run = (...more) => narrowcast([path, '--calibration', 'x.npy', '--workers', '1', ...more], { cwd });
  const done = await run('--labels', 'y.csv', '--max-drop', '10', '-o', 'a.onnx');
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stderr, /output +SQNR +largest error +same decisions\n +logits +\d+\.\d dB/);
  assert.match(done.stderr, /accuracy: \d+\.\d % -> \d+\.\d % of 16 \(logits\)/);
  const refused = await run('--min-sqnr', '90', '-o', 'b.onnx', '--report', 'b.json', '--json');
  assert.equal(refused.code, 5, refused.stderr);
  assert.match(refused.stderr, /failed: +Output 'logits' keeps .* dB, less than 90\.0 dB\./);
  assert.ok(!existsSync(join(cwd, 'b.onnx')));
  const told = JSON.parse(refused.stdout);
  assert.equal(told.output, null);
  assert.equal(told.fed[0].channels[0].count, 784 * held.length);
  assert.deepEqual(JSON.parse(await readFile(join(cwd, 'b.json'), 'utf8')).judged, told.judged);
  const page = await run('-o', 'e.onnx', '--report', 'e.html', '-q');
  assert.equal(page.code, 0, page.stderr);
  const html = await readFile(join(cwd, 'e.html'), 'utf8');
  assert.match(html, /^<!doctype html>/);
  assert.ok(html.includes("default-src 'none'") && html.includes('"fed":[{"name":"image"'));
  assert.doesNotMatch(html.replaceAll('http://www.w3.org/2000/svg', ''), /https?:/);
  const kept = await run('--min-sqnr', '90', '-o', 'c.onnx', '--keep-going', '-q');
  assert.equal(kept.code, 5);
  assert.ok(existsSync(join(cwd, 'c.onnx')));
  const unjudged = await run('--no-judge', '-o', 'd.onnx', '--json');
  assert.equal(unjudged.code, 0);
  assert.equal(JSON.parse(unjudged.stdout).judged, undefined);
});

test('a model that does not run here is narrowed without being judged', async () => {
  const foreign = model([
    node('MatMul', ['x', 'w'], ['h'], 'product'),
    node('Unheard', ['h'], ['y'], 'unheard'),
    tensor('w', [64, 32], numbers(64 * 32)),
    input('x', [1, 64]),
    output('y', [1, 32]),
  ]);
  const calibration = [{ x: { shape: [1, 64], data: new Float32Array(64) } }];
  const options = { mode: 'weight-only', calibration, workers: 1 };
  const { report } = await quantize(foreign, options);
  assert.equal(report.judged, undefined);
  assert.match(report.warnings.join(' '), /It was not judged, because it does not run here: /);
  await assert.rejects(quantize(foreign, { ...options, minSqnr: 1 }), { code: 'unsupported' });
});

test('noise without a signal is no exactness', async () => {
  const parts = (bias) =>
    model([
      node('Mul', ['x', 'zero'], ['h'], 'mul'),
      node('Add', ['h', 'b'], ['y'], 'add'),
      tensor('zero', [1], new Float32Array(1)),
      tensor('b', [1], Float32Array.of(bias)),
      input('x', [1, 4]),
      output('y', [1, 4]),
    ]);
  const data = [{ x: { shape: [1, 4], data: Float32Array.of(1, 2, 3, 4) } }];
  const { sqnr_db, failed } = await compare(parts(0), parts(1), { data, minSqnr: 20, workers: 1 });
  assert.equal(sqnr_db, -200);
  assert.match(failed[0], /keeps no dB at all/);
});

// A model of noise: each node adds its own, and some only together with the next one.
const noiseOf = (parts) => async (wish) => {
  const names = Object.keys(parts).filter((name) => !wish.exclude?.includes(name));
  return names.filter((name) => wish.only?.includes(name) ?? true).reduce((sum, name) => sum + parts[name], 0);
};

test('the search finds the nodes that matter', async () => {
  const parts = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`n${i}`, 1e-6]));
  Object.assign(parts, { n17: 0.5, n18: 0.02, n120: 0.03 });
  const found = await findKeepFloat(Object.keys(parts), noiseOf(parts));
  assert.deepEqual(found.nodes, ['n17', 'n18', 'n120']);
  assert.ok(found.reached_db >= 20 && found.runs <= 96);
  assert.deepEqual(found.alone[0].nodes, ['n17']);
});

test('the search says so when there is nothing to find', async () => {
  const found = await findKeepFloat(['a', 'b'], async () => Number.POSITIVE_INFINITY);
  assert.deepEqual([found.nodes, found.reached_db, found.of], [[], null, 2]);
});

test('a search that is stopped says what it found until then', async () => {
  const parts = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`n${i}`, i % 20 === 3 ? 0.02 : 1e-6]));
  const whole = await findKeepFloat(Object.keys(parts), noiseOf(parts));
  assert.equal(whole.stopped, undefined);
  const stopAfter = async (runs) => {
    const stop = new AbortController();
    let count = 0;
    const trial = (wish) => {
      count += 1;
      if (count === runs) stop.abort();
      return noiseOf(parts)(wish);
    };
    return findKeepFloat(Object.keys(parts), trial, stop.signal);
  };
  const early = await stopAfter(5);
  assert.deepEqual([early.stopped, early.runs, early.nodes, early.reached_db], [true, 5, [], null]);
  const late = await stopAfter(whole.runs - 1);
  assert.ok(late.stopped && late.reached_db >= 20 && late.runs === whole.runs - 1);
  assert.ok(whole.nodes.every((name) => late.nodes.includes(name)));
});

test('the search says how many tries it may take', async () => {
  // One sample beside all others makes ranges that leave them few codes.
  const shape = [1, 1, 28, 28];
  const glaring = { image: { shape, data: Float32Array.from(held[0].pixels, (value) => 16 * value) } };
  const told = [];
  const onProgress = ({ phase, done, total, fraction }) => {
    if (phase === 'searching') told.push({ done, total, fraction });
  };
  const calibration = [...samples.slice(0, 8), glaring];
  const { report } = await quantize(bytes, { calibration, judgeSamples: 8, workers: 1, onProgress });
  assert.ok(report.judged.sqnr_db < 20);
  assert.equal(told.length, report.judged.keep_float.runs + 1);
  assert.ok(told.every(({ total, fraction }) => total === 96 && fraction < 1));
  assert.deepEqual(
    told.map(({ done }) => done),
    [0, ...told.slice(1).map((_, i) => i)],
  );
});

// Mode float16 of a whole ONNX graph: what becomes float16, what stays float32, and one Cast where the two meet.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { quantize } from '../../dist/index.js';
import { sqnr } from './lib/figures.mjs';
import { onnxRecords, readNode } from './lib/onnx-records.mjs';
import { input, model, node, numbers, output, tensor } from './lib/onnx-writer.mjs';
import { runModel } from './lib/ort-judge.mjs';

const NODE = 1;
const floor = 50;
const runtimes = ['disabled', 'all', 'web'];
const nodesOf = (bytes) =>
  onnxRecords(bytes)
    .filter(({ path, field }) => path.startsWith('graph') && field === NODE)
    .map(({ body }) => readNode(body));
const casts = (bytes) => nodesOf(bytes).filter(({ op }) => op === 'Cast');

/** The number that the bits of a float16 stand for. */
function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
/** The bits of the float16 below a number from 2^-14 to 65504, or of 0. */
function toHalf(value) {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = Math.floor((Math.abs(value) / 2 ** exponent - 1) * 1024);
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}

const x = numbers(3 * 8 * 8, 5);
const feeds = { runs: [{ x: { data: x, dims: [1, 3, 8, 8] } }] };
const conv = [
  input('x', [1, 3, 8, 8]),
  tensor('w', [16, 3, 3, 3], numbers(432, 3)),
  tensor('b', [16], numbers(16, 4)),
  node('Conv', ['x', 'w', 'b'], ['a'], 'conv', { pads: [1, 1, 1, 1] }),
];

async function judged(t, float, options = {}, inputs = feeds) {
  const { model: bytes, report } = await quantize(float, { mode: 'float16', keepGoing: true, ...options });
  const reference = await runModel(float, inputs, 'disabled');
  for (const runtime of runtimes) {
    const outputs = await runModel(bytes, inputs, runtime);
    for (const [name, values] of Object.entries(reference)) {
      const figure = sqnr(values, outputs[name]);
      assert.ok(figure >= floor, `${runtime} ${name}: ${figure.toFixed(1)} dB`);
      if (runtime === 'all') t.diagnostic(`${name}: ${figure.toFixed(1)} dB`);
    }
  }
  return { bytes, report };
}

test('of the digits model all is float16 but input and output', async (t) => {
  const digits = new Uint8Array(await readFile(new URL('../../models/digits.onnx', import.meta.url)));
  const image = Float32Array.from({ length: 784 }, (_, i) => ((i * 7) % 97) / 97);
  const inputs = { runs: [{ image: { data: image, dims: [1, 1, 28, 28] } }] };
  const { bytes, report } = await judged(t, digits, {}, inputs);
  assert.deepEqual(
    casts(bytes).map(({ inputs: from, outputs: to }) => [from[0], to[0]]),
    [
      ['image', 'image_float16'],
      ['logits_float16', 'logits'],
    ],
  );
  assert.ok(report.nodes.every(({ verdict }) => verdict === 'quantized'));
  // Nothing reads the normalizations' constants once these are part of the convolutions.
  const read = report.values.filter(({ name }) => !name.startsWith('norm'));
  assert.equal(read.length, 10);
  assert.ok(read.every(({ dtype }) => dtype === 'float16'));
});

test('ops that have to compute in float32 do, between one Cast in and one out', async (t) => {
  const float = model([
    ...conv,
    tensor('scales', [4], Float32Array.of(1, 1, 1.7, 2)),
    node('Resize', ['a', '', 'scales'], ['r'], 'resize', { mode: 'linear' }),
    node('Celu', ['r'], ['c1'], 'celu', { alpha: { float: 0.75 } }),
    node('Celu', ['r'], ['c2'], 'another', { alpha: { float: 0.5 } }),
    node('Add', ['c1', 'c2'], ['s'], 'add'),
    node('Sigmoid', ['s'], ['y'], 'sigmoid'),
    output('y'),
  ]);
  const { bytes, report } = await judged(t, float);
  const verdicts = Object.fromEntries(report.nodes.map(({ name, verdict }) => [name, verdict]));
  assert.deepEqual(verdicts, {
    conv: 'quantized',
    resize: 'quantized',
    celu: 'float',
    another: 'float',
    add: 'quantized',
    sigmoid: 'quantized',
  });
  assert.equal(report.values.find(({ name }) => name === 'scales').verdict, 'float');
  // x, what both Celu read, what each makes, y.
  assert.equal(casts(bytes).length, 5);
});

test('sizes and places stay exact', async (t) => {
  const float = model([
    input('x', [1, 4096]),
    tensor('bound', [], BigInt64Array.of(4096n)),
    tensor('zero', [], BigInt64Array.of(0n)),
    tensor('one', [], BigInt64Array.of(1n)),
    tensor('w', [4096], numbers(4096, 3)),
    node('Range', ['zero', 'bound', 'one'], ['places'], 'range'),
    node('Cast', ['places'], ['floats'], 'cast', { to: 1 }),
    tensor('two', [], Float32Array.of(2)),
    node('Mul', ['floats', 'two'], ['even'], 'double'),
    node('Cast', ['even'], ['indices'], 'back', { to: 7 }),
    node('Mul', ['x', 'w'], ['y'], 'weigh'),
    output('y', [1, 4096]),
    output('indices', [4096], 'int64'),
  ]);
  const inputs = { runs: [{ x: { data: numbers(4096, 5), dims: [1, 4096] } }] };
  const { bytes, report } = await quantize(float, { mode: 'float16', keepGoing: true }).then((made) => ({
    bytes: made.model,
    report: made.report,
  }));
  assert.match(report.nodes.find(({ name }) => name === 'double').reason, /sizes and places/);
  const [reference, outputs] = [await runModel(float, inputs, 'all'), await runModel(bytes, inputs, 'all')];
  assert.deepEqual(outputs.indices, reference.indices);
  assert.ok(sqnr(reference.y, outputs.y) >= floor);
  t.diagnostic(`${sqnr(reference.y, outputs.y).toFixed(1)} dB`);
});

test('inputs and outputs become float16 on request', async () => {
  const float = model([...conv, node('Relu', ['a'], ['y'], 'relu'), output('y', [1, 16, 8, 8])]);
  const { model: bytes, report } = await quantize(float, { mode: 'float16', io: 'float16', keepGoing: true });
  assert.equal(casts(bytes).length, 0);
  assert.equal(report.nodes.length, 2);
  const data = Uint16Array.from(x, toHalf);
  const exact = { runs: [{ x: { data: Float32Array.from(data, fromHalf), dims: [1, 3, 8, 8] } }] };
  const { y: reference } = await runModel(float, exact, 'disabled');
  for (const runtime of runtimes) {
    const { y } = await runModel(bytes, { runs: [{ x: { data, dims: [1, 3, 8, 8], type: 'float16' } }] }, runtime);
    assert.ok(sqnr(reference, y.map(fromHalf)) >= floor, runtime);
  }
  await assert.rejects(quantize(float, { io: 'float16' }), { code: 'usage', where: 'io' });
  await assert.rejects(quantize(float, { storage: true }), { code: 'usage', where: 'storage' });
});

test('what is chosen by name stays, and so do constants', async (t) => {
  const float = model([
    ...conv,
    node('Sigmoid', ['a'], ['s'], 'gate'),
    node('Mul', ['a', 's'], ['m'], 'times'),
    tensor('shift', [16, 1, 1], numbers(16, 6)),
    node('Add', ['m', 'shift'], ['y'], 'last'),
    output('y', [1, 16, 8, 8]),
  ]);
  const { bytes, report } = await judged(t, float, { exclude: ['gate', 'shift'] });
  assert.match(report.nodes.find(({ name }) => name === 'gate').reason, /excluded by name/);
  assert.equal(report.values.find(({ name }) => name === 'shift').verdict, 'float');
  // x, a for the gate, what the gate makes, the shift, y.
  assert.equal(casts(bytes).length, 5);
});

test('what leaves float16 is clamped, and the report says so', async () => {
  const float = model([
    ...conv,
    tensor('limit', [], Float32Array.of(1e6)),
    node('Min', ['a', 'limit'], ['y'], 'cap'),
    output('y', [1, 16, 8, 8]),
  ]);
  const { model: bytes, report } = await quantize(float, { mode: 'float16', keepGoing: true });
  assert.equal(report.values.find(({ name }) => name === 'limit').clamped, 1);
  assert.ok(report.warnings.some((warning) => /1 values beyond 65504.*'limit'/.test(warning)));
  const [reference, outputs] = [await runModel(float, feeds, 'all'), await runModel(bytes, feeds, 'all')];
  assert.ok(sqnr(reference.y, outputs.y) >= floor);
});

test('a graph that gives what it also computes with, and gives its input', async (t) => {
  const float = model([
    ...conv,
    node('Relu', ['a'], ['y'], 'relu'),
    node('Add', ['a', 'y'], ['z'], 'add'),
    output('y', [1, 16, 8, 8]),
    output('z', [1, 16, 8, 8]),
  ]);
  const { bytes } = await judged(t, float);
  assert.equal(casts(bytes).length, 3);
});

test('storage alone keeps the arithmetic in float32', async () => {
  const float = model([...conv, node('Relu', ['a'], ['y'], 'relu'), output('y', [1, 16, 8, 8])]);
  const { model: bytes } = await quantize(float, { mode: 'float16', storage: true });
  assert.deepEqual(
    casts(bytes).map(({ inputs }) => inputs[0]),
    ['w'],
  );
});

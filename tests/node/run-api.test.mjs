// Running models through the package's functions, from the built files, as a consumer calls them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { loadModel, run } from '../../dist/index.js';
import { input, model, node, numbers, output, tensor } from './lib/onnx-writer.mjs';
import { heldOutDigits } from './lib/pictures.mjs';

const digits = await readFile(new URL('../../models/digits.onnx', import.meta.url));
const [{ pixels }] = await heldOutDigits();
const image = { data: pixels, shape: [1, 1, 28, 28] };
const fails = (code, more = {}) => ({ name: 'NarrowcastError', code, ...more });

/** A chain of matrix products: long enough to be stopped in between. */
function longModel(layers, size) {
  const parts = Array.from({ length: layers }, (_, i) => [
    node('MatMul', [i === 0 ? 'x' : `h${i - 1}`, 'W'], [`h${i}`]),
  ]).flat();
  const weights = numbers(size * size).map((v) => v / Math.sqrt(size));
  return model([
    ...parts,
    tensor('W', [size, size], weights),
    input('x', [size, size]),
    output(`h${layers - 1}`, [size, size]),
  ]);
}

test('a loaded model tells what it takes, runs again and again, and says what run says', async () => {
  const loaded = await loadModel(digits);
  assert.deepEqual(loaded.inputs, [
    { name: 'image', dtype: 'float32', shape: [null, 1, 28, 28], dim_names: ['batch', '', '', ''] },
  ]);
  assert.deepEqual(
    loaded.outputs.map(({ name, dtype }) => [name, dtype]),
    [['logits', 'float32']],
  );
  const first = await loaded.run({ image });
  const { dtype, shape, data } = first.outputs.logits;
  assert.deepEqual([dtype, shape, data.constructor], ['float32', [1, 10], Float32Array]);
  assert.equal(first.profile, undefined);
  const two = await loaded.run({ image: { data: Float32Array.of(...pixels, ...pixels), shape: [2, 1, 28, 28] } });
  assert.deepEqual(two.outputs.logits.data.slice(10), data);
  const { outputs } = await run(digits, { image: { dtype: 'float32', ...image } });
  assert.deepEqual(outputs.logits.data, data);
  loaded.dispose();
  loaded.dispose();
  await assert.rejects(loaded.run({ image }), fails('usage'));
});

test('runs that overlap wait for each other; several models run beside each other', async () => {
  const [one, other] = await Promise.all([loadModel(digits), loadModel(digits)]);
  const { outputs: alone } = await one.run({ image });
  const blank = { ...image, data: new Float32Array(784) };
  const together = await Promise.all([
    one.run({ image }),
    one.run({ image: blank }),
    other.run({ image }),
    one.run({ image }),
  ]);
  for (const i of [0, 2, 3]) assert.deepEqual(together[i].outputs, alone);
  assert.notDeepEqual(together[1].outputs, alone);
  one.dispose();
  assert.deepEqual((await other.run({ image })).outputs, alone);
  other.dispose();
});

test('runs of changing shapes and sizes say what single runs say, and what was given out stays', async () => {
  const loaded = await loadModel(digits);
  const batch = (size, seed) => ({ data: numbers(784 * size, seed), shape: [size, 1, 28, 28] });
  const given = [];
  // 600 images make the engine's memory grow between two runs.
  for (const [size, seed] of [...[1, 1, 3, 1, 600, 1, 600, 2].entries()].map(([i, size]) => [size, i + 1])) {
    const image = batch(size, seed);
    const { outputs, heapBytes } = await loaded.run({ image });
    given.push({ image, outputs, heapBytes, copy: outputs.logits.data.slice() });
    image.shape[0] = 9; // what a caller does to his own list afterwards is no matter
    outputs.logits.shape.push(7);
    outputs.logits.data.fill(0, 0, 1);
  }
  assert.ok(given[4].heapBytes > given[3].heapBytes, 'the memory did not grow');
  for (const { image, outputs, copy } of given) {
    image.shape[0] = image.data.length / 784;
    const alone = await run(digits, { image });
    assert.deepEqual(alone.outputs.logits.data, copy);
    assert.deepEqual(alone.outputs.logits.shape, outputs.logits.shape.slice(0, -1));
    assert.equal(outputs.logits.data.buffer.byteLength, copy.byteLength);
    assert.deepEqual(outputs.logits.data.slice(1), copy.slice(1));
  }
  loaded.dispose();
});

test('outputs may change their shape from run to run', async () => {
  const bytes = model([
    node('NonZero', ['x'], ['where']),
    node('Relu', ['x'], ['y']),
    input('x', [4]),
    output('where', [1, 'found'], 'int64'),
    output('y', [4]),
  ]);
  const loaded = await loadModel(bytes);
  for (const list of [
    [1, 0, 2, 0],
    [1, 0, 3, 0],
    [0, 0, 0, 0],
    [1, 2, 3, 4],
    [-1, 0, 0, 0],
  ]) {
    const { outputs } = await loaded.run({ x: { data: Float32Array.from(list), shape: [4] } });
    const found = list.flatMap((value, i) => (value === 0 ? [] : [BigInt(i)]));
    assert.deepEqual(outputs.where, { dtype: 'int64', shape: [1, found.length], data: BigInt64Array.from(found) });
    assert.deepEqual(
      [...outputs.y.data],
      list.map((value) => Math.max(value, 0)),
    );
  }
  loaded.dispose();
});

test('a request that was refused does not change what the next run is fed with', async () => {
  const loaded = await loadModel(digits);
  const { outputs } = await loaded.run({ image });
  for (const wrong of [{ picture: image }, { image: { ...image, shape: [28, 28] } }, {}]) {
    await assert.rejects(loaded.run(wrong), fails('usage'));
    assert.deepEqual((await loaded.run({ image })).outputs, outputs);
  }
  await assert.rejects(loaded.run({ image }, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  assert.deepEqual((await loaded.run({ image }, { onProgress: () => {} })).outputs, outputs);
  loaded.dispose();
});

test('a normalization spelled out is one step, whatever the shape, and says the same bits', async () => {
  const gamma = numbers(5, 3);
  const bytes = model([
    node('ReduceMean', ['x'], ['mean'], 'first', { axes: [-1] }),
    node('Sub', ['x', 'mean'], ['centre']),
    node('Pow', ['centre', 'two'], ['square']),
    node('ReduceMean', ['square'], ['variance'], '', { axes: [-1] }),
    node('Add', ['variance', 'little'], ['above']),
    node('Sqrt', ['above'], ['width']),
    node('Div', ['centre', 'width'], ['even']),
    node('Mul', ['even', 'gamma'], ['y']),
    tensor('two', [], Float32Array.of(2)),
    tensor('little', [1], Float32Array.of(1e-3)),
    tensor('gamma', [5], gamma),
    input('x', ['rows', 'columns']),
    output('y', ['rows', 'columns']),
  ]);
  const [joined, apart] = await Promise.all([loadModel(bytes), loadModel(bytes, { fuse: false })]);
  // With one column the chain does not fit: the result is stretched by gamma.
  for (const shape of [
    [7, 5],
    [1, 5],
    [3, 1],
    [300, 5],
    [0, 5],
  ]) {
    const x = { shape, data: numbers(shape[0] * shape[1], 11) };
    const [one, each] = [await joined.run({ x }, { profile: true }), await apart.run({ x }, { profile: true })];
    assert.deepEqual(one.outputs, each.outputs);
    assert.equal(one.outputs.y.shape[1], 5);
    assert.deepEqual([one.profile.nodes.length, each.profile.nodes.length], [1, 8]);
  }
  const { data } = (await joined.run({ x: { shape: [1, 5], data: Float32Array.of(1, 2, 3, 4, 10) } })).outputs.y;
  const width = Math.sqrt(10 + 1e-3);
  for (const [i, x] of [1, 2, 3, 4, 10].entries()) assert.ok(Math.abs(data[i] - ((x - 4) / width) * gamma[i]) < 1e-6);
  joined.dispose();
  apart.dispose();
});

test('every element type goes in and comes out as its own array', async () => {
  const arrays = {
    float32: Float32Array.of(1.5, -2),
    float64: Float64Array.of(1.5, -2),
    float16: Uint16Array.of(0x3e00, 0xc000),
    int8: Int8Array.of(1, -2),
    int16: Int16Array.of(1, -2),
    int32: Int32Array.of(1, -2),
    int64: BigInt64Array.of(1n, -2n),
    uint8: Uint8Array.of(1, 2),
    uint16: Uint16Array.of(1, 2),
    uint32: Uint32Array.of(1, 2),
    uint64: BigUint64Array.of(1n, 2n),
    bool: Uint8Array.of(1, 0),
  };
  for (const [dtype, data] of Object.entries(arrays)) {
    const bytes = model([node('Identity', ['x'], ['y']), input('x', [2], dtype), output('y', [2], dtype)]);
    const given = ['float16', 'bool'].includes(dtype) ? { dtype, shape: [2], data } : { shape: [2], data };
    const { outputs } = await run(bytes, { x: given });
    assert.deepEqual(outputs.y, { dtype, shape: [2], data }, dtype);
  }
});

test('wrong inputs are typed errors that say what the model takes', async () => {
  const loaded = await loadModel(digits);
  const rejects = (inputs, message, where) => assert.rejects(loaded.run(inputs), fails('usage', { message, where }));
  await rejects({}, /missing/, 'image');
  await rejects({ picture: image }, /it has 'image'/, 'picture');
  await rejects({ image: { ...image, shape: [1, 784] } }, /wants float32 \[/, 'image');
  await rejects({ image: { ...image, data: Float64Array.from(pixels) } }, /wants float32.*not float64/, 'image');
  await rejects({ image: { ...image, shape: [1, 1, 28, 27] } }, /756 elements, the array 784/, 'image');
  await rejects({ image: { ...image, dtype: 'float16' } }, /does not hold float16/, 'image');
  await rejects({ image: { ...image, dtype: 'text' } }, /no element type 'text'/, 'image');
  await rejects({ image: { data: [...pixels], shape: [1, 1, 28, 28] } }, /typed array/, 'image');
  await rejects({ image: { ...image, shape: [1, 1, -28, 28] } }, /whole numbers/, 'image');
  assert.equal((await loaded.run({ image })).outputs.logits.data.length, 10);
  loaded.dispose();
});

test('wrong models and options are typed errors', async () => {
  await assert.rejects(loadModel(digits, { colour: 'red' }), fails('usage', { where: 'colour' }));
  await assert.rejects(loadModel(digits, { signature: 'none' }), fails('usage'));
  await assert.rejects(loadModel(digits.subarray(0, 999)), fails('malformed'));
  const unknown = model([node('Frobnicate', ['x'], ['y']), input('x', [2]), output('y', [2])]);
  await assert.rejects(loadModel(unknown), fails('unsupported', { message: /Frobnicate/ }));
});

test('progress counts nodes, profile measures them', async () => {
  const seen = [];
  const options = { profile: true, onProgress: (progress) => seen.push(progress) };
  const { profile, heapBytes } = await run(digits, { image }, options);
  const { nodes, peakBytes, heldBytes, boundBytes } = profile;
  assert.deepEqual(
    seen.map(({ done }) => done),
    [...seen.keys()],
  );
  assert.equal(seen.at(-1).done, seen.at(-1).total);
  assert.equal(nodes.length, seen.at(-1).total);
  assert.ok(nodes.every(({ name, op, ms, bytes }) => name !== '' && op !== '' && ms >= 0 && bytes > 0));
  assert.ok(nodes.some(({ joined }) => joined.length > 0));
  assert.ok(peakBytes > digits.length / 2 && heapBytes > peakBytes, `${peakBytes} ${heapBytes}`);
  assert.ok(heldBytes < boundBytes && boundBytes <= peakBytes, `${heldBytes} ${boundBytes} ${peakBytes}`);
  const apart = await run(digits, { image }, { profile: true, fuse: false });
  assert.ok(apart.profile.nodes.length > nodes.length);
});

test('a profile is of its own run', async () => {
  const loaded = await loadModel(digits);
  const [first, second] = [
    await loaded.run({ image }, { profile: true }),
    await loaded.run({ image }, { profile: true }),
  ];
  assert.deepEqual(
    second.profile.nodes.map(({ bytes }) => bytes),
    first.profile.nodes.map(({ bytes }) => bytes),
  );
  assert.equal((await loaded.run({ image })).profile, undefined);
  loaded.dispose();
});

test('a long run lets others have their turn, and is stopped between two nodes', async () => {
  const loaded = await loadModel(longModel(400, 256));
  const inputs = { x: { shape: [256, 256], data: numbers(256 * 256, 5) } };
  const controller = new AbortController();
  const reason = new Error('enough');
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
    if (turns === 3) controller.abort(reason);
  }, 1);
  await assert.rejects(loaded.run(inputs, { signal: controller.signal }), reason);
  clearInterval(timer);
  assert.equal(turns, 3);
  await assert.rejects(loaded.run(inputs, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  const seen = [];
  await assert.rejects(
    loaded.run(inputs, {
      onProgress: ({ done }) => {
        seen.push(done);
        if (done === 5) loaded.dispose();
      },
    }),
    fails('usage', { message: /disposed/ }),
  );
  assert.equal(seen.at(-1), 5);
});

test('a fault ends the model that met it, and no other', async () => {
  const { holdEngine } = await import('../../dist/engine.js');
  const other = await loadModel(digits);
  const held = await holdEngine();
  const fault = () =>
    held.guard(() => {
      throw new WebAssembly.RuntimeError('unreachable');
    });
  assert.throws(fault, fails('engine_trap'));
  assert.throws(() => held.guard(() => 1), fails('engine_trap'));
  held.release();
  assert.equal((await other.run({ image })).outputs.logits.data.length, 10);
  other.dispose();
});

// The package's functions, from the built files, as a consumer calls them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import * as narrowcast from '../../dist/index.js';

const digits = await readFile(new URL('../../models/digits.onnx', import.meta.url));
const same = (a, b) => Buffer.compare(a, b) === 0;
const fails = (code, more = {}) => ({ name: 'NarrowcastError', code, ...more });

test('quantize narrows bytes, an ArrayBuffer, a Blob and a stream to the same file', async () => {
  const { model, externalData, report } = await narrowcast.quantize(digits);
  assert.ok(model.length < digits.length * 0.3, `${model.length} of ${digits.length} bytes`);
  assert.deepEqual(externalData, {});
  assert.equal(report.schema_version, 1);
  assert.equal(report.output_bytes, model.length);
  const buffer = new Uint8Array(digits).buffer;
  const stream = async function* () {
    for (let i = 0; i < digits.length; i += 1000) yield digits.subarray(i, i + 1000);
  };
  for (const source of [buffer, new Blob([digits]), { size: digits.length, stream }]) {
    const again = await narrowcast.quantize(source);
    assert.ok(same(again.model, model));
  }
});

test('quantizeTo hands out the same bytes in chunks, dryRun the same report without any', async () => {
  const whole = await narrowcast.quantize(digits, { mode: 'float16' });
  const chunks = [];
  const { report, files } = await narrowcast.quantizeTo(
    digits,
    (chunk, file) => {
      assert.equal(file.name, '');
      chunks.push(chunk);
    },
    { mode: 'float16' },
  );
  assert.ok(same(Buffer.concat(chunks), whole.model));
  assert.deepEqual(files, [{ name: '', size: whole.model.length }]);
  assert.deepEqual(report, whole.report);
  assert.deepEqual((await narrowcast.dryRun(digits, { mode: 'float16' })).report, whole.report);
});

test('options and a recipe say the same; options win', async () => {
  const options = await narrowcast.quantize(digits, { weights: 'int4', blockSize: 16 });
  const recipe = await narrowcast.quantize(digits, { recipe: { weights: 'int4', block_size: 16 } });
  const both = await narrowcast.quantize(digits, { recipe: { weights: 'int4', block_size: 64 }, blockSize: 16 });
  assert.ok(same(options.model, recipe.model));
  assert.ok(same(options.model, both.model));
});

test('wrong requests are typed errors that name the key', async () => {
  await assert.rejects(
    narrowcast.quantize(digits, { blocksize: 16 }),
    fails('usage', { where: 'blocksize', number: 2 }),
  );
  await assert.rejects(narrowcast.quantize(digits, { blockSize: 7 }), fails('usage', { where: 'block_size' }));
  await assert.rejects(narrowcast.quantize(digits, { recipe: { colour: 'red' } }), fails('usage', { where: 'colour' }));
  await assert.rejects(narrowcast.quantize(digits, { only: ['nothing*'] }), fails('would_not_help'));
});

test('what is no model, or is cut short, is malformed', async () => {
  await assert.rejects(narrowcast.quantize(new Uint8Array(0)), fails('malformed'));
  await assert.rejects(narrowcast.inspect(new TextEncoder().encode('hello, this is text')), fails('malformed'));
  await assert.rejects(narrowcast.quantize(digits.subarray(0, digits.length / 2)), fails('malformed'));
});

test('a file that no engine can hold is out_of_memory, before a byte is read', async () => {
  const stream = () => assert.fail('read all the same');
  for (const size of [2 ** 32 - 4096, 2 ** 33]) {
    await assert.rejects(narrowcast.quantize({ size, stream }), fails('out_of_memory'));
  }
  assert.ok((await narrowcast.quantize(digits)).model.length > 0);
});

test('a stream of another length than announced is refused', async () => {
  for (const size of [digits.length - 1, digits.length + 1]) {
    await assert.rejects(narrowcast.quantize({ size, stream: () => new Blob([digits]).stream() }), fails('usage'));
  }
});

test('progress rises from reading to the last byte', async () => {
  const seen = [];
  await narrowcast.quantize(digits, { onProgress: (progress) => seen.push(progress) });
  const fractions = seen.map((p) => p.fraction);
  assert.deepEqual(
    fractions,
    fractions.toSorted((a, b) => a - b),
  );
  assert.equal(fractions.at(-1), 1);
  assert.deepEqual([...new Set(seen.map((p) => p.phase))], ['reading', 'weights', 'writing']);
});

test('an abort rejects with its reason, between two steps as well as before the first', async () => {
  await assert.rejects(narrowcast.quantize(digits, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  const controller = new AbortController();
  const reason = new Error('enough');
  const onProgress = ({ phase }) => phase === 'weights' && controller.abort(reason);
  await assert.rejects(narrowcast.quantize(digits, { signal: controller.signal, onProgress }), reason);
});

test('calls that overlap do not disturb each other', async () => {
  const options = [{}, { weights: 'int4' }, { mode: 'float16' }];
  const alone = [];
  for (const option of options) alone.push(await narrowcast.quantize(digits, option));
  const together = await Promise.all(options.map((option) => narrowcast.quantize(digits, option)));
  for (const [i, { model }] of together.entries()) assert.ok(same(model, alone[i].model));
});

test('inspect and describe tell what the model is and what the engine can do', async () => {
  const model = await narrowcast.inspect(digits);
  assert.deepEqual(
    model.inputs.map((i) => [i.name, i.dtype, i.shape]),
    [['image', 'float32', [null, 1, 28, 28]]],
  );
  assert.equal(model.bytes, digits.length);
  const description = await narrowcast.describe();
  assert.deepEqual(narrowcast.recipeSettings, description.recipe);
});

test('init takes the engine as bytes, a compiled module or a Response', async () => {
  const bytes = await readFile(new URL('../../dist/narrowcast.wasm', import.meta.url));
  assert.ok(bytes.length < 1.8e6, `the engine has ${bytes.length} bytes`);
  const headers = { 'content-type': 'application/wasm' };
  const before = await narrowcast.quantize(digits);
  for (const wasm of [bytes, WebAssembly.compile(bytes), new Response(bytes), new Response(bytes, { headers })]) {
    await narrowcast.init({ wasm });
    assert.ok(same((await narrowcast.quantize(digits)).model, before.model));
  }
});

test('a fault discards the engine, is told as engine_trap, and the next call has a new one', async () => {
  const { withEngine } = await import('../../dist/engine.js');
  const trap = (lent) => lent.guard(() => new WebAssembly.Instance(trapping).exports.f());
  // (module (func (export "f") unreachable))
  const trapping = new WebAssembly.Module(
    Buffer.from('0061736d0100000001040160000003020100070501016600000a05010300000b', 'hex'),
  );
  await assert.rejects(
    withEngine(async (lent) => trap(lent)),
    fails('engine_trap'),
  );
  assert.ok((await narrowcast.quantize(digits)).model.length > 0);
});

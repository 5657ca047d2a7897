// The recipe file: its schema, read by a validator that knows nothing of us, and what rules and overrides do.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { describe, quantize } from 'narrowcast';
import { narrowcast, temporaryFolder } from './lib/cli.mjs';

const root = new URL('../../', import.meta.url);
const digits = await readFile(new URL('models/digits.onnx', root));
const schema = JSON.parse(await readFile(new URL('dist/recipe.schema.json', root), 'utf8'));
const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
const samples = [1, 2].map((seed) => ({
  image: { data: Float32Array.from({ length: 784 }, (_, i) => Math.abs(Math.sin(i * seed))), shape: [1, 1, 28, 28] },
}));

const sound = [
  {},
  { mode: 'weight-only', rules: [{ names: ['conv0'], weights: 'int4', block_size: 16 }] },
  { mode: 'dynamic-range', rules: [{ op_types: ['Conv'], depth: [0, -3], in_float: true }] },
  { mode: 'weight-only', values: [{ names: ['logits'], min: -4, max: 4, symmetric: true }] },
];
const unsound = [
  { mod: 'float16' },
  { mode: 'int8' },
  { rules: { names: ['a'] } },
  { rules: [{ name: 'a', in_float: true }] },
  { rules: [{ names: ['a'], depth: [1], in_float: true }] },
  { rules: [{ names: ['a'], weights: 'int3' }] },
  { values: [{ names: ['a'], min: 'low' }] },
  { percentile: 'most' },
  { only: 'conv0' },
];

test('schema and engine agree on what a recipe is', async () => {
  const { recipes } = await describe();
  for (const recipe of [...sound, ...recipes.map((one) => one.recipe)]) {
    assert.ok(validate(recipe), JSON.stringify([recipe, validate.errors]));
  }
  for (const recipe of sound) await quantize(digits, { recipe });
  for (const recipe of unsound) {
    assert.ok(!validate(recipe), JSON.stringify(recipe));
    await assert.rejects(quantize(digits, { recipe }), { code: 'usage' }, JSON.stringify(recipe));
  }
});

test('a rule keeps nodes in float, a range of the recipe is what is written', async () => {
  const recipe = {
    mode: 'full-integer',
    placement: 'widest',
    rules: [{ depth: [-1, -1], in_float: true }],
    values: [{ names: ['image'], min: -0.5, max: 2.05 }],
  };
  const { report } = await quantize(digits, { recipe, calibration: samples, judge: false });
  const last = report.nodes.at(-1);
  assert.equal(last.verdict, 'float');
  assert.match(last.reason, /rule 1/);
  const image = report.activations.find(({ name }) => name === 'image');
  assert.ok(Math.abs(image.scale - 0.01) < 1e-8, `${image.scale}`);
  assert.equal(image.zero_point, 50);
});

test('a saved recipe gives the same file, and knows its schema', async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'digits.onnx'), digits);
  const first = await narrowcast(
    ['digits.onnx', '--recipe', 'torch-dynamic', '--save-recipe', 'saved.json', '-o', 'a.onnx'],
    { cwd },
  );
  assert.equal(first.code, 0, first.stderr);
  const saved = JSON.parse(await readFile(join(cwd, 'saved.json'), 'utf8'));
  assert.ok(validate(saved), JSON.stringify(validate.errors));
  assert.match(saved.$schema, /recipe\.schema\.json$/);
  const second = await narrowcast(['digits.onnx', '--recipe', 'saved.json', '-o', 'b.onnx'], { cwd });
  assert.equal(second.code, 0, second.stderr);
  assert.deepEqual(await readFile(join(cwd, 'a.onnx')), await readFile(join(cwd, 'b.onnx')));
});

test('a recipe that is neither ours nor a file is named', async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'digits.onnx'), digits);
  const { code, stderr } = await narrowcast(['digits.onnx', '--recipe', 'ort-dynamic'], { cwd });
  assert.equal(code, 2);
  assert.match(stderr, /ort-dynamic/);
  await assert.rejects(quantize(digits, { recipe: 'ort-dynamic' }), { code: 'usage' });
});

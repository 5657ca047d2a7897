import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { tfliteModels } from './lib/tflite-models.mjs';
import { diffTflite, readTflite } from './lib/tflite-reader.mjs';

const models = tfliteModels();

test('finds real models', {
  skip: models.length > 0 ? false : 'no TFLite models: set NARROWCAST_MODELS, or run npm ci',
}, () => {});

for (const { name, path } of models) {
  test(`reads ${name}`, async () => {
    const bytes = new Uint8Array(readFileSync(path));
    const model = await readTflite(bytes);
    assert.equal(model.version, 3);
    assert.ok(model.subgraphs.length > 0);
    for (const subgraph of model.subgraphs) {
      assert.ok(subgraph.operators.length > 0);
      for (const op of subgraph.operators) assert.ok(op.opcodeIndex < model.operatorCodes.length);
      for (const tensor of subgraph.tensors) assert.ok(tensor.buffer < model.buffers.length);
    }
    assert.deepEqual(diffTflite(model, await readTflite(bytes)), []);
  });
}

test('names what differs', () => {
  const a = { list: [{ x: 1n, data: new Uint8Array([1, 2]) }, null], name: 'm', nan: Number.NaN };
  assert.deepEqual(diffTflite(a, structuredClone(a)), []);
  const b = { list: [{ x: 2n, data: new Uint8Array([1, 3]) }], name: null, nan: Number.NaN };
  assert.deepEqual(diffTflite(a, b), ['list.length', 'list[0].x', 'list[0].data', 'name']);
});

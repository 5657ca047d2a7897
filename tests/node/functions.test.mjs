// Ops that a model defines itself run as onnxruntime runs them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { inspect, loadModel } from '../../dist/index.js';
import { input, localFunction, model, node, numbers, output } from './lib/onnx-writer.mjs';
import { runModel } from './lib/ort-judge.mjs';

const leaky = localFunction(
  'Leaky',
  ['a'],
  ['b'],
  [node('LeakyRelu', ['a'], ['c'], 'leak', { alpha: { reference: 'slope' } }), node('Neg', ['c'], ['b'], 'turn')],
  ['slope'],
);
const twice = localFunction(
  'Twice',
  ['x', 'y'],
  ['sum', 'first'],
  [
    node('Leaky', ['x'], ['p'], 'one', { slope: { float: 0.25 } }, 'own'),
    node('Leaky', ['y'], ['q'], 'two', { slope: { float: 0.5 } }, 'own'),
    node('Add', ['p', 'q'], ['sum'], 'add'),
    node('Identity', ['x'], ['first'], 'same'),
  ],
);

const bytes = model(
  [
    input('u', [2, 5]),
    input('v', [5]),
    node('Twice', ['u', 'v'], ['w', 'copy'], 'call', {}, 'own'),
    node('Leaky', ['w'], ['z'], 'without', {}, 'own'),
    output('z', [2, 5]),
    output('copy', [2, 5]),
  ],
  17,
  [leaky, twice],
);

test('functions, nested, with attributes given and left out', async () => {
  const u = { data: numbers(10, 1), dims: [2, 5] };
  const v = { data: numbers(5, 2), dims: [5] };
  const expected = await runModel(bytes, { runs: [{ u, v }] });
  assert.deepEqual((await inspect(bytes)).missing_ops, []);
  const loaded = await loadModel(bytes);
  const { outputs } = await loaded.run({ u: { shape: u.dims, data: u.data }, v: { shape: v.dims, data: v.data } });
  loaded.dispose();
  for (const name of ['z', 'copy']) assert.deepEqual(Array.from(outputs[name].data), expected[name], name);
});

test('functions that call each other in a circle are refused', async () => {
  const a = localFunction('A', ['x'], ['y'], [node('B', ['x'], ['y'], 'b', {}, 'own')]);
  const b = localFunction('B', ['x'], ['y'], [node('A', ['x'], ['y'], 'a', {}, 'own')]);
  const circle = model([input('x', [1]), node('A', ['x'], ['y'], 'call', {}, 'own'), output('y', [1])], 17, [a, b]);
  await assert.rejects(loadModel(circle), { code: 'malformed', message: /circle/ });
});

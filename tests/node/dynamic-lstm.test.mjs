// Mode dynamic-range on LSTMs: onnxruntime's DynamicQuantizeLSTM, its results against float ones and against ours.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadModel, quantize } from 'narrowcast';
import { sqnr } from './lib/figures.mjs';
import { nodesOf } from './lib/onnx-records.mjs';
import { input, model, node, numbers, output, tensor } from './lib/onnx-writer.mjs';
import { runModel } from './lib/ort-judge.mjs';

const [steps, batch, width, hidden] = [5, 2, 24, 16];

/** An LSTM of one or two directions; `results` names its three outputs, '' where one is not wanted. */
function network(direction, results, extra = {}) {
  const directions = direction === 'bidirectional' ? 2 : 1;
  const shapes = {
    y: [steps, directions, batch, hidden],
    h: [directions, batch, hidden],
    c: [directions, batch, hidden],
  };
  const weight = (name, last, seed) =>
    tensor(
      name,
      [directions, 4 * hidden, last],
      numbers(directions * 4 * hidden * last, seed).map((v) => v / 2),
    );
  const attributes = { hidden_size: hidden, direction, ...extra };
  return model([
    input('x', [steps, batch, width]),
    weight('W', width, 3),
    weight('R', hidden, 5),
    tensor('B', [directions, 8 * hidden], numbers(directions * 8 * hidden, 7)),
    node('LSTM', ['x', 'W', 'R', 'B'], results, 'layer', attributes),
    ...results.filter(Boolean).map((name) => output(name, shapes[name])),
  ]);
}

const feeds = {
  runs: [1, 2].map((seed) => ({ x: { data: numbers(steps * batch * width, seed), dims: [steps, batch, width] } })),
};

async function ours(bytes) {
  const session = await loadModel(bytes);
  const all = {};
  for (const { x } of feeds.runs) {
    const { outputs } = await session.run({ x: { data: x.data, shape: x.dims } });
    for (const [name, { data }] of Object.entries(outputs)) all[name] = [...(all[name] ?? []), ...data];
  }
  session.dispose();
  return all;
}

const cases = {
  forward: network('forward', ['y', 'h', 'c']),
  reverse: network('reverse', ['y', '', '']),
  bidirectional: network('bidirectional', ['', 'h', 'c']),
};

for (const [name, bytes] of Object.entries(cases)) {
  for (const perChannel of [true, false]) {
    test(`${name}, ${perChannel ? 'per channel' : 'per tensor'}`, async (t) => {
      const { model: made, report } = await quantize(bytes, { mode: 'dynamic-range', perChannel, keepGoing: true });
      assert.deepEqual(
        nodesOf(made).map(({ op }) => op),
        ['DynamicQuantizeLSTM'],
      );
      assert.match(report.nodes[0].reason, /DynamicQuantizeLSTM/);
      const float = await runModel(bytes, feeds, 'disabled');
      const here = await ours(made);
      for (const runtime of ['all', 'web']) {
        const there = await runModel(made, feeds, runtime);
        for (const output of Object.keys(float)) {
          const kept = sqnr(float[output], there[output]);
          const same = sqnr(there[output], here[output]);
          t.diagnostic(
            `${runtime} ${output}: ${kept.toFixed(1)} dB against float, ours ${same.toFixed(1)} dB against it`,
          );
          assert.ok(kept >= 25, `${kept}`);
          assert.ok(same >= 60, `${same}`);
        }
      }
    });
  }
}

test('where one weight stays in float, the other is widened', async () => {
  const { model: made, report } = await quantize(cases.forward, {
    mode: 'dynamic-range',
    exclude: ['R'],
    keepGoing: true,
  });
  assert.ok(!nodesOf(made).some(({ op }) => op === 'DynamicQuantizeLSTM'));
  assert.ok(report.nodes.length > 0);
});

// What the report calls integer or float, against the graph that onnxruntime really runs.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { describe, inspect, quantize } from '../../dist/index.js';
import { samplesOf } from './lib/figures.mjs';
import { oneOpModels } from './lib/one-op-models.mjs';
import { onnxModels } from './lib/onnx-models.mjs';
import { withNodeNames } from './lib/onnx-records.mjs';
import { integerKernels, movers, optimizedNodes } from './lib/ort-dump.mjs';

const targets = ['ort-cpu-x86-vnni', 'ort-cpu-x86', 'ort-web-wasm', 'portable'];
const floor = 0.95;

/** {called, broken, strays}: nodes called integer, those of them that are not, and integer ones that are called float. */
async function compareForecast({ model, report }) {
  const runs = integerKernels(await optimizedNodes(model));
  const [broken, strays] = [[], []];
  let called = 0;
  for (const { name, op, verdict, reason } of report.nodes) {
    const isInteger = runs.get(name);
    // What only moves data may go, or be joined with others of its kind.
    if (isInteger === undefined && movers.has(op)) continue;
    if (verdict !== 'quantized') {
      if (isInteger) strays.push(`${op} ${name}`);
    } else if (!/where it clamps/.test(reason)) {
      called += 1;
      if (!isInteger) broken.push(`${op} ${name}`);
    }
  }
  return { called, broken, strays };
}

for (const { name, path, inputs: makeInputs, skip } of onnxModels) {
  test(`${name}: what is called integer is`, { skip }, async (t) => {
    // Nodes are told by their names, which some models leave out.
    const bytes = withNodeNames(new Uint8Array(await readFile(path)));
    const calibration = samplesOf(await makeInputs());
    for (const target of targets) {
      const narrowed = await quantize(bytes, { calibration, target, workers: 1, keepGoing: true, judge: false });
      const told = (await inspect(bytes)).targets.find((forecast) => forecast.target === target);
      const { nodes } = narrowed.report;
      if (!nodes.some(({ reason }) => /no sample/.test(reason))) {
        assert.equal(told.integer_nodes, nodes.filter(({ verdict }) => verdict === 'quantized').length);
        assert.equal(told.nodes, nodes.length);
      }
      const { called, broken, strays } = await compareForecast(narrowed);
      t.diagnostic(`${name} ${target}: ${called - broken.length} of ${called}; ${broken.join(', ')}`);
      assert.deepEqual(strays, [], 'called float, but computed in integers');
      assert.ok(called - broken.length >= floor * called, broken.join(', '));
    }
  });
}

test("every row of a verified target is onnxruntime's", async (t) => {
  const rows = new Map();
  for (const { verified, ops } of (await describe()).targets) {
    for (const { type } of verified ? ops : []) rows.set(type, true);
  }
  const models = oneOpModels();
  assert.deepEqual([...rows.keys()].sort(), Object.keys(models).sort());
  for (const [type, { bytes, calibration }] of Object.entries(models)) {
    await t.test(type, async () => {
      const narrowed = await quantize(bytes, {
        calibration,
        target: targets[0],
        placement: 'widest',
        workers: 1,
        keepGoing: true,
        judge: false,
      });
      const about = narrowed.report.nodes.find(({ name }) => name === 'judged');
      assert.equal(about.verdict, 'quantized', about.reason);
      const { broken, strays } = await compareForecast(narrowed);
      assert.deepEqual([broken, strays], [[], []]);
    });
  }
});

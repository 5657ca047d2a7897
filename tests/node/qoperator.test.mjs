// Style qoperator in the integer modes: ops that take codes, as onnxruntime makes them of pairs.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { quantize } from '../../dist/index.js';
import { samplesOf, worstSqnr } from './lib/figures.mjs';
import { onnxModels } from './lib/onnx-models.mjs';
import { nodesOf } from './lib/onnx-records.mjs';
import { runModel } from './lib/ort-judge.mjs';
import { runHere } from './lib/our-runs.mjs';

const isPair = ({ op }) => /^(Quantize|Dequantize)Linear$/.test(op);
const count = (nodes, pattern) => nodes.filter(({ op }) => pattern.test(op)).length;

for (const { name, path, inputs: makeInputs, judged, skip } of onnxModels) {
  test(`${name} in operators`, { skip }, async (t) => {
    const bytes = new Uint8Array(await readFile(path));
    const inputs = await makeInputs();
    const options = { calibration: samplesOf(inputs), workers: 1, keepGoing: true, judge: false };
    const pairs = await quantize(bytes, options);
    const operators = await quantize(bytes, { ...options, style: 'qoperator' });
    const [before, after] = [nodesOf(pairs.model), nodesOf(operators.model)];
    const made = operators.report.nodes.filter(
      ({ op, verdict }) => verdict === 'quantized' && /^(Conv|MatMul|Gemm|Add)$/.test(op),
    );
    assert.equal(count(after, /^(QLinear(Conv|MatMul|Add)|QGemm)$/), made.length);
    assert.ok(count(after, /./) < count(before, /./));
    // What onnxruntime makes of pairs computes the same; where nothing is joined, the ops are float's.
    const reference = await runModel(pairs.model, inputs, 'all');
    for (const runtime of ['disabled', 'all', 'web']) {
      const figure = worstSqnr(reference, await runModel(operators.model, inputs, runtime), judged);
      t.diagnostic(
        `${name}: ${before.filter(isPair).length} -> ${after.filter(isPair).length} halves of pairs, ${runtime} ${figure.toFixed(1)} dB`,
      );
      assert.ok(figure >= (runtime === 'all' ? Infinity : 20), `${runtime}: ${figure} dB`);
    }
  });
}

// One graph with every operator; digits, whose codes must be onnxruntime's one by one.
for (const name of ['digits', 'ocr_cls', 'ultraface', 'yunet']) {
  const found = onnxModels.find((model) => model.name === name);
  test(`${name} in operators runs here as in onnxruntime`, { skip: found.skip }, async (t) => {
    const bytes = new Uint8Array(await readFile(found.path));
    const inputs = await found.inputs();
    const wish = { calibration: samplesOf(inputs), workers: 1, keepGoing: true, judge: false, placement: 'widest' };
    const { model } = await quantize(bytes, { ...wish, style: 'qoperator' });
    const reference = await runModel(model, inputs, 'disabled');
    const own = Object.entries(await runHere(model, inputs)).map(([name, { values }]) => [name, values]);
    const figure = worstSqnr(reference, Object.fromEntries(own), found.judged);
    t.diagnostic(
      `${name}: ${figure.toFixed(1)} dB; ${nodesOf(model).filter(({ op }) => /^Q(Linear|Gemm)/.test(op)).length} operators`,
    );
    assert.ok(figure >= (name === 'digits' ? Infinity : 30), `${figure} dB`);
  });
}

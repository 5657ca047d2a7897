// Models of integers only: inputs, outputs and every op, judged by onnxruntime.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import * as ort from 'onnxruntime-node';
import { quantize } from '../../dist/index.js';
import { samplesOf, sqnr } from './lib/figures.mjs';
import { onnxModels } from './lib/onnx-models.mjs';
import { input, model, node, numbers, output, tensor } from './lib/onnx-writer.mjs';
import { integerKernels, optimizedNodes } from './lib/ort-dump.mjs';
import { runModel } from './lib/ort-judge.mjs';

const digits = onnxModels.find(({ name }) => name === 'digits');
const codesOf = (report, name) => report.activations.find((activation) => activation.name === name);

async function narrowDigits(options) {
  const bytes = new Uint8Array(await readFile(digits.path));
  const inputs = await digits.inputs();
  const narrowed = await quantize(bytes, { calibration: samplesOf(inputs), workers: 1, ...options });
  return { bytes, inputs, ...narrowed };
}

/** Runs the model on codes of what the float model takes; gives what its codes stand for. */
async function runOnCodes({ model: bytes, report }, { runs }, dtype) {
  const [taken, given] = [codesOf(report, 'image'), codesOf(report, 'logits')];
  const [low, high, Codes] = dtype === 'int8' ? [-128, 127, Int8Array] : [0, 255, Uint8Array];
  const code = (v) => Math.min(high, Math.max(low, Math.round(v / taken.scale) + taken.zero_point));
  const coded = runs.map(({ image: { data, dims } }) => ({
    image: { data: Codes.from(data, code), dims, type: dtype },
  }));
  const { logits } = await runModel(bytes, { runs: coded }, 'all');
  return logits.map((q) => given.scale * (q - given.zero_point));
}

for (const dtype of ['uint8', 'int8']) {
  test(`digits in integers only, ${dtype}`, async (t) => {
    const made = await narrowDigits({ mode: 'integer-only', activations: dtype });
    const session = await ort.InferenceSession.create(made.model);
    for (const { type } of [...session.inputMetadata, ...session.outputMetadata]) assert.equal(type, dtype);
    await session.release();
    const { logits } = await runModel(made.bytes, made.inputs, 'disabled');
    const decibels = sqnr(logits, await runOnCodes(made, made.inputs, dtype));
    t.diagnostic(`${decibels.toFixed(1)} dB; judged here ${made.report.judged.sqnr_db.toFixed(1)} dB`);
    assert.ok(decibels >= 30, `${decibels} dB`);
    assert.ok(Math.abs(decibels - made.report.judged.sqnr_db) < 3);
    // On x86 onnxruntime makes pairs of int8 uint8, which leaves the ops at the borders in float.
    if (dtype === 'int8') return;
    const nodes = await optimizedNodes(made.model);
    const kernels = integerKernels(nodes);
    assert.ok(made.report.nodes.every(({ name, reason }) => kernels.get(name) ?? /clamps/.test(reason)));
    assert.deepEqual(
      nodes.filter(({ op }) => /^(Quantize|Dequantize)Linear$/.test(op)),
      [],
    );
  });
}

test('full-integer takes codes where it is asked to', async () => {
  const { model: bytes } = await narrowDigits({ io: 'uint8' });
  const session = await ort.InferenceSession.create(bytes);
  assert.deepEqual([session.inputMetadata[0].type, session.outputMetadata[0].type], ['uint8', 'uint8']);
  await session.release();
});

test('what blocks integers is listed whole, before anything is written', async () => {
  const bytes = model([
    input('x', [1, 8]),
    node('MatMul', ['x', 'w'], ['a'], 'product'),
    node('Erf', ['a'], ['b'], 'first'),
    node('Tan', ['b'], ['y'], 'second'),
    tensor('w', [8, 8], numbers(64, 1)),
    output('y', [1, 8]),
  ]);
  const calibration = [{ x: { data: numbers(8, 2), shape: [1, 8] } }];
  await assert.rejects(quantize(bytes, { calibration, mode: 'integer-only', workers: 1 }), (error) => {
    assert.equal(error.code, 'unsupported');
    assert.equal(error.where, 'first');
    assert.match(error.message, /2 ops[\s\S]*first \(Erf\)[\s\S]*second \(Tan\)/);
    return true;
  });
  for (const wish of [{ mode: 'integer-only', io: 'float32' }, { io: 'int8' }, { mode: 'float16', io: 'uint8' }]) {
    await assert.rejects(quantize(bytes, { calibration, workers: 1, ...wish }), { code: 'usage', where: 'io' });
  }
});

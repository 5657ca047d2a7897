// Every real ONNX model in every mode, judged by onnxruntime: it loads, runs, and says what the float model says.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { quantize } from '../../dist/index.js';
import { agreement, judge, worstSqnr } from './lib/figures.mjs';
import { modes, onnxModels } from './lib/onnx-models.mjs';
import { runModel } from './lib/ort-judge.mjs';

const floors = { int8: 30, uint8: 30, float16: 40, float16_storage: 40 };
const ratios = { int8: 0.3, uint8: 0.3, int4: 0.19, float16: 0.52, float16_storage: 0.52 };
// 88 kB in all, so that names and the widening ops count; measured 0.191.
const ratioExceptions = { 'cnn_mnist_pytorch int4': 0.192 };

// Below the floor, with the figure measured. Saturating outputs move where they are steep: `agrees` counts decisions.
const exceptions = {
  'ocr_det int8': { sqnr: 20.8, agrees: 0.99 },
  'ocr_det uint8': { sqnr: 23.8, agrees: 0.99 },
  'ocr_rec int8': { sqnr: 26.3, agrees: 1 },
  // No face that it knows: the objectness outputs are below 0.003, and noise is measured against that.
  'yunet int8': { sqnr: 7.3, agrees: 0.95 },
  'yunet uint8': { sqnr: 10.2, agrees: 0.95 },
};
// What a mode cannot do for a model, and the code it says so with.
const refusals = (model, mode) =>
  mode.endsWith('qoperator') && !['ocr_rec', 'ocr_cls'].includes(model) ? 'would_not_help' : undefined;

for (const { name, path, inputs: makeInputs, judged, answer, weightsDominate, skip } of onnxModels) {
  test(`${name} runs in onnxruntime in every mode`, { skip }, async (t) => {
    const bytes = await readFile(path);
    const inputs = await makeInputs();
    const reference = await runModel(bytes, inputs, 'disabled');
    for (const [mode, options] of Object.entries(modes)) {
      await t.test(mode, async (t) => {
        const refusal = refusals(name, mode);
        if (refusal !== undefined) return assert.rejects(quantize(bytes, options), { code: refusal });
        const { model, report } = await quantize(bytes, options);
        const ratio = model.length / bytes.length;
        const figures = [];
        for (const runtime of ['disabled', 'all', 'web']) {
          const outputs = await runModel(model, inputs, runtime);
          const figure = worstSqnr(reference, outputs, judged);
          const agrees = agreement(answer, reference, outputs);
          figures.push(`${runtime} ${figure.toFixed(1)} dB ${(100 * agrees).toFixed(1)} %`);
          assert.ok(Object.values(outputs).every((values) => values.every(Number.isFinite)));
          judge({ figure, floor: floors[mode], exception: exceptions[`${name} ${mode}`], agrees, report });
        }
        t.diagnostic(`${name} ${mode}: size ${ratio.toFixed(3)}; ${figures.join('; ')}`);
        const limit = weightsDominate ? (ratioExceptions[`${name} ${mode}`] ?? ratios[mode] ?? 1) : 1;
        assert.ok(ratio <= limit, `size ratio ${ratio.toFixed(4)}`);
      });
    }
  });
}

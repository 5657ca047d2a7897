// Every real TFLite model in every mode, judged by LiteRT: it loads, runs without an error, and says what the float
// model says.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { quantize } from '../../dist/index.js';
import { agreement, judge, worstSqnr } from './lib/figures.mjs';
import { makeLiteRtJudge } from './lib/litert-judge.mjs';
import { tfliteModels, tfliteModes } from './lib/litert-models.mjs';

const floors = { int8: 30, float16: 40, dynamic_range: 25, dynamic_range_all: 25 };

// Below the floor, with the figure measured: classifiers and masks that are shown a drawing they are unsure about.
const exceptions = {
  'selfie_segmentation int8': { sqnr: 4.3, agrees: 0.95 },
  'selfie_segmentation_landscape int8': { sqnr: 20.3, agrees: 0.99 },
  'cifar10_cnn int8': { sqnr: 27.1, agrees: 1 },
  'deeplabv3_257 int8': { sqnr: 26.3, agrees: 0.99 },
  'resnet8_cifar10 int8': { sqnr: 11.4, agrees: 1 },
  'selfie_segmentation dynamic_range': { sqnr: 1.5, agrees: 0.96 },
  'selfie_segmentation dynamic_range_all': { sqnr: 2.1, agrees: 0.96 },
  'resnet8_cifar10 dynamic_range': { sqnr: 10.8, agrees: 1 },
  'resnet8_cifar10 dynamic_range_all': { sqnr: 8, agrees: 1 },
  // Depthwise weights of fewer than 1024 elements: what their kernel does to the data costs more than they save.
  'deeplabv3_257 dynamic_range_all': { sqnr: 16.7, agrees: 0.94 },
};

// Weights that are float16 or sparse already, or a model that is all structure.
const refusals = [
  'face_detection_full_range float16',
  'face_detection_full_range_sparse int8',
  'face_detection_full_range_sparse float16',
  'face_detection_short_range float16',
  'selfie_segmentation float16',
  'selfie_segmentation_landscape float16',
  'hello_world int4',
  'hello_world dynamic_range',
  'hello_world dynamic_range_per_tensor',
];

const lite = await makeLiteRtJudge();

for (const { name, path, feeds, answer, unjudged, skip } of tfliteModels) {
  test(`${name} runs in LiteRT in every mode`, { skip }, async (t) => {
    const bytes = await readFile(path);
    const { runs, make } = await feeds();
    if (unjudged !== undefined) await assert.rejects(lite.run(bytes, runs, make), { message: new RegExp(unjudged) });
    const reference = unjudged === undefined ? await lite.run(bytes, runs, make) : undefined;
    for (const [mode, options] of Object.entries(tfliteModes)) {
      await t.test(mode, async (t) => {
        const key = `${name} ${mode}`;
        if (refusals.includes(key)) return assert.rejects(quantize(bytes, options), { code: 'would_not_help' });
        const { model, report } = await quantize(bytes, options);
        const size = `size ${(model.length / bytes.length).toFixed(3)}`;
        if (reference === undefined) return t.diagnostic(`${key}: ${size}; LiteRT.js does not run the float model`);
        const outputs = await lite.run(model, runs, make);
        const figure = worstSqnr(reference, outputs);
        const agrees = answer === undefined ? 1 : agreement(answer, reference, outputs);
        t.diagnostic(`${key}: ${size}; ${figure.toFixed(1)} dB ${(100 * agrees).toFixed(1)} %`);
        assert.ok(Object.values(outputs).every((values) => values.every(Number.isFinite)));
        judge({ figure, floor: floors[mode], exception: exceptions[key], agrees, report });
      });
    }
  });
}

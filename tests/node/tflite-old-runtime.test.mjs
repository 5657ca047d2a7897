// Files for the target tflite-2.13, run by an interpreter of that age.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { quantize } from '../../dist/index.js';
import { sqnr } from './lib/figures.mjs';
import { tfliteModels } from './lib/litert-models.mjs';
import { makeOldTfliteJudge, oldJudgeIsHere } from './lib/old-tflite-judge.mjs';
import { samplesOfFeeds } from './lib/our-runs.mjs';

const target = 'tflite-2.13';
const floors = { 'dynamic-range': 25, 'full-integer': 20 };

// Below the floor, with the figure measured: as in LiteRT.js, but for the first two.
const exceptions = {
  // Its hybrid convolutions quantize the data more coarsely than today's.
  'face_detection_short_range dynamic-range': 12.5,
  'face_detection_full_range_sparse dynamic-range': 23.5,
  'face_detection_full_range_sparse full-integer': 18.2,
  'face_detection_short_range full-integer': 13.8,
  'deeplabv3_257 full-integer': 18.1,
  'resnet8_cifar10 dynamic-range': 10.5,
  'resnet8_cifar10 full-integer': 16.2,
};

const old = oldJudgeIsHere ? await makeOldTfliteJudge() : undefined;
const worst = (reference, outputs) => Math.min(...reference.map((values, i) => sqnr(values, outputs[i])));

for (const { name, path, feeds, skip } of tfliteModels) {
  test(`${name} runs in the old runtime`, { skip: oldJudgeIsHere ? skip : 'npm ci brings it' }, async (t) => {
    const bytes = await readFile(path);
    const given = await feeds();
    if (name.startsWith('selfie')) {
      // An op of MediaPipe's own, which LiteRT.js knows.
      assert.throws(() => old.run(bytes, given.runs, given.make), { message: /Convolution2DTransposeBias/ });
      return;
    }
    const reference = old.run(bytes, given.runs, given.make);
    const calibration = await samplesOfFeeds(bytes, given);
    const modes = {
      'dynamic-range': { mode: 'dynamic-range', minElements: name === 'mnist_lstm' ? 0 : 1024 },
      'full-integer': { calibration, workers: 1, judge: false },
    };
    for (const [mode, options] of Object.entries(modes)) {
      const { model } = await quantize(bytes, { target, keepGoing: true, ...options });
      const figure = worst(reference, old.run(model, given.runs, given.make));
      t.diagnostic(`${name} ${mode}: ${figure.toFixed(1)} dB`);
      const exception = exceptions[`${name} ${mode}`];
      assert.ok(exception === undefined || figure < floors[mode], 'no exception any more');
      const least = exception ?? floors[mode];
      assert.ok(figure >= least, `${mode}: ${figure.toFixed(1)} dB`);
    }
  });
}

// Narrows the digit classifier in every mode, as ONNX and as TFLite, and lets onnxruntime and LiteRT say what that did to
// its accuracy.
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

const root = new URL('../', import.meta.url);
const built = spawnSync('bash', ['scripts/build.sh'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
if (built.status !== 0) process.exit(built.status ?? 1);

const { quantize } = await import('../dist/index.js');
const { modes } = await import('../tests/node/lib/onnx-models.mjs');
const { runModel } = await import('../tests/node/lib/ort-judge.mjs');
const { sqnr } = await import('../tests/node/lib/figures.mjs');
const { firstDigits, heldOutDigits } = await import('../tests/node/lib/pictures.mjs');

const classes = 10;
const digits = await heldOutDigits();

const row = (mode, size, ratio, noise, accuracy) =>
  console.log(
    `${mode.padEnd(16)} ${size.padStart(10)} ${ratio.padStart(7)} ${noise.padStart(9)} ${accuracy.padStart(9)}`,
  );
const percent = (part) => `${(100 * part).toFixed(1)} %`;

function accuracyOf(logits) {
  const right = digits.filter(({ label }, i) => {
    const scores = logits.slice(i * classes, (i + 1) * classes);
    return scores.indexOf(Math.max(...scores)) === label;
  });
  return right.length / digits.length;
}

// `run(bytes)`: the logits of all digits, in the model's own runtime.
async function show(name, runtime, run, variants) {
  const float = await readFile(new URL(`models/${name}`, root));
  const reference = await run(float);
  console.log(`models/${name}, ${digits.length} handwritten digits that it was not trained on, judged by ${runtime}\n`);
  row('mode', 'bytes', 'of it', 'SQNR', 'accuracy');
  row('float32', String(float.length), percent(1), '', percent(accuracyOf(reference)));
  for (const [mode, options] of Object.entries(variants)) {
    try {
      const { model } = await quantize(float, options);
      const logits = await run(model);
      const noise = `${sqnr(reference, logits).toFixed(1)} dB`;
      row(mode, String(model.length), percent(model.length / float.length), noise, percent(accuracyOf(logits)));
    } catch (error) {
      if (error.code !== 'would_not_help') throw error;
      row(mode, '-', '-', '-', '-');
      console.log(`  ${error.message}`);
    }
  }
  console.log();
}

// Every tenth of the digits that the model was trained with shows which numbers the activations take on.
const shown = (await firstDigits()).filter((_, i) => i % 10 === 0);
const samplesOf = (shape) => shown.map(({ pixels }) => ({ image: { shape, data: pixels } }));

const image = {
  data: Float32Array.from(digits.flatMap(({ pixels }) => Array.from(pixels))),
  dims: [digits.length, 1, 28, 28],
};
const inOnnxRuntime = async (bytes) => (await runModel(bytes, { runs: [{ image }] }, 'all')).logits;
await show('digits.onnx', 'onnxruntime', inOnnxRuntime, {
  ...modes,
  'dynamic-range': { mode: 'dynamic-range' },
  'full-integer': { calibration: samplesOf([1, 1, 28, 28]) },
});

const { makeLiteRtJudge } = await import('../tests/node/lib/litert-judge.mjs');
const lite = await makeLiteRtJudge();
const inLiteRt = async (bytes) =>
  Object.values(await lite.run(bytes, digits.length, (_, run) => digits[run].pixels))[0];
const calibration = samplesOf([1, 28, 28, 1]);
await show('digits.tflite', 'LiteRT', inLiteRt, {
  int8: { mode: 'weight-only' },
  float16: { mode: 'float16' },
  'dynamic-range': { mode: 'dynamic-range' },
  'full-integer': { calibration },
  '16x8': { calibration, activations: 'int16' },
  int4: { calibration, weights: 'int4' },
});

// Narrows the digit classifier in every mode and lets onnxruntime say what that did to its accuracy.
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
const image = { data: digits.flatMap(({ pixels }) => Array.from(pixels)), dims: [digits.length, 1, 28, 28] };
const inputs = { runs: [{ image: { ...image, data: Float32Array.from(image.data) } }] };

async function judge(bytes) {
  const { logits } = await runModel(bytes, inputs, 'all');
  const right = digits.filter(({ label }, i) => {
    const row = logits.slice(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row)) === label;
  });
  return { logits, accuracy: right.length / digits.length };
}

const row = (mode, size, ratio, noise, accuracy) =>
  console.log(
    `${mode.padEnd(16)} ${size.padStart(10)} ${ratio.padStart(7)} ${noise.padStart(9)} ${accuracy.padStart(9)}`,
  );
const percent = (part) => `${(100 * part).toFixed(1)} %`;

const float = await readFile(new URL('models/digits.onnx', root));
const reference = await judge(float);
console.log(
  `models/digits.onnx, ${digits.length} handwritten digits that it was not trained on, judged by onnxruntime\n`,
);
row('mode', 'bytes', 'of it', 'SQNR', 'accuracy');
row('float32', String(float.length), percent(1), '', percent(reference.accuracy));
// Every tenth of the digits that the model was trained with shows which numbers the activations take on.
const samples = (await firstDigits())
  .filter((_, i) => i % 10 === 0)
  .map(({ pixels }) => ({ image: { shape: [1, 1, 28, 28], data: pixels } }));
const all = {
  ...modes,
  'dynamic-range': { mode: 'dynamic-range' },
  'full-integer': { calibration: samples },
};
for (const [mode, options] of Object.entries(all)) {
  try {
    const { model } = await quantize(float, options);
    const { logits, accuracy } = await judge(model);
    const noise = `${sqnr(reference.logits, logits).toFixed(1)} dB`;
    row(mode, String(model.length), percent(model.length / float.length), noise, percent(accuracy));
  } catch (error) {
    if (error.code !== 'would_not_help') throw error;
    row(mode, '-', '-', '-', '-');
    console.log(`  ${error.message}`);
  }
}

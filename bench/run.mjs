// Whole runs of real models in Node, one thread: this engine beside onnxruntime-web (ONNX) and LiteRT.js (TFLite), run
// by turns in one process, so that both meet the same machine. A ratio above 1: this engine is faster. Then memory: of
// the instance; of the values at their peak; what their lifetimes demand.
//   node bench/run.mjs [pattern of names] [milliseconds a model]
import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-web';
import { loadModel } from '../dist/index.js';
import { makeLiteRtJudge } from '../tests/node/lib/litert-judge.mjs';
import { tfliteModels } from '../tests/node/lib/litert-models.mjs';
import { runModels } from '../tests/node/lib/onnx-models.mjs';
import { race } from './race.mjs';

const pattern = new RegExp(process.argv[2] ?? '.');
const budgetMs = Number(process.argv[3] ?? 4000);
const often = { budgetMs, warmUps: 3, fewest: 5, most: 300 };

// Megabytes of the engine's instance, and of values at their peak beside what their lifetimes demand.
async function memoryOf(model, inputs) {
  const { heapBytes, profile } = await model.run(inputs, { profile: true });
  const above = (bytes) => (bytes - profile.heldBytes) / 1e6;
  return { heap: heapBytes / 1e6, peak: above(profile.peakBytes), bound: above(profile.boundBytes) };
}

async function raceOnnx({ path, inputs }) {
  const bytes = await readFile(path);
  const [feeds] = (await inputs()).runs;
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  const model = await loadModel(bytes);
  const [theirInputs, ourInputs] = [{}, {}];
  for (const [name, { data, dims, type = 'float32' }] of Object.entries(feeds)) {
    theirInputs[name] = new ort.Tensor(type, data, dims);
    ourInputs[name] = { data, shape: dims };
  }
  const ours = () => model.run(ourInputs);
  const times = await race([ours, () => session.run(theirInputs)], often);
  const memory = await memoryOf(model, ourInputs);
  await session.release();
  model.dispose();
  return { times, memory };
}

async function raceTflite({ path, feeds, lite }) {
  const bytes = await readFile(path);
  const { make } = await feeds();
  const model = await loadModel(bytes);
  const inputs = {};
  for (const { name, dtype, shape: declared } of model.inputs) {
    const shape = declared.map((size) => size ?? 1);
    inputs[name] = { shape, data: make({ name, dtype, shape }, 0) };
  }
  const compiled = await lite.open(bytes);
  const ours = () => model.run(inputs);
  const times = await race([ours, () => compiled.run(({ name }) => inputs[name].data)], often);
  const memory = await memoryOf(model, inputs);
  compiled.close();
  model.dispose();
  return { times, memory };
}

const row = (...cells) => console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(34) : cell.padStart(11))).join(''));

async function table(title, models, raceOne) {
  row(title, 'ours ms', 'theirs ms', 'ratio', 'heap MB', 'values MB', 'bound MB', 'over');
  const ratios = [];
  for (const model of models) {
    if (model.skip || model.unjudged !== undefined || !pattern.test(model.name)) continue;
    try {
      const { times, memory } = await raceOne(model);
      const ratio = times[1] / times[0];
      ratios.push(ratio);
      const speed = [times[0].toFixed(3), times[1].toFixed(3), ratio.toFixed(2)];
      const over = `${(100 * (memory.peak / memory.bound - 1)).toFixed(0)} %`;
      row(model.name, ...speed, memory.heap.toFixed(1), memory.peak.toFixed(2), memory.bound.toFixed(2), over);
    } catch (error) {
      row(model.name, error.code ?? 'failed', error.message);
    }
  }
  if (ratios.length === 0) return;
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  row(`geometric mean of ${ratios.length}`, '', '', mean.toFixed(2));
  console.log();
}

await table('beside onnxruntime-web', runModels, raceOnnx);
const lite = await makeLiteRtJudge();
await table('beside LiteRT.js', tfliteModels, (model) => raceTflite({ ...model, lite }));

// What narrowing does to latency: each mode's file beside the float model, run by turns in one process, one thread, in
// onnxruntime natively and in WebAssembly. Medians of warm runs; a ratio above 1: the narrowed file is faster.
//   node bench/latency.mjs [pattern of names] [milliseconds a model and runtime] [pattern of modes]
import { readFile } from 'node:fs/promises';
import { quantize } from '../dist/index.js';
import { samplesOf } from '../tests/node/lib/figures.mjs';
import { onnxModels } from '../tests/node/lib/onnx-models.mjs';
import { runtimes } from '../tests/node/lib/ort-judge.mjs';
import { race } from './race.mjs';

const pattern = new RegExp(process.argv[2] ?? '.');
const budgetMs = Number(process.argv[3] ?? 4000);
const modePattern = new RegExp(process.argv[4] ?? '.');

const modes = {
  'weight-only': () => ({ mode: 'weight-only' }),
  float16: () => ({ mode: 'float16' }),
  'dynamic-range': () => ({ mode: 'dynamic-range' }),
  'full-integer portable': (calibration) => ({ calibration }),
  'full-integer ort-cpu-x86-vnni': (calibration) => ({ calibration, target: 'ort-cpu-x86-vnni' }),
  'full-integer ort-web-wasm': (calibration) => ({ calibration, target: 'ort-web-wasm' }),
};

async function narrow(bytes, calibration) {
  const files = [['float', bytes]];
  for (const [name, options] of Object.entries(modes).filter(([name]) => modePattern.test(name))) {
    try {
      const { model } = await quantize(bytes, { ...options(calibration), workers: 1, keepGoing: true });
      files.push([name, model]);
    } catch (error) {
      console.log(`  ${name}: ${error.code}: ${error.message}`);
    }
  }
  return files;
}

async function prepare({ ort, options }, files, feeds) {
  const sessions = [];
  for (const [, bytes] of files) {
    const session = await ort.InferenceSession.create(bytes, { ...options, intraOpNumThreads: 1, logSeverityLevel: 4 });
    const inputs = Object.entries(feeds).map(([name, { data, dims, type = 'float32' }]) => [
      name,
      new ort.Tensor(type, data, dims),
    ]);
    sessions.push([session, Object.fromEntries(inputs)]);
  }
  return sessions;
}

for (const { name, path, inputs, skip } of onnxModels) {
  if (skip || !pattern.test(name)) continue;
  console.log(name);
  const bytes = new Uint8Array(await readFile(path));
  const { runs } = await inputs();
  const files = await narrow(bytes, samplesOf({ runs }));
  for (const runtime of ['all', 'web']) {
    const sessions = await prepare(runtimes[runtime], files, runs[0]);
    const calls = sessions.map(
      ([session, feeds]) =>
        () =>
          session.run(feeds),
    );
    const times = await race(calls, { budgetMs });
    for (const [session] of sessions) await session.release();
    for (const [i, [mode, file]] of files.entries()) {
      const [ms, ratio, size] = [times[i].toFixed(2), (times[0] / times[i]).toFixed(2), file.length / bytes.length];
      const where = runtime === 'web' ? 'web' : 'node';
      console.log(
        `  ${where.padEnd(4)} ${mode.padEnd(30)} ${ms.padStart(8)} ms ${ratio.padStart(6)} x  ${size.toFixed(2)} of the bytes`,
      );
    }
  }
}

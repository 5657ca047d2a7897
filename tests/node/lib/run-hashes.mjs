// Hashes of what running a few models gives: as text they travel to a browser and are compared there.
import { readFile } from 'node:fs/promises';
import { loadModel, run } from '../../../dist/index.js';
import { sha256 } from './hashes.mjs';
import { tfliteModels } from './litert-models.mjs';
import { runModels } from './onnx-models.mjs';
import { ways } from './same-numbers.mjs';

const chosen = ['digits', 'ocr_cls', 'silero_vad', 'face_detection_short_range'];

const bytesOf = ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength);

async function onnxInputs({ inputs }) {
  const [feeds] = (await inputs()).runs;
  return Object.entries(feeds).map(([name, { data, dims, type = 'float32' }]) => {
    return { name, dtype: type, shape: dims, bytes: bytesOf(data) };
  });
}

async function tfliteInputs({ feeds }, bytes) {
  const { make } = await feeds();
  const model = await loadModel(bytes);
  const inputs = model.inputs.map(({ name, dtype, shape }) => {
    return { name, dtype, shape, bytes: bytesOf(make({ name, dtype, shape }, 0)) };
  });
  model.dispose();
  return inputs;
}

const arrays = { float32: Float32Array, int64: BigInt64Array };

/** The models with one set of inputs each: {name, path, bytes, inputs: [{name, dtype, shape, bytes}]}. */
export async function presentRuns() {
  const runs = [];
  for (const model of [...runModels, ...tfliteModels]) {
    if (model.skip || !chosen.includes(model.name)) continue;
    const bytes = await readFile(model.path);
    const inputs = model.inputs === undefined ? await tfliteInputs(model, bytes) : await onnxInputs(model);
    runs.push({ name: model.name, path: model.path, bytes, inputs });
  }
  return runs;
}

/** What a run gave, in one line: its outputs' names, types, shapes and bytes. */
export const hashOfOutputs = (outputs) =>
  outputs.map(({ name, dtype, shape, bytes }) => `${name} ${dtype} ${shape.join('x')} ${sha256(bytes)}`).join('; ');

/** {way: hashes} */
export async function runHashesInNode({ bytes, inputs }) {
  const tensors = inputs.map(({ name, dtype, shape, bytes: b }) => {
    const data = new arrays[dtype](b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength));
    return [name, { dtype, shape, data }];
  });
  const hashes = {};
  for (const [way, options] of Object.entries(ways)) {
    const { outputs } = await run(bytes, Object.fromEntries(tensors), options);
    hashes[way] = hashOfOutputs(
      Object.entries(outputs).map(([name, { dtype, shape, data }]) => ({ name, dtype, shape, bytes: bytesOf(data) })),
    );
  }
  return hashes;
}

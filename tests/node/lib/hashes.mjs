// Hashes of what the engine makes of every model in every mode: as JSON they travel to a browser and are compared there.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { quantize } from '../../../dist/index.js';
import { tfliteModels, tfliteModes } from './litert-models.mjs';
import { modes, onnxModels } from './onnx-models.mjs';

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The models that are here, read, with what to ask of them: {name, path, bytes, modes}. */
export async function presentModels() {
  const all = [
    ...onnxModels.map((model) => ({ ...model, modes })),
    ...tfliteModels.map((model) => ({ ...model, modes: tfliteModes })),
  ];
  const present = all.filter((model) => !model.skip);
  return Promise.all(
    present.map(async ({ name, path, modes }) => ({ name, path, modes, bytes: await readFile(path) })),
  );
}

/** The hashes of an output and of its report, as the engine wrote them. */
export const hashesOf = (model, report) => `${sha256(model)} ${sha256(JSON.stringify(report))}`;

async function hashInNode(bytes, options) {
  try {
    const { model, report } = await quantize(bytes, options);
    return hashesOf(model, report);
  } catch (error) {
    return error.code;
  }
}

/** {model: {mode: hashes, or an error's code}}: all of it must be the same everywhere. */
export async function hashesInNode(models) {
  const hashes = {};
  for (const { name, bytes, modes } of models) {
    hashes[name] = {};
    for (const [mode, options] of Object.entries(modes)) hashes[name][mode] = await hashInNode(bytes, options);
  }
  return hashes;
}

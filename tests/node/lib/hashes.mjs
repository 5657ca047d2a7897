// Hashes of what the engine makes of every model in every mode: as JSON they travel to a browser and are compared there.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { quantize } from '../../../dist/index.js';
import { modes, onnxModels } from './onnx-models.mjs';

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The models that are here, read: {name, path, bytes}. */
export async function presentModels() {
  const present = onnxModels.filter((model) => !model.skip);
  return Promise.all(present.map(async ({ name, path }) => ({ name, path, bytes: await readFile(path) })));
}

/** The output's hash, or the error's code: both must be the same everywhere. */
export async function hashInNode(bytes, options) {
  try {
    return sha256((await quantize(bytes, options)).model);
  } catch (error) {
    return error.code;
  }
}

/** {model: {mode: hash or error code}} */
export async function hashesInNode(models) {
  const hashes = {};
  for (const { name, bytes } of models) {
    hashes[name] = {};
    for (const [mode, options] of Object.entries(modes)) hashes[name][mode] = await hashInNode(bytes, options);
  }
  return hashes;
}

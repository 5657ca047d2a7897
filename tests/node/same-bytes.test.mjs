// One engine, same bytes: what the native driver writes is what Node makes, for every model in every mode.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { recipeOf } from '../../dist/options.js';
import { temporaryFolder } from './lib/cli.mjs';
import { hashesInNode, presentModels, sha256 } from './lib/hashes.mjs';
import { modes } from './lib/onnx-models.mjs';

const run = promisify(execFile);
const driver = ['native', 'native-asan']
  .map((preset) => fileURLToPath(new URL(`../../build/${preset}/tests/narrowcast_driver`, import.meta.url)))
  .find(existsSync);

async function hashNatively(path, options, folder) {
  try {
    await run(driver, ['quantize', path, JSON.stringify(recipeOf(options)), folder], { maxBuffer: 2 ** 28 });
  } catch (error) {
    return JSON.parse(error.stdout).code;
  }
  const hash = sha256(await readFile(join(folder, 'model')));
  await rm(folder, { recursive: true });
  return hash;
}

test('the native driver and Node give the same bytes', { skip: driver ? false : 'no native build' }, async (t) => {
  const folder = join(await temporaryFolder(t), 'out');
  const models = await presentModels();
  const inNode = await hashesInNode(models);
  let compared = 0;
  for (const { name, path } of models) {
    for (const [mode, options] of Object.entries(modes)) {
      assert.equal(await hashNatively(path, options, folder), inNode[name][mode], `${name} ${mode}`);
      compared += 1;
    }
  }
  t.diagnostic(`${compared} outputs of ${models.length} models compared`);
});

// One engine, same bytes: what the native driver writes and reports is what Node does, for every model in every mode.
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
import { hashesInNode, hashesOf, presentModels } from './lib/hashes.mjs';

const run = promisify(execFile);
const driver = ['native', 'native-asan']
  .map((preset) => fileURLToPath(new URL(`../../build/${preset}/tests/narrowcast_driver`, import.meta.url)))
  .find(existsSync);

async function hashNatively(path, options, folder) {
  const args = ['quantize', path, JSON.stringify(recipeOf(options)), folder];
  try {
    const { stdout } = await run(driver, args, { maxBuffer: 2 ** 28 });
    return hashesOf(await readFile(join(folder, 'model')), JSON.parse(stdout));
  } catch (error) {
    return JSON.parse(error.stdout).code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('the native driver and Node give the same bytes', { skip: driver ? false : 'no native build' }, async (t) => {
  const folder = join(await temporaryFolder(t), 'out');
  const models = await presentModels();
  const inNode = await hashesInNode(models);
  let compared = 0;
  for (const { name, path, modes } of models) {
    for (const [mode, options] of Object.entries(modes)) {
      assert.equal(await hashNatively(path, options, folder), inNode[name][mode], `${name} ${mode}`);
      compared += 1;
    }
  }
  t.diagnostic(`${compared} outputs of ${models.length} models compared`);
});

// One engine, same bytes: what the native driver writes and reports is what Node does, for every model in every mode.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { recipeOf } from '../../dist/options.js';
import { temporaryFolder } from './lib/cli.mjs';
import { hashesInNode, hashesOf, presentModels } from './lib/hashes.mjs';
import { hashOfOutputs, presentRuns, runHashesInNode } from './lib/run-hashes.mjs';
import { ways } from './lib/same-numbers.mjs';

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

async function runNatively({ path, inputs }, options, folder) {
  const request = { inputs: inputs.map(({ name, dtype, shape }) => ({ name, dtype, shape })) };
  const files = inputs.map((_, i) => join(folder, `in${i}`));
  for (const [i, { bytes }] of inputs.entries()) await writeFile(files[i], bytes);
  const out = join(folder, 'out');
  const args = ['run', path, JSON.stringify(options), JSON.stringify(request), out, ...files];
  const { outputs } = JSON.parse((await run(driver, args, { maxBuffer: 2 ** 28 })).stdout);
  const read = outputs.map(async (output, i) => ({ ...output, bytes: await readFile(join(out, `${i}.bin`)) }));
  return hashOfOutputs(await Promise.all(read));
}

const skip = driver ? false : 'no native build';

test('models that the native driver and Node run give the same bytes', { skip }, async (t) => {
  const folder = await temporaryFolder(t);
  for (const model of await presentRuns()) {
    const inNode = await runHashesInNode(model);
    for (const [way, options] of Object.entries(ways)) {
      assert.equal(await runNatively(model, options, folder), inNode[way], `${model.name} ${way}`);
    }
  }
});

test('the native driver and Node give the same bytes', { skip }, async (t) => {
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

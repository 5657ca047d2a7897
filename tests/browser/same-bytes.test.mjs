// One engine, same bytes: what the package makes in Chromium is what it makes in Node, for every model in every mode.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { hashInNode, presentModels } from '../node/lib/hashes.mjs';
import { modes } from '../node/lib/onnx-models.mjs';
import { tfliteModels } from '../node/lib/tflite-models.mjs';
import { openBrowser, skip } from './lib/browser.mjs';
import { openJudge } from './lib/judge.mjs';

async function allModels() {
  const tflite = tfliteModels().map(async ({ name, path }) => ({ name, bytes: await readFile(path) }));
  return [...(await presentModels()), ...(await Promise.all(tflite))];
}

test('Chromium and Node give the same bytes', { skip }, async (t) => {
  const judge = await openJudge(t, await openBrowser(t));
  let compared = 0;
  let refused = 0;
  const models = await allModels();
  for (const { name, bytes } of models) {
    const inChromium = await judge.hashes(bytes, modes);
    for (const [mode, options] of Object.entries(modes)) {
      const inNode = await hashInNode(bytes, options);
      assert.equal(inChromium[mode], inNode, `${name} ${mode}`);
      compared += 1;
      if (inNode.length !== 64) refused += 1;
    }
  }
  assert.ok(compared > refused);
  t.diagnostic(`${compared} outputs of ${models.length} models compared; ${refused} of them errors, the same in both`);
  assert.deepEqual(judge.log.errors, []);
});

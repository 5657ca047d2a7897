// One engine, same bytes: what the package makes in Chromium is what it makes in Node, for every model in every mode.
import assert from 'node:assert/strict';
import test from 'node:test';
import { hashesInNode, presentModels } from '../node/lib/hashes.mjs';
import { presentRuns, runHashesInNode } from '../node/lib/run-hashes.mjs';
import { ways } from '../node/lib/same-numbers.mjs';
import { openBrowser, skip } from './lib/browser.mjs';
import { openJudge } from './lib/judge.mjs';

const twoHashes = 64 + 1 + 64;

test('Chromium and Node give the same bytes and the same report', { skip }, async (t) => {
  const models = await presentModels();
  const inNode = await hashesInNode(models);
  const judge = await openJudge(t, await openBrowser(t));
  for (const { name, bytes, modes } of models) {
    assert.deepEqual(await judge.hashes(bytes, modes), inNode[name], name);
  }
  const compared = Object.values(inNode).flatMap((hashes) => Object.values(hashes));
  const narrowed = compared.filter((hashes) => hashes.length === twoHashes).length;
  assert.ok(narrowed > compared.length / 2);
  t.diagnostic(`${narrowed} outputs of ${models.length} models compared, and ${compared.length - narrowed} errors`);
  assert.deepEqual(judge.log.errors, []);
});

test('Chromium and Node run models to the same bytes', { skip }, async (t) => {
  const judge = await openJudge(t, await openBrowser(t));
  const runs = await presentRuns();
  assert.ok(runs.length >= 2);
  for (const { name, bytes, inputs } of runs) {
    assert.deepEqual(await judge.runHashes(bytes, inputs, ways), await runHashesInNode({ bytes, inputs }), name);
  }
  assert.deepEqual(judge.log.errors, []);
});

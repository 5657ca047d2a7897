// A TFLite model in integers on the page: its own targets, the bytes of Node, and LiteRT runs what comes out.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { inspect, openSamples, quantize } from '../../dist/index.js';
import { sha256 } from '../node/lib/hashes.mjs';
import { openBrowser, openPage, skip } from './lib/browser.mjs';
import { choose, downloadModel, drop, heading, narrow, waitForModel } from './lib/page-steps.mjs';
import { root, serve } from './lib/serve.mjs';

// LiteRT writes everything to console.error, also what is no more than information.
const harmless = /^(INFO|WARNING): /;
const name = 'face_detection_full_range.tflite';
const bytes = await readFile(join(root, 'node_modules/@mediapipe/face_detection', name));
const folder = join(root, 'tests/data/pictures');

test('from pictures to integers, and tried in LiteRT.js', { skip }, async (t) => {
  const origin = await serve(t, { '/': join(root, 'build/web') });
  const { page, log } = await openPage(await openBrowser(t));
  await page.goto(`${origin}/#settings=${encodeURIComponent('{"recipe":{"target":"ort-web-wasm"}}')}`);
  await page.getByText('Settings came with the link').waitFor();
  await drop(page, [{ name, bytes }]);
  await waitForModel(page);
  await choose(page, 'Full integer');
  // A target of another format is not kept; those of this one can be chosen.
  const target = page.getByLabel('Runtime that it is for');
  assert.equal(await target.inputValue(), 'portable');
  const { targets } = await inspect(bytes);
  assert.deepEqual(await target.locator('option').allTextContents(), ['portable', ...targets.map((one) => one.target)]);
  assert.ok(targets.length > 0);
  await page.getByText('Not sure? Three questions').click();
  await page.getByRole('radio', { name: /^Microcontroller/ }).check();
  assert.equal(await target.inputValue(), 'tflm');
  await page.getByRole('radio', { name: /^Not sure yet/ }).check();
  await choose(page, 'Full integer');
  assert.equal(await target.inputValue(), 'portable');
  await page.getByRole('button', { name: 'Choose samples' }).click();
  await page.getByLabel('Choose a folder').setInputFiles(folder);
  const names = (await readdir(folder)).map((file) => `pictures/${file}`);
  await page.getByText(`${names.length} samples`, { exact: true }).first().waitFor();
  await page.getByText('192 × 192, RGB').waitFor();
  await page.getByText('-1 to 1').first().waitFor();
  // With so few pictures of anything too much is lost; the search is tested elsewhere.
  await page.getByText('More: how many').click();
  await page.getByLabel('Look for what is better in float').uncheck();
  await page.getByText(`${names.length} samples`, { exact: true }).first().waitFor();
  await narrow(page);
  assert.match(await page.locator('.takes .code pre').first().textContent(), / \\\n {2}--no-search$/);
  const result = await downloadModel(page);
  assert.equal(result.name, 'face_detection_full_range.full-integer.tflite');
  const files = await Promise.all(
    names.map(async (path) => ({ name: path, data: await readFile(join(folder, '..', path)) })),
  );
  const calibration = await openSamples(files, await inspect(bytes));
  const { model, report } = await quantize(bytes, { mode: 'full-integer', calibration, workers: 1, search: false });
  assert.equal(sha256(result.bytes), sha256(model));
  const integers = report.nodes.filter(({ verdict }) => verdict === 'quantized').length;
  assert.ok((await heading(page).textContent()).includes(`${integers} of ${report.nodes.length} ops in integers`));
  t.diagnostic(`${integers} of ${report.nodes.length} ops in integers, ${report.judged?.sqnr_db ?? 'no figure'} dB`);
  await page.locator('.sample-pick').first().click();
  const tried = page.locator('.try').getByRole('region', { name: 'Narrowed' });
  await tried.waitFor({ timeout: 60_000 });
  assert.match(await tried.textContent(), /from -?[\d.]+ to -?[\d.]+/);
  assert.deepEqual(
    log.errors.filter((line) => !harmless.test(line)),
    [],
  );
});

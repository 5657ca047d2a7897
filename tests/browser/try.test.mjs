// Both models tried in the runtime that will execute them, which is fetched then and not before.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { openBrowser, openPage, skip } from './lib/browser.mjs';
import { choose, drop, narrow, waitForModel } from './lib/page-steps.mjs';
import { root, serve } from './lib/serve.mjs';

// LiteRT writes everything to console.error, also what is no more than information.
const harmless = /^(INFO|WARNING): /;

async function open(t) {
  const origin = await serve(t, { '/': join(root, 'build/web') });
  const { page, log } = await openPage(await openBrowser(t));
  t.after(() => {
    const strangers = log.requests.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith(`blob:${origin}/`));
    assert.deepEqual(strangers, [], 'every request goes to the page itself');
    assert.deepEqual(
      log.errors.filter((line) => !harmless.test(line)),
      [],
    );
  });
  await page.goto(`${origin}/`);
  return { page, log };
}

const tried = (page, name) => page.locator('.try').getByRole('region', { name });

test('digits in onnxruntime-web, float and narrowed side by side', { skip }, async (t) => {
  const { page, log } = await open(t);
  await page.getByRole('button', { name: /Try it with a small model/ }).click();
  await waitForModel(page);
  await page.getByRole('button', { name: 'See the samples' }).click();
  await page.getByText('40 samples', { exact: true }).first().waitFor();
  await narrow(page);
  assert.equal(log.requests.filter((url) => /ort-wasm/.test(url)).length, 0);
  for (const pick of (await page.locator('.sample-pick').all()).slice(0, 3)) {
    const label = /(\d)-\d\.png$/.exec(await pick.locator('canvas').getAttribute('aria-label'))[1];
    await pick.click();
    await page.getByText('Running both').waitFor({ state: 'hidden' });
    await tried(page, 'Float').waitFor();
    for (const side of ['Float', 'Narrowed']) {
      const text = await tried(page, side).textContent();
      assert.match(text, new RegExp(`^${side} [\\d.]+ msclass ${label}\\d`));
    }
    await page.getByText(/^The same answer\. The largest difference of any number is [\d.e-]+\.$/).waitFor();
  }
  assert.equal(new Set(log.requests.filter((url) => /ort-wasm/.test(url))).size, 1);
});

test('a TFLite model in LiteRT.js, on a picture of the visitor', { skip }, async (t) => {
  const { page } = await open(t);
  const folder = join(root, 'node_modules/@mediapipe/face_detection');
  const name = 'face_detection_full_range.tflite';
  await drop(page, [{ name, bytes: await readFile(join(folder, name)) }]);
  await waitForModel(page);
  await choose(page, 'Weight only, int8');
  await narrow(page);
  await page.getByLabel('Try a file of yours').setInputFiles(join(root, 'tests/data/pictures/fine.jpg'));
  await tried(page, 'Narrowed').waitFor({ timeout: 60_000 });
  const [float, narrowed] = await Promise.all(['Float', 'Narrowed'].map((side) => tried(page, side).textContent()));
  assert.match(float, /from -?[\d.]+ to -?[\d.]+/);
  assert.match(narrowed, /from -?[\d.]+ to -?[\d.]+/);
  await page.getByText(/^The largest difference of any number is [\d.]+\.$/).waitFor();
});

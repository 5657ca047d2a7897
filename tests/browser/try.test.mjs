// Both models tried in the runtime that will execute them, which is fetched then and not before.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import test from 'node:test';
import { openBrowser, openPage, skip } from './lib/browser.mjs';
import { choose, drop, narrow, waitForModel } from './lib/page-steps.mjs';
import { root, serve } from './lib/serve.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

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

async function openDigits(page, technique) {
  await page.getByRole('button', { name: /Try it with a small ONNX model/ }).click();
  await waitForModel(page);
  if (technique !== undefined) await choose(page, technique);
  await page.getByRole('button', { name: 'See the samples' }).click();
  await page.getByText('40 samples', { exact: true }).first().waitFor();
}

const tried = (page, name) => page.locator('.try').getByRole('region', { name });

/** Tries the first sample, whose label is the digit in its file's name. */
async function tryFirst(page) {
  const pick = page.locator('.sample-pick').first();
  const label = /(\d)-\d\.png$/.exec(await pick.locator('canvas').getAttribute('aria-label'))[1];
  await pick.click();
  await tried(page, 'Narrowed').waitFor({ timeout: 60_000 });
  return label;
}

test('digits in onnxruntime-web, float and narrowed side by side', { skip }, async (t) => {
  const { page, log } = await open(t);
  await openDigits(page);
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

const latency = (page) => page.locator('.tile').filter({ has: page.getByRole('heading', { name: 'Latency, here' }) });

test('latency before and after, measured when asked', { skip }, async (t) => {
  const { page, log } = await open(t);
  await openDigits(page);
  await narrow(page);
  const runtime = () => new Set(log.requests.filter((url) => /ort-wasm/.test(url))).size;
  assert.equal(runtime(), 0);
  assert.equal(await page.locator('.tile').count(), 4);
  await latency(page).getByRole('button', { name: 'Measure' }).click();
  await latency(page).getByText('before, now').waitFor({ timeout: 60_000 });
  assert.equal(runtime(), 1);
  const [, before, after, from, to] =
    /^Latency, here([\d.]+) before, now ([\d.]+) msmedian of \d+ in onnxruntime-web, warm, one thread; middle half ([\d.]+) to ([\d.]+) ms$/.exec(
      await latency(page).textContent(),
    );
  assert.ok(Number(before) > 0 && Number(from) <= Number(after) && Number(after) <= Number(to));
  await page.evaluate(axe);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await page.evaluate(() => window.axe.run());
    assert.deepEqual(
      violations.map(({ id }) => id),
      [],
      colorScheme,
    );
  }
});

test('latency without any sample, on zeros, says nothing of answers', { skip }, async (t) => {
  const { page } = await open(t);
  const bytes = await readFile(join(root, 'models/digits.tflite'));
  await drop(page, [{ name: 'digits.tflite', bytes }]);
  await waitForModel(page);
  await choose(page, 'Weight only, int8');
  await narrow(page);
  await latency(page).getByRole('button', { name: 'Measure' }).click();
  await latency(page)
    .getByText(/median of \d+ in LiteRT\.js/)
    .waitFor({ timeout: 60_000 });
  assert.equal(await page.locator('.try').count(), 0);
});

test('a model whose borders are integers is fed codes, and its codes are read as numbers', { skip }, async (t) => {
  const { page } = await open(t);
  await openDigits(page, 'Integer only');
  await narrow(page);
  const label = await tryFirst(page);
  for (const side of ['Float', 'Narrowed']) {
    assert.match(await tried(page, side).textContent(), new RegExp(`^${side} [\\d.]+ msclass ${label}\\d`));
  }
  const [, largest] = /The largest difference of any number is ([\d.e-]+)\./.exec(
    await page.locator('.note[role=status]').last().textContent(),
  );
  assert.ok(Number(largest) < 2, `logits differ by ${largest}`);
});

test('class names given at the samples are what both models answer with', { skip }, async (t) => {
  const { page } = await open(t);
  await openDigits(page);
  const words = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
  const give = (name, text) =>
    page.getByLabel('Add class names').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
  await give('broken.json', '{ "a": 1 }');
  await page.getByText('The class names have keys that are no numbers.').waitFor();
  await give('names.json', JSON.stringify(Object.fromEntries(words.map((word, i) => [i, [`n${i}`, word]]))));
  const said = page.getByRole('region', { name: 'Does the float model get these right?' }).locator('.gate-grid > li');
  const inGate = async () => {
    const label = /(\d)-\d\.png$/.exec(await said.first().locator('canvas').getAttribute('aria-label'))[1];
    return [await said.first().locator('.ans').textContent(), words[Number(label)]];
  };
  const [byJson, expected] = await inGate();
  assert.ok(byJson.startsWith(expected), byJson);
  await give('names.csv', `index,name\n${words.map((word, i) => `${i},the ${word}`).join('\n')}\n`);
  await said.first().getByText(`the ${expected}`).waitFor();
  await give('names.txt', words.join('\n'));
  await said.first().getByText(expected, { exact: true }).waitFor();
  await narrow(page);
  const label = await tryFirst(page);
  for (const side of ['Float', 'Narrowed']) {
    assert.match(await tried(page, side).textContent(), new RegExp(`^${side} [\\d.]+ ms${words[Number(label)]}\\d`));
  }
});

test('the TFLite model on board goes the same way', { skip }, async (t) => {
  const { page } = await open(t);
  await page.getByRole('button', { name: /Try it with a small TFLite model/ }).click();
  await waitForModel(page);
  await page.getByRole('button', { name: 'See the samples' }).click();
  await page.getByText('40 samples', { exact: true }).first().waitFor();
  await narrow(page);
  assert.match(await page.locator('main h1').textContent(), /8 of 8 ops in integers, same answer on 16 of 16/);
  await page.locator('.sample-pick').first().click();
  await page.getByText(/^The same answer\./).waitFor({ timeout: 60_000 });
});

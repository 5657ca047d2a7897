// The built page, as a visitor uses it: a model in, a smaller one out, judged by the runtimes that will execute it.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { quantize } from '../../dist/index.js';
import { narrowcast } from '../node/lib/cli.mjs';
import { sqnr } from '../node/lib/figures.mjs';
import { sha256 } from '../node/lib/hashes.mjs';
import { facePicture, heldOutDigits } from '../node/lib/pictures.mjs';
import { openBrowser, openPage, skip } from './lib/browser.mjs';
import { openJudge } from './lib/judge.mjs';
import { choose, download, downloadModel, drop, heading, narrow, waitForModel } from './lib/page-steps.mjs';
import { root, serve } from './lib/serve.mjs';

const built = join(root, 'build/web');
const digits = { name: 'digits.onnx', bytes: await readFile(join(root, 'models/digits.onnx')) };
const face = {
  name: 'face_detection_full_range.tflite',
  bytes: await readFile(join(root, 'node_modules/@mediapipe/face_detection/face_detection_full_range.tflite')),
};

/** The page, open; at the end it must have asked nobody but its own server for anything, and complained of nothing. */
async function openBuiltPage(t, browser) {
  const origin = await serve(t, { '/': built });
  const { page, log } = await openPage(browser);
  t.after(() => {
    const strangers = log.requests.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith(`blob:${origin}/`));
    assert.deepEqual(strangers, [], 'every request goes to the page itself');
    assert.deepEqual(log.errors, []);
  });
  await page.goto(`${origin}/`);
  return { page, log, origin };
}

async function commandLineResult(t, { name, bytes }, args) {
  const cwd = await mkdtemp(join(tmpdir(), 'narrowcast-'));
  t.after(() => rm(cwd, { recursive: true }));
  await writeFile(join(cwd, name), bytes);
  const { code, stdout, stderr } = await narrowcast([name, ...args], { cwd });
  assert.equal(code, 0, stderr);
  const path = stdout.trim();
  return { path, bytes: await readFile(path) };
}

test('an ONNX model is dropped, narrowed and downloaded: the bytes of Node and the command line', {
  skip,
}, async (t) => {
  const browser = await openBrowser(t);
  const { page } = await openBuiltPage(t, browser);
  await drop(page, [digits]);
  await waitForModel(page);
  assert.equal(await heading(page).textContent(), 'digits.onnx');
  await page.getByText('batch × 1 × 28 × 28').waitFor();
  const judge = await openJudge(t, browser);
  const pictures = (await heldOutDigits()).filter((_, i) => i % 20 === 0);
  const runs = pictures.map(({ pixels }) => ({ image: { data: pixels, dims: [1, 1, 28, 28] } }));
  const float = await judge.runOnnx(digits.bytes, runs);
  const techniques = [
    { technique: 'Weight only, int8', args: ['--mode', 'weight-only'], name: 'digits.int8.onnx', least: 30 },
    { technique: 'Weight only, int4', args: ['--weights', 'int4'], name: 'digits.int4.onnx', least: 15 },
    { technique: 'float16', args: ['--mode', 'float16'], name: 'digits.float16.onnx', least: 60 },
  ];
  for (const { technique, args, name, least } of techniques) {
    await choose(page, technique);
    await narrow(page);
    assert.match(await heading(page).textContent(), /^[\d.]+ times smaller/);
    const result = await downloadModel(page);
    assert.equal(result.name, name);
    const expected = await commandLineResult(t, digits, args);
    assert.ok(expected.path.endsWith(name));
    assert.ok(result.bytes.equals(expected.bytes), `${technique}: the bytes of the command line`);
    assert.equal(await page.locator('.hash').textContent(), sha256(result.bytes));
    const decibels = sqnr(float, await judge.runOnnx(result.bytes, runs));
    t.diagnostic(`onnxruntime-web in Chromium, digits, ${technique}: ${decibels.toFixed(1)} dB against float`);
    assert.ok(decibels >= least, `${decibels} dB`);
    await page.getByRole('button', { name: 'Change settings' }).click();
    await waitForModel(page);
  }
  assert.deepEqual(judge.complaints(), []);
});

test('a TFLite model is dropped, narrowed and downloaded, and runs in LiteRT', { skip }, async (t) => {
  const browser = await openBrowser(t);
  const { page } = await openBuiltPage(t, browser);
  await drop(page, [face]);
  await waitForModel(page);
  await choose(page, 'Weight only, int8');
  await narrow(page);
  const result = await downloadModel(page);
  assert.equal(result.name, 'face_detection_full_range.int8.tflite');
  const { model } = await quantize(face.bytes, { mode: 'weight-only', weights: 'int8' });
  assert.ok(result.bytes.equals(model), 'the bytes of Node');
  const judge = await openJudge(t, browser);
  const size = 192;
  const picture = facePicture(size, size);
  const data = Float32Array.from({ length: size * size * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return picture(i % 3, pixel % size, Math.floor(pixel / size)) / 127.5 - 1;
  });
  const runs = [[{ data, dims: [1, size, size, 3] }]];
  const decibels = sqnr(await judge.runTflite(face.bytes, runs), await judge.runTflite(result.bytes, runs));
  t.diagnostic(`LiteRT.js in Chromium, face detection, weight-only int8: ${decibels.toFixed(1)} dB against float`);
  assert.ok(decibels >= 20, `${decibels} dB`);
  assert.deepEqual(judge.complaints(), []);
});

test('the sample opens by keyboard; report, recipe and command say what was done', { skip }, async (t) => {
  const browser = await openBrowser(t);
  const { page } = await openBuiltPage(t, browser);
  await page.getByRole('button', { name: /Try it with a small ONNX model/ }).focus();
  await page.keyboard.press('Enter');
  await waitForModel(page);
  await page.getByText('More: all settings').click();
  await page.getByLabel('Block size').fill('64');
  await page.getByLabel('Exclude').fill('conv0*\nit is');
  await choose(page, 'Weight only, int4');
  await narrow(page);
  const command = await page.locator('.takes .code pre').first().textContent();
  assert.equal(
    command.replaceAll(/ \\\n +/g, ' '),
    "npx narrowcast digits.onnx --mode weight-only --weights int4 --block-size 64 --exclude 'conv0*' --exclude 'it is' --calibration digits.zip",
  );
  const report = await download(page, page.getByRole('button', { name: 'Download the report as JSON' }));
  assert.equal(report.name, 'digits.int4.report.json');
  const { values, mode } = JSON.parse(report.bytes);
  assert.equal(mode, 'weight-only');
  assert.equal(values.find(({ name }) => name === 'conv0.weight').verdict, 'float');
  const recipe = await download(page, page.getByRole('button', { name: 'Download the recipe' }));
  const again = await quantize(digits.bytes, { recipe: JSON.parse(recipe.bytes) });
  assert.equal(await page.locator('.hash').textContent(), sha256(again.model));
  // The worst weight is kept in float and the work done again.
  const worst = page.locator('.layers tbody tr').first();
  const name = (await worst.locator('th').textContent()).split('int4')[0];
  await worst.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Redo' }).click();
  await page.getByText(`--exclude ${name}`).first().waitFor();
  // A recipe dropped on the page restores its settings.
  await page.getByRole('button', { name: 'Change settings' }).click();
  await drop(page, [{ name: 'recipe.json', bytes: Buffer.from('{"mode": "float16"}') }]);
  await page.waitForFunction(() => document.querySelector('input[name=technique]:checked')?.value === 'float16');
});

test('the page forbids itself to talk to others', { skip }, async (t) => {
  const browser = await openBrowser(t);
  const origin = await serve(t, { '/': built });
  const { page, log } = await openPage(browser);
  await page.goto(`${origin}/`);
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  assert.match(
    policy,
    /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'/,
  );
  const blocked = await page.evaluate(() =>
    fetch('http://localhost:9/').then(
      () => 'sent',
      () => 'blocked',
    ),
  );
  assert.equal(blocked, 'blocked');
  // The browser tells of it a little later.
  for (let i = 0; i < 50 && log.errors.length === 0; i += 1) await page.waitForTimeout(100);
  assert.match(log.errors.join('\n'), /connect-src/);
});

test('npm start serves the page with the policy as a header, too', async (t) => {
  const { preview } = await import('vite');
  const configFile = join(root, 'web/vite.config.ts');
  const server = await preview({ configFile, logLevel: 'error', preview: { host: '127.0.0.1', port: 0 } });
  t.after(() => server.close());
  const response = await fetch(server.resolvedUrls.local[0]);
  assert.match(response.headers.get('content-security-policy'), /^default-src 'none';.*frame-ancestors 'none'$/);
  assert.match(await response.text(), /<meta http-equiv="Content-Security-Policy"/);
});

// What a visitor meets when things do not go as planned, and whether everybody can use the page.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryFolder } from '../node/lib/cli.mjs';
import { bytesOf, input, model, node, numbers, output, tensor } from '../node/lib/onnx-writer.mjs';
import { heldOutDigits } from '../node/lib/pictures.mjs';
import { greyPng } from '../node/lib/png.mjs';
import { openBrowser, openPage, skip } from './lib/browser.mjs';
import { choose, downloadModel, drop, heading, narrow, narrowButton, waitForModel } from './lib/page-steps.mjs';
import { root, serve } from './lib/serve.mjs';

const digits = { name: 'digits.onnx', bytes: await readFile(join(root, 'models/digits.onnx')) };

async function open(t, options) {
  const browser = await openBrowser(t);
  const origin = await serve(t, { '/': join(root, 'build/web') });
  const { page, log } = await openPage(browser, options);
  t.after(() => assert.deepEqual(log.errors, []));
  await page.goto(origin);
  return page;
}

/** A chain of large matrices: enough work to be interrupted. */
async function largeModel(t) {
  const side = 1024;
  const count = 24;
  const data = numbers(side * side);
  const names = Array.from({ length: count + 1 }, (_, i) => (i === 0 ? 'x' : i === count ? 'y' : `v${i}`));
  const bytes = model([
    ...names.slice(1).map((name, i) => node('MatMul', [names[i], `w${i}`], [name], `matmul_${i}`)),
    ...names.slice(1).map((_, i) => tensor(`w${i}`, [side, side], data)),
    input('x', [1, side]),
    output('y', [1, side]),
  ]);
  const path = join(await temporaryFolder(t), 'large.onnx');
  await writeFile(path, bytes);
  return path;
}

test('a run can be cancelled, and the page goes on', { skip }, async (t) => {
  const page = await open(t);
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles(await largeModel(t));
  await waitForModel(page);
  // Clicked from within, as soon as a weight is done: from outside it could be too late.
  const seen = page.evaluate(
    () =>
      new Promise((resolve) => {
        new MutationObserver((_, observer) => {
          const headline = document.querySelector('.progress .big')?.textContent ?? '';
          if (!/^[1-9]\d* of 24 weights$/.test(headline)) return;
          observer.disconnect();
          const clickedAt = performance.now();
          const cancelled = new MutationObserver(() => {
            if (document.querySelector('.progress') === null) resolve(performance.now() - clickedAt);
          });
          cancelled.observe(document.body, { subtree: true, childList: true });
          for (const button of document.querySelectorAll('.progress button')) button.click();
        }).observe(document.body, { subtree: true, childList: true, characterData: true });
      }),
  );
  await narrowButton(page).click();
  t.diagnostic(`cancelled in ${Math.round(await seen)} ms`);
  await page.getByText(/^Cancelled at weight \d+ of 24$/).waitFor();
  assert.equal(await heading(page).textContent(), 'large.onnx');
  assert.equal(await page.title(), 'Narrowcast');
  await drop(page, [digits]);
  await page.getByText('64,906').waitFor();
  await narrow(page);
  assert.equal((await downloadModel(page)).name, 'digits.int8.onnx');
});

test('a damaged file, a wrong one and several are told apart', { skip }, async (t) => {
  const page = await open(t);
  const alert = page.getByRole('alert');
  await drop(page, [{ name: 'cut.onnx', bytes: digits.bytes.subarray(0, 100_000) }]);
  await alert.getByText('cut.onnx cannot be read').waitFor();
  assert.equal(await page.locator('.err-code').textContent(), 'NC-3 malformed');
  assert.match(await alert.textContent(), /Where: .+ Get it again/s);
  await drop(page, [{ name: 'photo.jpg', bytes: Buffer.from('not a model') }]);
  await alert.getByText('photo.jpg is not a model').waitFor();
  await drop(page, [digits, { ...digits, name: 'other.onnx' }]);
  await alert.getByText('One model at a time').waitFor();
  await drop(page, [digits]);
  await waitForModel(page);
  assert.equal(await alert.count(), 0);
});

test('what cannot be narrowed is said, and the settings are still there', { skip }, async (t) => {
  const page = await open(t);
  await drop(page, [digits]);
  await waitForModel(page);
  await page.getByText('More: all settings').click();
  await page.getByLabel('Only', { exact: true }).fill('nothing*');
  await narrowButton(page).click();
  await page.getByRole('alert').getByText('Nothing to gain').waitFor();
  assert.equal(await page.locator('.err-code').textContent(), 'NC-7 would_not_help');
  await page.getByText('More: all settings').click();
  assert.equal(await page.getByLabel('Only', { exact: true }).inputValue(), 'nothing*');
});

test('external data comes with the model, or afterwards', { skip }, async (t) => {
  const page = await open(t);
  const data = numbers(64 * 64);
  const place = { location: 'weights/model.bin', offset: 0, length: data.byteLength };
  const bytes = model([
    node('MatMul', ['x', 'w'], ['y']),
    tensor('w', [64, 64], data, place),
    input('x', [1, 64]),
    output('y', [1, 64]),
  ]);
  const files = [
    { name: 'outside.onnx', bytes },
    { name: 'model.bin', bytes: bytesOf(data) },
  ];
  await drop(page, files.slice(0, 1));
  await page.getByRole('alert').getByText('The weights are in another file').waitFor();
  await page.getByText('Add weights/model.bin').waitFor();
  await drop(page, files.slice(1));
  await waitForModel(page);
  await page.getByText('weights/model.bin').waitFor();
  await page.reload();
  await drop(page, files);
  await waitForModel(page);
  await narrow(page);
  await page.getByText('Belongs beside the model').first().waitFor();
});

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 320]) {
    test(`no accessibility rule is broken: ${colorScheme}, ${width} px`, { skip }, async (t) => {
      const page = await open(t, { viewport: { width, height: 800 }, colorScheme });
      const check = async (where) => {
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => window.axe.run());
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(' ')}`);
        assert.deepEqual(found, [], where);
        const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overhang <= 0, `${where}: ${overhang} px wider than the window`);
      };
      await page.getByText('How you can check').click();
      await check('landing');
      await drop(page, [{ name: 'cut.onnx', bytes: digits.bytes.subarray(0, 1000) }]);
      await page.getByRole('alert').waitFor();
      await check('error');
      await drop(page, [digits]);
      await waitForModel(page);
      await page.getByText('More: all settings').click();
      await check('model');
      await narrow(page);
      await page.getByText('Every node').click();
      await check('result');
      await page.getByRole('button', { name: 'Change settings' }).click();
      await choose(page, 'Full integer');
      await page.getByText('Not sure? Three questions').click();
      await check('model, with a target and advice');
      await page.getByRole('button', { name: 'Choose samples' }).click();
      await check('no samples');
      const { pixels } = (await heldOutDigits())[0];
      await drop(page, [
        { name: 'digit.png', bytes: greyPng(pixels, 28, 28) },
        { name: 'broken.png', bytes: Buffer.from('no picture') },
      ]);
      await page.getByText('1 file cannot be read').waitFor();
      await page.getByText('More: how many').click();
      await page.locator('.gate-grid').waitFor();
      await check('samples');
      await narrow(page);
      await page.getByText('As a table').click();
      await page.getByText('Every weight').click();
      await page.getByText('Every node on portable').click();
      await page.locator('.layers').first().getByRole('checkbox').first().check();
      await page.locator('.sample-pick').first().click();
      await page.locator('.try').waitFor();
      await check('result in integers');
    });
  }
}

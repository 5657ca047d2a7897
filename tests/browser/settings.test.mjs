// Where settings come from: questions, links, recipes.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { openBrowser, openPage, skip } from './lib/browser.mjs';
import { choose, drop, narrow, waitForModel } from './lib/page-steps.mjs';
import { root, serve } from './lib/serve.mjs';

const digits = { name: 'digits.onnx', bytes: await readFile(join(root, 'models/digits.onnx')) };

async function open(t, options) {
  const origin = await serve(t, { '/': join(root, 'build/web') });
  const { page, log } = await openPage(await openBrowser(t), options);
  t.after(() => assert.deepEqual(log.errors, []));
  await page.goto(`${origin}/`);
  return { page, origin };
}

const chosen = (page) => page.evaluate(() => document.querySelector('input[name=technique]:checked')?.value);

test('three questions lead to a technique, with the reason', { skip }, async (t) => {
  const { page } = await open(t);
  await drop(page, [digits]);
  await page.getByText('Not sure? Three questions lead to a technique').waitFor();
  await page.getByText('Not sure? Three questions lead to a technique').click();
  const answer = (name) => page.getByRole('radio', { name }).check();
  const advice = page.locator('.advice [role=status]');
  await answer(/^GPU or WebGPU/);
  await advice.getByText('GPUs compute in half precision').waitFor();
  assert.equal(await chosen(page), 'float16');
  await answer(/^Browser/);
  await advice.getByText('Convolutions dominate this model').waitFor();
  assert.equal(await chosen(page), 'weight-only int8');
  await answer('Yes, I have samples');
  await advice.getByText('weights and activations can both become integers').waitFor();
  assert.equal(await chosen(page), 'full-integer');
  assert.equal(await page.getByLabel('Runtime that it is for').inputValue(), 'ort-web-wasm');
  await answer('Safest answers');
  assert.equal(await chosen(page), 'weight-only int8');
  await answer(/^NPU/);
  assert.equal(await chosen(page), 'integer-only');
  await page.getByRole('button', { name: 'Choose samples' }).waitFor();
});

test('a link restores the settings and holds nothing else', { skip }, async (t) => {
  const { page, origin } = await open(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.getByRole('button', { name: /Try it with a small ONNX model/ }).click();
  await waitForModel(page);
  await choose(page, 'Full integer');
  await page.getByLabel('Runtime that it is for').selectOption('ort-web-wasm');
  await page.getByRole('button', { name: 'See the samples' }).click();
  await page.getByText('40 samples', { exact: true }).first().waitFor();
  await page.getByText('More: how many').click();
  await page.getByRole('textbox', { name: 'Samples' }).fill('25');
  await page.getByLabel('Preset').selectOption('zero-one');
  await narrow(page);
  await page.getByRole('button', { name: 'Copy the link' }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const hash = '#settings=';
  assert.ok(link.startsWith(`${origin}/${hash}`));
  assert.deepEqual(JSON.parse(decodeURIComponent(link.slice(origin.length + 1 + hash.length))), {
    recipe: { mode: 'full-integer', target: 'ort-web-wasm' },
    samples: { samples: 25, preset: 'zero-one' },
  });
  const command = await page.locator('.takes .code pre').first().textContent();
  await page.goto('about:blank');
  await page.goto(link);
  await page.getByText('Settings came with the link').waitFor();
  await page.getByRole('button', { name: /Try it with a small ONNX model/ }).click();
  await waitForModel(page);
  await narrow(page);
  assert.equal(await page.locator('.takes .code pre').first().textContent(), command);
  await page.goto('about:blank');
  await page.goto(link.slice(0, -9));
  await page.getByRole('alert').getByText('The settings in this link cannot be read').waitFor();
});

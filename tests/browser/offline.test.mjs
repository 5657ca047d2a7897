// The page without a network, after one visit.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { openBrowser, openPage, skip } from './lib/browser.mjs';
import { choose, downloadModel, drop, narrow, waitForModel } from './lib/page-steps.mjs';
import { root, serve } from './lib/serve.mjs';

test('in flight mode the page opens, reads samples and narrows', { skip }, async (t) => {
  const origin = await serve(t, { '/': join(root, 'build/web') });
  const { page, log } = await openPage(await openBrowser(t));
  await page.goto(`${origin}/`);
  await page.getByText('Saved for offline use').waitFor();
  await page.context().setOffline(true);
  await assert.rejects(page.evaluate(() => fetch(`./not-there-${Math.random()}`)));
  log.errors.length = 0;
  await page.reload();
  await page.getByRole('button', { name: /Try it with a small ONNX model/ }).click();
  await waitForModel(page);
  const folder = join(root, 'tests/data/pictures');
  // Each kind of picture has a decoder of its own.
  for (const name of ['fine.jpg', 'grey.png', 'lossy.webp']) {
    await drop(page, [{ name, bytes: await readFile(join(folder, name)) }]);
  }
  await page.getByText('43 samples', { exact: true }).first().waitFor();
  await page.getByRole('button', { name: 'Change the technique' }).click();
  await choose(page, 'Full integer');
  await narrow(page);
  assert.equal((await downloadModel(page)).name, 'digits.full-integer.onnx');
  assert.deepEqual(log.errors, []);
  await page.context().setOffline(false);
});

// The whole way without a mouse: Tab, Space, Enter and the arrows are all that is pressed.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { openBrowser, openPage, skip } from './lib/browser.mjs';
import { root, serve } from './lib/serve.mjs';

const mostTabs = 120;

/** Presses Tab until what has the focus is called so. */
async function tabTo(page, name) {
  for (let i = 0; i < mostTabs; i += 1) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(() => {
      const { activeElement: element } = document;
      const label = element.labels?.[0]?.textContent ?? element.getAttribute('aria-label') ?? element.textContent;
      const { outlineStyle } = getComputedStyle(
        element.classList.contains('vh') ? element.nextElementSibling : element,
      );
      const isShown = outlineStyle !== 'none' || element.closest('.choice') !== null;
      return { label: label.replaceAll(/\s+/g, ' ').trim(), isShown };
    });
    if (!name.test(found.label)) continue;
    assert.ok(found.isShown, `${found.label} shows that it has the focus`);
    return;
  }
  assert.fail(`${name} is not reached`);
}

/** After a change of screens the keyboard goes on from its title. */
const whenAt = (page, title) =>
  page.waitForFunction(
    (wanted) => document.activeElement.matches('h1') && new RegExp(wanted).test(document.activeElement.textContent),
    title.source,
  );

test('from the sample to the saved report by keyboard alone', { skip }, async (t) => {
  const origin = await serve(t, { '/': join(root, 'build/web') });
  const { page, log } = await openPage(await openBrowser(t));
  await page.goto(`${origin}/`);
  await page.getByRole('button', { name: /Try it with a small ONNX model/ }).waitFor();
  await tabTo(page, /^Try it with a small ONNX model/);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Narrow the model' }).waitFor();
  await whenAt(page, /^digits\.onnx$/);
  await tabTo(page, /^Not sure\?/);
  await page.keyboard.press('Enter');
  await tabTo(page, /^Not sure yet/);
  // Of radio buttons the arrows choose.
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.getByLabel('Runtime that it is for').inputValue(), 'ort-web-wasm');
  await tabTo(page, /^See the samples/);
  await page.keyboard.press('Enter');
  await whenAt(page, /^Show it typical inputs$/);
  await page.locator('.gate-grid').waitFor();
  await tabTo(page, /^Preset/);
  await page.keyboard.press('z');
  await page.waitForFunction(() => document.querySelector('select[id]')?.value === 'zero-one');
  await page.getByText('40 samples', { exact: true }).first().waitFor();
  await tabTo(page, /^Narrow the model/);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Download [\d.]+ / }).waitFor();
  await whenAt(page, /times smaller/);
  await tabTo(page, /^Value$/);
  await page.keyboard.press('Enter');
  await tabTo(page, /^Keep conv_4 in float/);
  await page.keyboard.press('Space');
  await tabTo(page, /^maxpool_7/);
  await page.keyboard.press('Space');
  await page.getByRole('heading', { name: 'maxpool_7' }).waitFor();
  await tabTo(page, /^Download the report as HTML/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  assert.match((await readFile(await download.path(), 'utf8')).slice(0, 15), /<!doctype html>/);
  await page.locator('.redo').first().waitFor();
  await page.keyboard.press('Shift+Tab');
  assert.deepEqual(log.errors, []);
});

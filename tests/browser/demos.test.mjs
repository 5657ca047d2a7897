// The demos, as somebody plays with them: nothing is asked of anybody but their own host.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import test from 'node:test';
import { openBrowser, openPage, skip } from './lib/browser.mjs';
import { root, serve } from './lib/serve.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const mostLines = 120;

async function open(t, path, options) {
  const origin = await serve(t, { '/': join(root, 'build/web') });
  const { page, log } = await openPage(await openBrowser(t), options);
  t.after(() => {
    const strangers = log.requests.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith(`blob:${origin}/`));
    assert.deepEqual(strangers, [], 'every request goes to the page itself');
    assert.deepEqual(log.errors, []);
  });
  await page.goto(`${origin}/${path}`);
  return page;
}

test('digits are read as they are drawn, by both models', { skip }, async (t) => {
  const page = await open(t, 'demos/digits/index.html');
  await page.getByText('Ready. Everything runs in this tab.').waitFor();
  assert.equal(await page.locator('#float-size').textContent(), '262 kB');
  assert.equal(await page.locator('#int8-size').textContent(), '72 kB');
  const answers = () => page.locator('.answer').allTextContents();
  for (const digit of ['0', '3', '8']) {
    await page.getByRole('button', { name: digit, exact: true }).press('Enter');
    await page.waitForFunction(
      (wanted) => [...document.querySelectorAll('.answer')].every((one) => one.textContent === wanted),
      digit,
    );
  }
  await page.getByRole('button', { name: 'Clear' }).click();
  // A one: a stroke from top to bottom.
  const { x, y, width, height } = await page.locator('#pad').boundingBox();
  await page.mouse.move(x + width / 2, y + height * 0.15);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + height * 0.85, { steps: 12 });
  await page.mouse.up();
  await page.waitForFunction(() => document.querySelector('#int8-answer').textContent === '1');
  assert.deepEqual(await answers(), ['1', '1']);
});

for (const [name, options] of Object.entries({
  'light, wide': { viewport: { width: 1280, height: 800 } },
  'dark, narrow': { viewport: { width: 320, height: 800 }, colorScheme: 'dark' },
})) {
  test(`everybody can use the demo: ${name}`, { skip }, async (t) => {
    const page = await open(t, 'demos/digits/index.html', options);
    await page.getByText('Ready. Everything runs in this tab.').waitFor();
    await page.getByRole('button', { name: '7', exact: true }).click();
    await page.locator('#int8-classes li').nth(9).waitFor();
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run());
    assert.deepEqual(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(' ')}`),
      [],
    );
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overhang <= 0, `${overhang} px wider than the window`);
  });
}

test('a demo is short enough to be copied', async () => {
  const text = await readFile(join(root, 'web/demos/digits/main.ts'), 'utf8');
  assert.ok(text.split('\n').length <= mostLines);
});

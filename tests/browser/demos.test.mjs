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
// LiteRT writes everything to console.error, also what is no more than information.
const harmless = /^(INFO|WARNING): /;

async function open(t, path, options) {
  const origin = await serve(t, { '/': join(root, 'build/web') });
  const { page, log } = await openPage(await openBrowser(t), options);
  t.after(() => {
    const strangers = log.requests.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith(`blob:${origin}/`));
    assert.deepEqual(strangers, [], 'every request goes to the page itself');
    assert.deepEqual(
      log.errors.filter((line) => !harmless.test(line)),
      [],
    );
  });
  await page.goto(`${origin}/${path}`);
  return page;
}

async function checkAccess(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(' ')}`),
    [],
  );
  const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overhang <= 0, `${overhang} px wider than the window`);
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

test('the face in a photo is found by both models, and none where there is none', { skip }, async (t) => {
  const page = await open(t, 'demos/face/index.html');
  await page.getByText('Ready. Everything runs in this tab.').waitFor();
  const [before, after] = (await page.locator('h2 .meta').allTextContents()).map((text) => Number.parseInt(text, 10));
  assert.ok(before === 229 && after < 0.75 * before, `${before} ${after}`);
  const answers = () => page.locator('.answer').allTextContents();
  for (const answer of await answers()) assert.match(answer, /^1 found: [89]\d\.\d %$/);
  // The frames: white where the photo is not, around the middle of the face.
  const frames = await page.evaluate(() =>
    ['before', 'after'].map((name) => {
      const canvas = document.querySelector(`#${name}-photo`);
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const rows = Array.from({ length: canvas.height }, (_, y) => {
        let white = 0;
        for (let x = 0; x < canvas.width; ++x) if (data[4 * (y * canvas.width + x) + 2] === 255) white += 1;
        return white;
      });
      return rows.indexOf(Math.max(...rows)) / canvas.height;
    }),
  );
  assert.ok(Math.abs(frames[0] - frames[1]) < 0.03, frames.join(' '));
  const gray = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(300, 200);
    canvas.getContext('2d').fillRect(0, 0, 300, 200);
    return Array.from(new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer()));
  });
  await page.locator('#photo').setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer: Buffer.from(gray) });
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.answer')].every((one) => one.textContent === 'No face'),
  );
});

test('the lines of a note are read by both models', { skip }, async (t) => {
  const page = await open(t, 'demos/text/index.html');
  await page.getByText('Ready. Everything runs in this tab.').waitFor({ timeout: 60_000 });
  assert.deepEqual(await page.locator('h2 .meta').allTextContents(), ['10.8 MB', '3.2 MB']);
  const texts = (await page.locator('.answer').allTextContents()).map((text) => text.split('\n'));
  for (const lines of texts) {
    assert.deepEqual(lines.slice(0, 5), [
      'Notice to all gardeners',
      'The north gate closes at 18:30',
      'Water the tomatoes twice a week',
      'Tools: rake, spade, two buckets',
      'Harvest festival on 12 October',
    ]);
    assert.match(lines[5], /^Questions\? ?Ask at Plot 47$/);
  }
  await checkAccess(page);
});

for (const [name, options] of Object.entries({
  'light, wide': { viewport: { width: 1280, height: 800 } },
  'dark, narrow': { viewport: { width: 320, height: 800 }, colorScheme: 'dark' },
})) {
  test(`everybody can use the demo of faces: ${name}`, { skip }, async (t) => {
    const page = await open(t, 'demos/face/index.html', options);
    await page.getByText('Ready. Everything runs in this tab.').waitFor();
    await checkAccess(page);
  });

  test(`everybody can use the demo of digits: ${name}`, { skip }, async (t) => {
    const page = await open(t, 'demos/digits/index.html', options);
    await page.getByText('Ready. Everything runs in this tab.').waitFor();
    await page.getByRole('button', { name: '7', exact: true }).click();
    await page.locator('#int8-classes li').nth(9).waitFor();
    await checkAccess(page);
  });
}

test('a demo is short enough to be copied', async () => {
  for (const demo of ['digits', 'face', 'text']) {
    const text = await readFile(join(root, `web/demos/${demo}/main.ts`), 'utf8');
    assert.ok(text.split('\n').length <= mostLines, demo);
  }
});

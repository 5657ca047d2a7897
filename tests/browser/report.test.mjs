// The report as a page of its own: opened from the disk, it asks for nothing, can be sorted, and everybody can use it.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { writeNpy } from '../../dist/data/npy.js';
import { inspect, openSamples, quantize, reportHtml } from '../../dist/index.js';
import { temporaryFolder } from '../node/lib/cli.mjs';
import { heldOutDigits } from '../node/lib/pictures.mjs';
import { openBrowser, openPage, skip } from './lib/browser.mjs';
import { root } from './lib/serve.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const bytes = new Uint8Array(await readFile(join(root, 'models/digits.onnx')));
const held = (await heldOutDigits()).slice(0, 8);
const array = {
  dtype: 'float32',
  shape: [held.length, 1, 28, 28],
  data: Float32Array.from(held.flatMap(({ pixels }) => [...pixels])),
};

async function makeReport() {
  const samples = await openSamples([{ name: 'x.npy', data: writeNpy(array) }], await inspect(bytes));
  const options = { calibration: samples, labels: held.map(({ label }) => label), minSqnr: 90, keepGoing: true };
  return (await quantize(bytes, { ...options, workers: 1 })).report;
}

async function open(t, report, title, options) {
  const file = join(await temporaryFolder(t), 'report.html');
  await writeFile(file, await reportHtml(report, title));
  const { page, log } = await openPage(await openBrowser(t), options);
  const url = pathToFileURL(file).href;
  await page.goto(url);
  t.after(() => assert.deepEqual([log.errors, log.requests], [[], [url]]));
  return page;
}

test('it shows what the report holds', { skip }, async (t) => {
  const report = await makeReport();
  const page = await open(t, report, 'digits.onnx');
  assert.equal(await page.title(), 'digits.onnx: what narrowing cost');
  const tiles = await page.locator('.tiles').textContent();
  assert.match(tiles, /Size27\.\d %/);
  assert.match(tiles, /Ops in integers12 of 12/);
  assert.ok(tiles.includes(`${report.judged.sqnr_db.toFixed(1)} dB`), tiles);
  assert.match(tiles, /Accuracy100\.0 %/);
  assert.ok((await page.locator('main').textContent()).includes(report.judged.failed[0]));
  const region = page.getByRole('region', { name: 'Values in integers' });
  assert.equal(await region.locator('tbody tr').count(), report.activations.length);
  assert.equal(await region.locator('tbody th').first().textContent(), report.activations[0].name);
  assert.equal(await region.locator('svg').count(), report.activations.length);
  assert.equal(await region.locator('svg').first().locator('line.end').count(), 2);
  assert.ok((await region.locator('svg').first().locator('rect.bar').count()) > 3);
  const fed = await page.getByRole('region', { name: 'What was fed' }).locator('tbody tr').textContent();
  assert.match(fed, /^image0010\.\d+62728$/);
});

test('its columns sort, numbers as numbers', { skip }, async (t) => {
  const report = await makeReport();
  const page = await open(t, report, 'digits.onnx');
  const region = page.getByRole('region', { name: 'Values in integers' });
  const scales = () => region.locator('tbody tr td:nth-of-type(5)').allInnerTexts();
  const button = region.getByRole('button', { name: 'scale' });
  await button.focus();
  await page.keyboard.press('Enter');
  assert.equal(await region.locator('th[aria-sort]').getAttribute('aria-sort'), 'ascending');
  const rising = (await scales()).map(Number);
  assert.deepEqual(
    rising,
    rising.toSorted((a, b) => a - b),
  );
  await button.click();
  assert.equal(await region.locator('th[aria-sort]').getAttribute('aria-sort'), 'descending');
  assert.deepEqual((await scales()).map(Number), rising.toReversed());
});

test('names of a model are text and nothing else', { skip }, async (t) => {
  const evil = '</script><img src=x onerror="document.title=1"><!--<script>';
  const report = structuredClone(await makeReport());
  report.nodes[0].name = evil;
  report.activations[0].name = evil;
  report.judged.keep_float = { target_db: 20, reached_db: 21, nodes: [evil, "it's"], of: 12, runs: 9, alone: [] };
  const page = await open(t, report, evil);
  assert.equal(await page.title(), `${evil}: what narrowing cost`);
  assert.equal(await page.locator('img').count(), 0);
  const shown = await page.getByRole('region', { name: 'Ops' }).locator('tbody th').first().textContent();
  assert.equal(shown, evil);
  assert.ok((await page.locator('pre').textContent()).endsWith(String.raw`--exclude 'it'\''s'`));
});

for (const [name, options] of Object.entries({
  light: {},
  dark: { colorScheme: 'dark' },
  narrow: { viewport: { width: 360, height: 740 } },
})) {
  test(`everybody can use it: ${name}`, { skip }, async (t) => {
    const report = await makeReport();
    report.judged.keep_float = { target_db: 20, reached_db: 21, nodes: ['conv'], of: 12, runs: 9, alone: [] };
    const page = await open(t, report, 'digits.onnx', options);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run());
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    assert.deepEqual(told, []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(wide <= 0, `${wide} pixels stand out`);
  });
}

// A run with samples, from its first phase to what the result says: cancelled, done again, looked at, taken away.
import assert from 'node:assert/strict';
import { open as openFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { writeNpy } from '../../dist/data/npy.js';
import { quantize } from '../../dist/index.js';
import { temporaryFolder } from '../node/lib/cli.mjs';
import { sha256 } from '../node/lib/hashes.mjs';
import { input, model, node, numbers, output, tensor } from '../node/lib/onnx-writer.mjs';
import { heldOutDigits } from '../node/lib/pictures.mjs';
import { openBrowser, openPage, skip } from './lib/browser.mjs';
import { choose, download, drop, heading, narrow, narrowButton, waitForModel } from './lib/page-steps.mjs';
import { root, serve } from './lib/serve.mjs';

const digits = { name: 'digits.onnx', bytes: await readFile(join(root, 'models/digits.onnx')) };
const held = (await heldOutDigits()).filter((_, i) => i % 25 === 3);
const shape = [1, 1, 28, 28];
const samples = held.map(({ pixels }) => ({ image: { dtype: 'float32', shape, data: pixels } }));
const array = (rows, size, of) => writeNpy({ dtype: 'float32', shape: [rows, ...size], data: of });
const digitsArray = {
  name: 'x.npy',
  bytes: array(held.length, [1, 28, 28], Float32Array.from(held.flatMap(({ pixels }) => [...pixels]))),
};

async function open(t, options) {
  const browser = await openBrowser(t);
  const origin = await serve(t, { '/': join(root, 'build/web') });
  const { page, log } = await openPage(browser, options);
  t.after(() => {
    const strangers = log.requests.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith(`blob:${origin}/`));
    assert.deepEqual(strangers, [], 'every request goes to the page itself');
    assert.deepEqual(log.errors, []);
  });
  await page.goto(origin);
  return page;
}

/** Products of large matrices, so that samples take their time. */
function slowModel() {
  const side = 512;
  const count = 8;
  const data = numbers(side * side);
  const names = Array.from({ length: count + 1 }, (_, i) => (i === 0 ? 'x' : i === count ? 'y' : `v${i}`));
  return model([
    ...names.slice(1).map((name, i) => node('MatMul', [names[i], `w${i}`], [name], `matmul_${i}`)),
    ...names.slice(1).map((_, i) => tensor(`w${i}`, [side, side], data)),
    input('x', [64, side]),
    output('y', [64, side]),
  ]);
}

test('cancelled between two samples, the page goes on: the run after it is whole', { skip }, async (t) => {
  const page = await open(t);
  await drop(page, [{ name: 'slow.onnx', bytes: slowModel() }]);
  await waitForModel(page);
  const count = 60;
  await drop(page, [{ name: 'x.npy', bytes: array(count * 64, [512], numbers(count * 64 * 512)) }]);
  await page.getByText(`${count} samples`, { exact: true }).first().waitFor();
  // Clicked from within, as soon as a sample is done: from outside it could be too late.
  const said = page.evaluate(
    () =>
      new Promise((resolve) => {
        const phases = new Set();
        new MutationObserver((_, observer) => {
          const phase = document.querySelector('.progress [role=status]')?.textContent;
          if (phase) phases.add(phase);
          if (!/^[1-9]\d* of 60 samples$/.test(document.querySelector('.progress .big')?.textContent ?? '')) return;
          observer.disconnect();
          document.querySelector('.progress button').click();
          resolve([...phases]);
        }).observe(document.body, { subtree: true, childList: true, characterData: true });
      }),
  );
  await narrowButton(page).click();
  assert.deepEqual(await said, ['Phase 1 of 5: Run the samples']);
  await page.getByText(/^Cancelled at sample \d+ of 60$/).waitFor();
  await page.getByText('Nothing was written. Model and settings are still here.').waitFor();
  await narrow(page);
  assert.match(await heading(page).textContent(), /8 of 8 ops in integers/);
});

test('the result says what was lost and where; what is kept in float is made anew', { skip }, async (t) => {
  const page = await open(t);
  await drop(page, [digits]);
  await waitForModel(page);
  await drop(page, [digitsArray]);
  await page.getByText(`${held.length} samples`, { exact: true }).first().waitFor();
  await narrow(page);
  const { report } = await quantize(digits.bytes, { calibration: samples, workers: 1 });
  const given = await download(page, page.getByRole('button', { name: 'Download the report as JSON' }));
  const { fed: _, ...told } = JSON.parse(given.bytes);
  assert.deepEqual(told, JSON.parse(JSON.stringify(report)));
  const [output] = report.judged.outputs;
  assert.match(await heading(page).textContent(), /12 of 12 ops in integers, same answer on 16 of 16$/);
  const tiles = await page.locator('.tiles').textContent();
  assert.ok(tiles.includes(`${output.sqnr_db.toFixed(1)} dB`), tiles);
  assert.match(tiles, /Same answer16 of 16at logits, 100 %; between 80\.6 % and 100 %/);
  // Worst first, as the report has them.
  const table = page.getByRole('table', { name: 'Where the error comes from' });
  const names = () => table.locator('tbody th button').allTextContents();
  assert.deepEqual(
    await names(),
    report.activations.map(({ name }) => name),
  );
  await table.getByRole('button', { name: 'Value' }).click();
  assert.deepEqual(await names(), report.activations.map(({ name }) => name).toSorted());
  await page.getByLabel('Filter values').fill('maxpool');
  assert.deepEqual(await names(), ['maxpool_3', 'maxpool_7']);
  // The chosen value: its histogram in numbers, and its scale.
  await table.getByRole('button', { name: 'maxpool_3' }).click();
  const activation = report.activations.find(({ name }) => name === 'maxpool_3');
  const value = report.judged.values.find(({ name }) => name === 'maxpool_3');
  const detail = page.getByRole('region', { name: 'maxpool_3' });
  await detail.getByText('As a table').click();
  const counts = await detail.locator('section.low tbody td.num').allTextContents();
  assert.deepEqual(
    counts.map((text) => Number(text.replaceAll(',', ''))),
    value.histogram.counts,
  );
  assert.ok((await detail.locator('.facts').textContent()).includes(String(Number(activation.scale.toPrecision(3)))));
  // Its op is kept in float.
  await page.getByRole('checkbox', { name: `Keep ${activation.node} in float` }).check();
  await page.getByRole('button', { name: 'Redo' }).click();
  await page.getByText(`--exclude ${activation.node}`).first().waitFor();
  const again = await quantize(digits.bytes, { calibration: samples, workers: 1, exclude: [activation.node] });
  assert.equal(await page.locator('.hash').textContent(), sha256(again.model));
  assert.match(await heading(page).textContent(), /1\d of 12 ops in integers/);
  await page
    .getByRole('row', { name: /excluded by name/ })
    .first()
    .waitFor();
  const html = await download(page, page.getByRole('button', { name: 'Download the report as HTML' }));
  assert.equal(html.name, 'digits.full-integer.report.html');
  // The bundler has shortened its script, which must stand alone all the same.
  const path = join(await temporaryFolder(t), html.name);
  await writeFile(path, html.bytes);
  const { page: saved, log } = await openPage(page.context().browser());
  await saved.goto(pathToFileURL(path).href);
  assert.equal(await saved.locator('h1').textContent(), 'digits.onnx');
  const listed = saved.getByRole('region', { name: 'Values in integers' }).locator('tbody tr');
  assert.equal(await listed.count(), again.report.activations.length);
  assert.deepEqual([log.errors, log.requests], [[], [pathToFileURL(path).href]]);
});

test('a range that is moved by hand is what the next result has, and can be taken back', { skip }, async (t) => {
  const page = await open(t);
  await drop(page, [digits]);
  await waitForModel(page);
  await drop(page, [digitsArray]);
  await page.getByText(`${held.length} samples`, { exact: true }).first().waitFor();
  await narrow(page);
  const hash = page.locator('.hash');
  const first = await hash.textContent();
  const table = page.getByRole('table', { name: 'Where the error comes from' });
  await table.getByRole('button', { name: 'logits', exact: true }).click();
  const detail = page.getByRole('region', { name: 'logits' });
  const end = detail.getByRole('slider', { name: 'Codes of logits reach to' });
  const before = Number(await end.getAttribute('aria-valuetext'));
  await end.focus();
  for (let i = 0; i < 50; ++i) await page.keyboard.press('ArrowLeft');
  const chosen = Number(await end.getAttribute('aria-valuetext'));
  assert.ok(chosen > 0 && Math.abs(chosen / before - 0.75) < 0.02, `${chosen} of ${before}`);
  assert.match(
    await detail.getByRole('status').textContent(),
    /^Chosen: .*, with about [\d.]+ % of the numbers outside\.$/,
  );
  await detail.getByRole('button', { name: 'Redo with this range' }).click();
  await page.getByText('1 range stated').waitFor({ state: 'detached' });
  await page.waitForFunction((old) => document.querySelector('.hash')?.textContent !== old, first);
  const recipe = JSON.parse((await download(page, page.getByRole('button', { name: 'Download the recipe' }))).bytes);
  assert.equal(recipe.values.length, 1);
  assert.deepEqual(recipe.values[0].names, ['logits']);
  assert.ok(Math.abs(recipe.values[0].max / chosen - 1) < 0.01);
  const again = await quantize(digits.bytes, { calibration: samples, workers: 1, recipe });
  assert.equal(await hash.textContent(), sha256(again.model));
  await detail.getByRole('button', { name: 'Let samples decide' }).click();
  await detail.getByRole('button', { name: 'Redo with this range' }).click();
  await page.waitForFunction((old) => document.querySelector('.hash')?.textContent === old, first);
});

/** One sample beside all others makes ranges that leave them few codes. */
async function dropGlaring(page) {
  const eight = held.slice(0, 8).flatMap(({ pixels }) => [...pixels]);
  const data = Float32Array.from([...eight, ...held[0].pixels.map((value) => 16 * value)]);
  await drop(page, [{ name: 'x.npy', bytes: array(9, [1, 28, 28], data) }]);
  await page.getByText('More: how many').click();
  await page.getByLabel('Judged').fill('8');
}

test('where too much is lost, one click keeps in float what is better there', { skip }, async (t) => {
  const page = await open(t);
  await drop(page, [digits]);
  await waitForModel(page);
  await dropGlaring(page);
  await narrow(page);
  const given = await download(page, page.getByRole('button', { name: 'Download the report as JSON' }));
  const { keep_float: keep, sqnr_db: before } = JSON.parse(given.bytes).judged;
  assert.ok(before < 20 && keep.reached_db >= 20, JSON.stringify(keep));
  await page.getByText(`Better with ${keep.nodes.length} of 12 ops in float`).waitFor();
  await page.getByRole('button', { name: /^Keep (it|them) in float and redo$/ }).click();
  await page.getByText(`--exclude ${keep.nodes[0]}`).first().waitFor();
  const again = await download(page, page.getByRole('button', { name: 'Download the report as JSON' }));
  const { judged, nodes } = JSON.parse(again.bytes);
  assert.ok(judged.sqnr_db >= 20, `${judged.sqnr_db} dB`);
  assert.equal(nodes.filter(({ reason }) => /excluded by name/.test(reason)).length, keep.nodes.length);
});

test('whoever has waited enough takes the model that is made before the search ends', { skip }, async (t) => {
  const page = await open(t);
  await drop(page, [digits]);
  await waitForModel(page);
  await dropGlaring(page);
  // Clicked from within: the tries of a small model are soon over.
  await page.evaluate(() => {
    new MutationObserver((_, observer) => {
      const button = [...document.querySelectorAll('.progress button')].find(
        (one) => one.textContent === 'Stop looking',
      );
      if (button === undefined) return;
      observer.disconnect();
      button.click();
    }).observe(document.body, { subtree: true, childList: true });
  });
  await narrow(page);
  const given = await download(page, page.getByRole('button', { name: 'Download the report as JSON' }));
  const { keep_float: keep } = JSON.parse(given.bytes).judged;
  assert.ok(keep.stopped, JSON.stringify(keep));
  await page.getByText(/You stopped the search/).waitFor();
});

test('answers make it accuracy; other techniques are judged on the samples, too', { skip }, async (t) => {
  const page = await open(t);
  await drop(page, [digits]);
  await waitForModel(page);
  await choose(page, 'Weight only, int4');
  await drop(page, [digitsArray]);
  await page.getByLabel('Add the right answers').setInputFiles({
    name: 'answers.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(held.map(({ label }) => label).join('\n')),
  });
  await narrow(page);
  const labels = held.map(({ label }) => label);
  const wish = { calibration: samples, mode: 'weight-only', weights: 'int4', labels, workers: 1 };
  const { model: expected, report } = await quantize(digits.bytes, wish);
  assert.equal(await page.locator('.hash').textContent(), sha256(expected));
  const { after, before, labels: known } = report.judged.accuracy;
  assert.ok((await heading(page).textContent()).endsWith(`${after} of ${known} right, ${before} in float`));
  await page.getByRole('heading', { name: 'Accuracy' }).waitFor();
});

test('what a tab cannot hold is said before it is read, with the command that can', { skip }, async (t) => {
  const path = join(await temporaryFolder(t), 'huge.onnx');
  const file = await openFile(path, 'w');
  await file.truncate(3.5 * 2 ** 30);
  await file.close();
  const page = await open(t);
  await page.locator('input[type=file]').first().setInputFiles(path);
  await page.getByRole('alert').getByText('3.76 GB need more memory than a tab can have').waitFor();
  await page.getByText('npx narrowcast huge.onnx').waitFor();
  await drop(page, [digits]);
  await waitForModel(page);
});

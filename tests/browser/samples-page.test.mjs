// Samples on the page: dropped, looked at, read otherwise, and a model of integers made with them.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { zipSync } from 'fflate';
import { writeNpy } from '../../dist/data/npy.js';
import { narrowcast, temporaryFolder } from '../node/lib/cli.mjs';
import { sha256 } from '../node/lib/hashes.mjs';
import { input, model, node, numbers, output, tensor } from '../node/lib/onnx-writer.mjs';
import { heldOutDigits } from '../node/lib/pictures.mjs';
import { greyPng } from '../node/lib/png.mjs';
import { openBrowser, openPage, skip } from './lib/browser.mjs';
import {
  choose,
  download,
  downloadModel,
  drop,
  heading,
  narrow,
  narrowButton,
  waitForModel,
} from './lib/page-steps.mjs';
import { root, serve } from './lib/serve.mjs';

const digits = { name: 'digits.onnx', bytes: await readFile(join(root, 'models/digits.onnx')) };
const held = (await heldOutDigits()).filter((_, i) => i % 25 === 3);
const pictures = held.map(({ pixels, label }, i) => ({
  name: `${String(i).padStart(2, '0')}-${label}.png`,
  bytes: greyPng(pixels, 28, 28),
}));

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

/** A folder `pictures` of digits, with a file among them that holds none. */
async function picturesFolder(t) {
  const cwd = await temporaryFolder(t);
  const folder = join(cwd, 'pictures');
  await mkdir(folder);
  for (const { name, bytes } of pictures) await writeFile(join(folder, name), bytes);
  await writeFile(join(folder, 'broken.png'), pictures[0].bytes.subarray(0, 60));
  await writeFile(join(folder, 'notes.md'), 'not a sample');
  await writeFile(join(cwd, digits.name), digits.bytes);
  return { cwd, folder };
}

const whenRead = (page, count) =>
  page
    .getByRole('status')
    .filter({ hasText: new RegExp(`^${count} samples`) })
    .waitFor();

test('a folder of pictures: shown as the model sees them, and the bytes of the command line', { skip }, async (t) => {
  const page = await open(t);
  const { cwd, folder } = await picturesFolder(t);
  await drop(page, [digits]);
  await waitForModel(page);
  await choose(page, 'Full integer');
  await page.getByText('12 of 12 ops compute in integers there.').waitFor();
  await page.getByRole('button', { name: 'Choose samples' }).click();
  assert.equal(await heading(page).textContent(), 'Show it typical inputs');
  assert.ok(await narrowButton(page).isDisabled());
  await page.getByLabel('Choose a folder').setInputFiles(folder);
  await whenRead(page, held.length + 1);
  await page.getByText('1 file cannot be read').waitFor();
  await page.getByText('pictures/broken.png', { exact: true }).waitFor();
  await page.getByText('1 other file ignored: pictures/notes.md').waitFor();
  assert.equal(await page.locator('.thumbs canvas').count(), 8);
  await page.getByText('28 × 28, grey').waitFor();
  await page.getByLabel('Preset').selectOption('zero-one');
  await whenRead(page, held.length + 1);
  // The pixels of the picture come back out of the numbers that the model gets.
  const shown = await page.evaluate(() => {
    const canvas = document.querySelector('.thumbs canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, 28, 28);
    return { name: canvas.getAttribute('aria-label'), grey: Array.from(data).filter((_, i) => i % 4 === 0) };
  });
  const source = held[pictures.findIndex(({ name }) => name === shown.name)];
  assert.deepEqual(
    shown.grey,
    Array.from(source.pixels, (value) => Math.round(255 * value)),
  );
  // The float model recognizes what it is shown.
  const said = page.getByRole('region', { name: 'Does the float model get these right?' }).locator('.gate-grid > li');
  await said.nth(4).waitFor();
  for (const one of await said.all()) {
    const label = /-(\d)\.png$/.exec(await one.locator('canvas').getAttribute('aria-label'))[1];
    assert.match(await one.locator('.ans').textContent(), new RegExp(`^class ${label}\\d`));
  }
  await page.getByLabel('Add class names').setInputFiles({
    name: 'names.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from(Array.from({ length: 10 }, (_, i) => `digit ${i}`).join('\n')),
  });
  await said.getByText('digit 0').first().waitFor();
  await narrow(page);
  const result = await downloadModel(page);
  assert.equal(result.name, 'digits.full-integer.onnx');
  const command = (await page.locator('.takes .code pre').first().textContent()).replaceAll(/ \\\n +/g, ' ');
  assert.equal(command, 'npx narrowcast digits.onnx --mode full-integer --calibration pictures/ --preset zero-one');
  const { code, stdout, stderr } = await narrowcast([...command.split(' ').slice(2), '--report', 'r.json'], { cwd });
  assert.equal(code, 0, stderr);
  assert.equal(sha256(result.bytes), sha256(await readFile(stdout.trim())));
  // The same report, but for where and when.
  const given = await download(page, page.getByRole('button', { name: 'Download the report as JSON' }));
  const {
    model: _,
    output: __,
    data_files,
    elapsed_ms,
    peak_bytes,
    ...report
  } = JSON.parse(await readFile(join(cwd, 'r.json'), 'utf8'));
  assert.deepEqual(JSON.parse(given.bytes), report);
});

test('arrays, archives and answers: each is read as what it is', { skip }, async (t) => {
  const page = await open(t);
  await drop(page, [digits]);
  await waitForModel(page);
  const shape = [held.length, 1, 28, 28];
  const data = Float32Array.from(held.flatMap(({ pixels }) => [...pixels]));
  await drop(page, [{ name: 'x.npy', bytes: writeNpy({ dtype: 'float32', shape, data }) }]);
  await whenRead(page, held.length);
  assert.equal(await page.locator('.thumbs canvas').count(), 8);
  await page.getByRole('button', { name: 'Remove x.npy' }).click();
  await page.getByText('Drop a folder of typical inputs').waitFor();
  const archive = Object.fromEntries(pictures.map(({ name, bytes }) => [name, new Uint8Array(bytes)]));
  await drop(page, [{ name: 'all.zip', bytes: zipSync(archive) }]);
  await whenRead(page, held.length);
  await page.getByText('More: how many').click();
  await page.getByRole('textbox', { name: 'Samples' }).fill('20');
  await page.getByText(`20 samples, chosen from ${held.length}`).waitFor();
  await page.getByLabel('Mean').fill('a, b');
  await page.locator('input[aria-invalid="true"]').waitFor();
  await page.getByText('three with commas').waitFor();
  await page.getByLabel('Mean').fill('');
  const rows = pictures.map(({ name }, i) => `${name},${held[i].label}`).join('\n');
  await page.getByLabel('Add the right answers').setInputFiles({
    name: 'answers.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(`file,class\n${rows}\n`),
  });
  await page.getByText('answers.csv: the result shows the accuracy.').waitFor();
  await page.getByText('The same as a command').click();
  const command = await page.locator('.rail pre').textContent();
  assert.match(command, /--calibration all\.zip \\\n +--samples 20 \\\n +--labels answers\.csv$/);
});

test('samples that do not fit are told, and others can be given', { skip }, async (t) => {
  const page = await open(t);
  await drop(page, [{ name: 'x.npy', bytes: Buffer.from('not an array') }]);
  await page.getByRole('alert').getByText('drop the model first').waitFor();
  await drop(page, [digits]);
  await waitForModel(page);
  const wrong = { dtype: 'float32', shape: [4, 3, 5], data: new Float32Array(60) };
  await drop(page, [{ name: 'wrong.npy', bytes: writeNpy(wrong) }]);
  await page.getByRole('alert').getByText('The samples cannot be used').waitFor();
  assert.match(await page.getByRole('alert').textContent(), /\[4, 3, 5\] does not fit the input 'image'/);
  assert.ok(await narrowButton(page).isDisabled());
  await page.getByRole('button', { name: 'Remove wrong.npy' }).click();
  await drop(page, pictures.slice(0, 5));
  await whenRead(page, 5);
  assert.equal(await page.getByRole('alert').count(), 0);
  await page.getByText('5 samples are few').waitFor();
  await narrow(page);
});

test('a model of several inputs: files go by their names, or where they are told to', { skip }, async (t) => {
  const page = await open(t);
  const bytes = model([
    node('Gemm', ['left', 'weight'], ['product'], 'gemm'),
    node('Add', ['product', 'right'], ['sum'], 'add'),
    tensor('weight', [64, 64], numbers(64 * 64)),
    input('left', [1, 64]),
    input('right', [1, 64]),
    output('sum', [1, 64]),
  ]);
  await drop(page, [{ name: 'two.onnx', bytes }]);
  await waitForModel(page);
  const rows = (begin) => writeNpy({ dtype: 'float32', shape: [24, 64], data: numbers(24 * 64 + begin).slice(begin) });
  await drop(page, [{ name: 'left.npy', bytes: rows(0) }]);
  await page.getByRole('alert').getByText('The samples cannot be used').waitFor();
  await drop(page, [{ name: 'other.npy', bytes: rows(7) }]);
  await page.getByLabel(/that other\.npy is for/).selectOption('right');
  await whenRead(page, 24);
  assert.equal(await page.getByRole('alert').count(), 0);
  await page.getByText('The same as a command').click();
  assert.match(await page.locator('.rail pre').textContent(), /--calibration left=left\.npy right=other\.npy/);
  await narrow(page);
  const result = await downloadModel(page);
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'two.onnx'), bytes);
  await writeFile(join(cwd, 'left.npy'), rows(0));
  await writeFile(join(cwd, 'other.npy'), rows(7));
  const args = ['two.onnx', '--calibration', 'left=left.npy', 'right=other.npy'];
  const { code, stdout, stderr } = await narrowcast(args, { cwd });
  assert.equal(code, 0, stderr);
  assert.equal(sha256(result.bytes), sha256(await readFile(stdout.trim())));
});

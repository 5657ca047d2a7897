// narrowcast calibrate, as its users meet it.
import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeNpy } from '../../dist/data/npy.js';
import { calibrate } from '../../dist/index.js';
import { narrowcast, temporaryFolder } from './lib/cli.mjs';
import { input, model, node, output } from './lib/onnx-writer.mjs';
import { heldOutDigits } from './lib/pictures.mjs';

const digits = fileURLToPath(new URL('../../models/digits.onnx', import.meta.url));
const pictures = fileURLToPath(new URL('../data/pictures/', import.meta.url));
const held = (await heldOutDigits()).slice(0, 10);
const array = (count = held.length) => ({
  dtype: 'float32',
  shape: [count, 1, 28, 28],
  data: Float32Array.from(held.slice(0, count).flatMap(({ pixels }) => [...pixels])),
});

test('ranges are written beside the model, and told', async (t) => {
  const cwd = await temporaryFolder(t);
  await copyFile(digits, join(cwd, 'digits.onnx'));
  await writeFile(join(cwd, 'x.npy'), writeNpy(array()));
  const args = ['calibrate', 'digits.onnx', '--calibration', 'x.npy', '--workers', '2'];
  const { code, stdout, stderr } = await narrowcast(args, { cwd });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${join(cwd, 'digits.ranges.json')}\n`);
  assert.match(stderr, /digits\.onnx: \d+ % \(samples \d+\/10, \d+ s left\)/);
  assert.match(stderr, /10 samples of 10, \d+ values in [\d.]+ s; memory: [\d.]+ MB at most/);
  assert.match(stderr, /fed +smallest +largest +mean +numbers\n +image +0 +1 +0\.1\d* +7,840\n/);
  assert.match(stderr, /widest +from +to +smallest +largest\n/);
  const samples = held.map(({ pixels }) => ({ image: { shape: [1, 1, 28, 28], data: pixels } }));
  const { ranges } = await calibrate(await readFile(digits), samples, { workers: 1 });
  assert.equal(await readFile(join(cwd, 'digits.ranges.json'), 'utf8'), ranges);
  const again = await narrowcast(args, { cwd });
  assert.equal(again.code, 2);
  assert.match(again.stderr, /exists already/);
});

test('shards merge into the whole', async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'x.npy'), writeNpy(array()));
  const base = ['calibrate', digits, '--calibration', 'image=x.npy', '--method', 'percentile', '--percentile', '99.9'];
  const run = (...more) =>
    narrowcast([...base, '--samples', '7', '--seed', '3', '--workers', '1', '-q', ...more], { cwd });
  for (const more of [
    ['-o', 'all.json'],
    ['-o', 'a.json', '--shard', '0/2'],
    ['-o', 'b.json', '--shard', '1/2'],
  ]) {
    const { code, stderr } = await run(...more);
    assert.deepEqual([code, stderr], [0, '']);
  }
  const merged = await narrowcast(['calibrate', '--merge', 'b.json', 'a.json', '-o', 'ab.json', '--json'], { cwd });
  assert.equal(merged.code, 0, merged.stderr);
  assert.equal(await readFile(join(cwd, 'ab.json'), 'utf8'), await readFile(join(cwd, 'all.json'), 'utf8'));
  const told = JSON.parse(merged.stdout);
  assert.deepEqual([told.samples, told.model, told.output], [7, null, join(cwd, 'ab.json')]);
  for (const args of [
    ['--merge', 'a.json'],
    ['--merge', 'a.json', 'a.json', '-o', 'x.json'],
    [digits, '--merge', 'a.json', '-o', 'x.json'],
    [digits, '--calibration', 'x.npy', '--shard', '2/2'],
    [digits, '--calibration', 'x.npy', '--percentile', '0'],
    ['--calibration', 'x.npy'],
  ]) {
    assert.equal((await narrowcast(['calibrate', ...args], { cwd })).code, 2, args.join(' '));
  }
});

test('a folder of pictures: --json tells what was fed, and warns', async (t) => {
  const cwd = await temporaryFolder(t);
  await mkdir(join(cwd, 'all/deep'), { recursive: true });
  await copyFile(join(pictures, 'ramp.png'), join(cwd, 'all/deep/b.png'));
  await copyFile(join(pictures, 'fine.jpg'), join(cwd, 'all/a.jpg'));
  await writeFile(join(cwd, 'all/c.webp'), 'nonsense');
  await writeFile(join(cwd, 'all/notes.txt'), 'left aside');
  const parts = [input('x', [1, 3, 8, 8]), output('y', [1, 3, 8, 8]), node('Relu', ['x'], ['y'])];
  await writeFile(join(cwd, 'm.onnx'), model(parts));
  const args = ['calibrate', 'm.onnx', '--calibration', 'all', '--json', '--overwrite', '--workers', '1'];
  const { code, stdout, stderr } = await narrowcast(args, { cwd });
  assert.equal(code, 0, stderr);
  const told = JSON.parse(stdout);
  assert.deepEqual([told.samples, told.available, told.fed[0].channels.length], [2, 3, 3]);
  assert.deepEqual(
    told.warnings.map(({ kind, where }) => [kind, where]),
    [
      ['guessed-preset', 'x'],
      ['unreadable', 'all/c.webp'],
    ],
  );
  const raw = await narrowcast([...args, '--preset', 'raw', '--mean', '128', '--std', '2,2,4'], { cwd });
  const { min, max } = JSON.parse(raw.stdout).values.find(({ name }) => name === 'x');
  assert.ok(min >= -64 && max <= 63.5 && min < -40 && max > 30, `${min} ${max}`);
});

test('exit code 4: no data, unreadable data, data of another shape', async (t) => {
  const cwd = await temporaryFolder(t);
  await mkdir(join(cwd, 'empty'));
  await writeFile(join(cwd, 'bad.png'), 'nonsense');
  await writeFile(join(cwd, 'odd.npy'), writeNpy({ dtype: 'float32', shape: [2, 5], data: new Float32Array(10) }));
  for (const [data, message] of [
    [[], /Samples are missing/],
    [['missing'], /There is no such file or folder[\s\S]*missing/],
    [['empty'], /holds no files with samples[\s\S]*empty/],
    [['bad.png'], /warning: unreadable: bad\.png: This is no JPEG[\s\S]*no sample that could be run/],
    [['odd.npy'], /\[2, 5\] does not fit the input 'image', which takes \[\?, 1, 28, 28\][\s\S]*odd\.npy/],
  ]) {
    const args = ['calibrate', digits, ...(data.length > 0 ? ['--calibration', ...data] : []), '-o', 'r.json'];
    const { code, stderr } = await narrowcast(args, { cwd });
    assert.equal(code, 4, stderr);
    assert.match(stderr, message);
    const { stdout } = await narrowcast([...args, '--json'], { cwd });
    assert.equal(JSON.parse(stdout).error.code, 'calibration');
  }
});

test('--help has examples', async () => {
  const { code, stdout } = await narrowcast(['calibrate', '--help']);
  assert.equal(code, 0);
  assert.match(stdout, /--preset <name>[\s\S]*imagenet[\s\S]*yolo[\s\S]*Examples:[\s\S]*--merge a\.json b\.json/);
});

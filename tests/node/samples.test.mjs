// Calibration data: every kind of file, the same samples everywhere, and what is said of files that will not do.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import test from 'node:test';
import { zipSync } from 'fflate';
import { writeNpy, writeNpz } from '../../dist/data/npy.js';
import { calibrate, inspect, mergeRanges, openSamples, pictureOf, pictureSettings } from '../../dist/index.js';
import { tensor } from './lib/onnx-writer.mjs';

const data = new URL('../data/', import.meta.url);
const digits = await readFile(new URL('../../models/digits.onnx', import.meta.url));
const digitsInfo = await inspect(digits);
const x = (shape, dtype = 'float32', name = 'x') => ({ name, dtype, shape });
const text = (name, content, input) => ({ name, data: new TextEncoder().encode(content), ...(input ? { input } : {}) });
const npy = (name, shape, values, dtype = 'float32') => {
  const arrays = { float32: Float32Array, float64: Float64Array, uint8: Uint8Array, int64: BigInt64Array };
  return { name, data: writeNpy({ dtype, shape, data: arrays[dtype].from(values) }) };
};
const counting = (count) => Array.from({ length: count }, (_, i) => i);
const fails = (message, where) => ({
  name: 'NarrowcastError',
  code: 'calibration',
  message,
  ...(where ? { where } : {}),
});

async function all(samples) {
  const list = [];
  for await (const sample of samples) list.push(sample);
  return list;
}
const open = async (sources, inputs, options) => all(await openSamples(sources, inputs, options));
const values = (list, name = 'x') => list.map((sample) => [...sample[name].data].map(Number));

test('pictures become what Pillow and torchvision make of them, bit for bit', async () => {
  const lines = (await readFile(new URL('pictures.txt', data), 'utf8')).trim().split('\n');
  assert.equal(lines.length, (await readdir(new URL('pictures/', data))).length);
  for (const line of lines) {
    const [name, expected] = line.split(' ');
    const file = { name, data: await readFile(new URL(`pictures/${name}`, data)) };
    const [sample] = await open(file, [x([1, 3, 28, 28])], { preset: 'imagenet' });
    assert.deepEqual(sample.x.shape, [1, 3, 28, 28]);
    const found = createHash('sha256').update(new Uint8Array(sample.x.data.buffer)).digest('hex');
    assert.equal(found, expected, name);
  }
});

test('size, layout and channels are read off the model, and can be overridden', async () => {
  const file = { name: 'a.png', data: await readFile(new URL('pictures/ramp.png', data)) };
  const shapeOf = async (input, options) => (await open(file, [input], options))[0].x.shape;
  assert.deepEqual(await shapeOf(x([null, 3, 10, 12])), [1, 3, 10, 12]);
  assert.deepEqual(await shapeOf(x([1, 10, 12, 3])), [1, 10, 12, 3]);
  assert.deepEqual(await shapeOf(x([10, 12, 1])), [10, 12, 1]);
  assert.deepEqual(await shapeOf(x([1, 3, null, null])), [1, 3, 224, 224]);
  assert.deepEqual(await shapeOf(x([1, 3, null, null]), { preset: 'raw' }), [1, 3, 61, 45]);
  assert.deepEqual(await shapeOf(x([1, 3, null, null]), { resize: 40, crop: [30, 36] }), [1, 3, 30, 36]);
  assert.deepEqual(
    await shapeOf(x(null), { layout: 'nhwc', preset: 'zero-one', crop: 8, resize: [9, 9] }),
    [1, 8, 8, 3],
  );
  const raw = (await open(file, [x([1, 4, 4, 3], 'uint8')], { preset: 'raw' }))[0].x;
  assert.ok(raw.data instanceof Uint8Array);
  const nchw = (await open(file, [x([1, 3, 4, 4])], { preset: 'raw' }))[0].x.data;
  assert.deepEqual([...raw.data.slice(0, 3)], [nchw[0], nchw[16], nchw[32]]);
  const blue = (await open(file, [x([1, 4, 4, 3], 'uint8')], { preset: 'raw', color: 'bgr' }))[0].x.data;
  assert.deepEqual([...blue.slice(0, 3)], [...raw.data.slice(0, 3)].reverse());
  await assert.rejects(open(file, [x([1, 3, 28, 28])], { resize: 20 }), fails(/middle cannot be 28 x 28/, 'a.png'));
  await assert.rejects(open(file, [x([1, 77])]), fails(/does not look like one for pictures/, 'a.png'));
  await assert.rejects(open(file, [x([1, 3, 8, 8])], { crop: 9 }), fails(/\[1, 3, 9, 9\] does not fit/));
  await assert.rejects(open(file, [x([1, 4, 4, 3], 'uint8')], { preset: 'zero-one' }), fails(/takes uint8/));
});

test('an array is cut along its first axis', async () => {
  const input = x([null, 2]);
  assert.deepEqual(values(await open(npy('a.npy', [3, 2], counting(6)), [input])), [
    [0, 1],
    [2, 3],
    [4, 5],
  ]);
  assert.deepEqual(values(await open(npy('a.npy', [2], [7, 8], 'float64'), [input])), [[7, 8]]);
  assert.deepEqual(values(await open(npy('a.npy', [2, 1, 2], counting(4)), [x([1, 2])])), [
    [0, 1],
    [2, 3],
  ]);
  const pairs = await open(npy('a.npy', [4, 2], counting(8)), [x([2, 2])]);
  assert.deepEqual(values(pairs), [
    [0, 1, 2, 3],
    [4, 5, 6, 7],
  ]);
  assert.deepEqual(pairs[0].x.shape, [2, 2]);
  const free = await open([npy('a.npy', [3, 2], counting(6)), npy('b.npy', [5], counting(5))], [x(null)]);
  assert.deepEqual(
    free.map((sample) => sample.x.shape),
    [[3, 2], [5]],
  );
  const lengths = await open([npy('a.npy', [1, 4], counting(4)), npy('b.npy', [1, 9], counting(9))], [x([1, null])]);
  assert.deepEqual(
    lengths.map((sample) => sample.x.shape),
    [
      [1, 4],
      [1, 9],
    ],
  );
  await assert.rejects(open(npy('a.npy', [3, 5], counting(15)), [input]), fails(/\[3, 5\] does not fit/, 'a.npy'));
  await assert.rejects(open(npy('a.npy', [3, 2], counting(6)), [x([2, 2])]), fails(/does not fit/));
});

test('to count an array, its header is read and no more', async () => {
  const bytes = npy('a.npy', [4096, 64], counting(4096 * 64)).data;
  let given = 0;
  const stream = async function* () {
    for (let at = 0; at < bytes.length; at += 1000) {
      given += 1;
      yield bytes.subarray(at, at + 1000);
    }
  };
  const file = { name: 'a.npy', data: { size: bytes.length, stream } };
  const samples = await openSamples(file, [x([1, 64])], { samples: 3 });
  assert.equal(samples.available, 4096);
  assert.ok(given < 100, `${given} of ${bytes.length / 1000}`);
  assert.equal((await all(samples)).length, 3);
  const cut = { name: 'b.npy', data: bytes.subarray(0, 5000) };
  const both = await openSamples([file, cut], [x([1, 64])], { samples: 8192 });
  assert.equal((await all(both)).length, 4096);
  assert.deepEqual(
    both.warnings().map(({ where }) => where),
    ['b.npy'],
  );
});

test('.npz, .csv and .jsonl give several inputs', async () => {
  const inputs = [x([1, 2]), x([1, 3], 'int64', 'ids')];
  const expected = [
    { x: [1, 2], ids: [10, 11, 12] },
    { x: [3, 4], ids: [13, 14, 15] },
  ];
  const npz = writeNpz({
    x: { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    ids: { dtype: 'int64', shape: [2, 3], data: BigInt64Array.from([10n, 11n, 12n, 13n, 14n, 15n]) },
  });
  const csv = '\uFEFFx.0,x.1,"ids[0]",ids[1],ids[2]\r\n1,2,10,11,12\r\n3,4,13,14,15\r\n';
  const jsonl = '{"x":[1,2],"ids":[[10,11,12]],"label":"no input"}\n\n{"ids":[13,14,15],"x":[[3,4]]}\n';
  for (const file of [{ name: 'a.npz', data: npz }, text('a.csv', csv), text('a.jsonl', jsonl)]) {
    const list = await open(file, inputs);
    const found = list.map((sample) => ({ x: [...sample.x.data], ids: [...sample.ids.data].map(Number) }));
    assert.deepEqual(found, expected, file.name);
    assert.ok(list[0].ids.data instanceof BigInt64Array && list[0].x.data instanceof Float32Array);
  }
  await assert.rejects(
    open(text('a.jsonl', '{"x":[1,2]}'), inputs),
    fails(/no data for the model's input 'ids'/, 'ids'),
  );
  await assert.rejects(open(text('a.jsonl', '{"y":[1,2]}'), inputs), fails(/None of its keys/));
  await assert.rejects(open(text('a.jsonl', '[1,2]'), inputs), fails(/say which one/));
  await assert.rejects(open(text('a.jsonl', '{"x":[1,2],"ids":[1,2,2.5]}'), inputs), fails(/takes int64/));
});

test('rows and lines for one input', async () => {
  assert.deepEqual(values(await open(text('a.csv', '1,2\n3,4e-1\n'), [x([1, 2])])), [
    [1, 2],
    [3, Math.fround(0.4)],
  ]);
  assert.deepEqual(values(await open(text('a.csv', 'left;right\n1;2\n'), [x([null, 2])])), [[1, 2]]);
  assert.deepEqual(values(await open(text('a.jsonl', '[5,6,7]\n[8]\n'), [x([1, null], 'int64')])), [[5, 6, 7], [8]]);
  assert.deepEqual(values(await open(text('a.jsonl', '{"x":[[[1],[2]]]}'), [x([1, 2, 1])])), [[1, 2]]);
  await assert.rejects(open(text('a.csv', '1,2,3\n'), [x([1, 2])]), fails(/3 numbers are no sample/, 'a.csv: row 1'));
  const samples = await openSamples(text('a.csv', 'a,b\n1,2\n3,?\n'), [x([1, 2])]);
  assert.deepEqual(values(await all(samples)), [[1, 2]]);
  assert.deepEqual(
    samples.warnings().map(({ kind, where }) => [kind, where]),
    [['unreadable', 'a.csv: row 3']],
  );
});

function wav({ bits = 16, kind = 1, channels = 1, rate = 16000, body }) {
  const format = Buffer.alloc(16);
  format.writeUInt16LE(kind, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rate, 4);
  format.writeUInt16LE((bits / 8) * channels, 12);
  format.writeUInt16LE(bits, 14);
  const chunk = (name, content) => {
    const head = Buffer.alloc(8);
    head.write(name, 'latin1');
    head.writeUInt32LE(content.length, 4);
    return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
  };
  const chunks = [chunk('fmt ', format), chunk('LIST', Buffer.from('odd')), chunk('data', Buffer.from(body))];
  return { name: 'a.wav', data: Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'), ...chunks]) };
}

test('sound: encodings, channels, windows, rates', async () => {
  const input = [x([1, null])];
  const bytes = (...list) => list;
  const first = async (given, inputs = input, options = {}) => values(await open(wav(given), inputs, options));
  assert.deepEqual(await first({ body: bytes(0, 0x80, 0, 0x40) }), [[-1, 0.5]]);
  assert.deepEqual(await first({ bits: 8, body: bytes(0, 128, 192) }), [[-1, 0, 0.5]]);
  assert.deepEqual(await first({ bits: 24, body: bytes(0, 0, 0x80, 0, 0, 0x40) }), [[-1, 0.5]]);
  assert.deepEqual(await first({ bits: 32, body: bytes(0, 0, 0, 0xc0) }), [[-0.5]]);
  assert.deepEqual(await first({ bits: 32, kind: 3, body: bytes(0, 0, 0x80, 0x3e) }), [[0.25]]);
  assert.deepEqual(await first({ channels: 2, body: bytes(0, 0x40, 0, 0xc0, 0, 0x40, 0, 0) }), [[0, 0.25]]);
  const five = { bits: 8, body: bytes(128, 192, 128, 64, 128) };
  assert.deepEqual(await first(five, [x([1, 2])]), [
    [0, 0.5],
    [0, -0.5],
  ]);
  const short = await openSamples(wav(five), [x([8])]);
  assert.deepEqual(values(await all(short)), [[0, 0.5, 0, -0.5, 0, 0, 0, 0]]);
  assert.deepEqual(
    short.warnings().map(({ kind }) => kind),
    ['filled-up'],
  );
  assert.equal((await first(five, input, { sampleRate: 16000 })).length, 1);
  await assert.rejects(first(five, input, { sampleRate: 8000 }), fails(/16000 samples a second, not 8000/, 'a.wav'));
  await assert.rejects(first({ kind: 2, body: bytes(1, 2) }), fails(/encoded in a way/));
  await assert.rejects(first(five, [x([1, 3, 224, 224])]), fails(/no plain sound/));
});

/** A TensorProto: the writer's initializer without its tag and length. */
function tensorProto(name, dims, values) {
  const field = tensor(name, dims, values);
  return field.subarray(field[1] < 128 ? 2 : 3);
}

test("ONNX's test data: a folder is a sample, outputs are none", async () => {
  const inputs = [x([null, 2]), x([2], 'int64', 'ids')];
  const files = [0, 1].flatMap((i) => [
    { name: `test_data_set_${i}/output_0.pb`, data: Buffer.from('nonsense') },
    { name: `test_data_set_${i}/input_1.pb`, data: tensorProto('', [2], BigInt64Array.of(5n, BigInt(i))) },
    { name: `test_data_set_${i}/input_0.pb`, data: tensorProto('x', [1, 2], Float32Array.of(i, 2)) },
  ]);
  const list = await open(files, inputs);
  assert.deepEqual(
    [values(list), values(list, 'ids')],
    [
      [
        [0, 2],
        [1, 2],
      ],
      [
        [5, 0],
        [5, 1],
      ],
    ],
  );
  const one = { name: 'input.pb', input: 'x', data: tensorProto('whatever', [1, 2], Float32Array.of(3, 4)) };
  assert.deepEqual(values(await open([one, { ...files[1], input: 'ids' }], inputs)), [[3, 4]]);
  await assert.rejects(
    open({ name: 'b.pb', data: Buffer.from([255, 255]) }, [x([1])]),
    fails(/^None of the samples can be read/),
  );
});

test('archives, Blobs and functions; files in the order of their names', async () => {
  const files = ['b', 'a', 'C'].map((name, i) => npy(`${name}.npy`, [1, 1], [i]));
  const order = [[2], [1], [0]];
  assert.deepEqual(values(await open(files, [x([1, 1])])), order);
  const content = Object.fromEntries(files.map((file) => [`deep/${file.name}`, file.data]));
  const zip = zipSync({ ...content, 'readme.txt': new Uint8Array(3), '__MACOSX/._a.npy': new Uint8Array(3) });
  assert.deepEqual(values(await open({ name: 'all.zip', data: zip }, [x([1, 1])])), order);
  assert.deepEqual(values(await open(new File([zip], 'all.zip'), [x([1, 1])])), order);
  const lazy = files.map(({ name, data: bytes }) => ({ name, data: async () => new Blob([bytes]) }));
  assert.deepEqual(values(await open(lazy, [x([1, 1])])), order);
  const blob = await openAsBlob(new URL('pictures/ramp.png', data));
  assert.equal((await open({ name: 'ramp.png', data: blob }, [x([1, 3, 4, 4])])).length, 1);
});

test('inputs by name; one sample goes with all', async () => {
  const inputs = [x([1, 1]), x([1], 'float32', 'scale')];
  const many = { ...npy('many.npy', [3, 1], [1, 2, 3]), input: 'x' };
  const one = { ...npy('one.npy', [1], [9]), input: 'scale' };
  const list = await open([one, many], inputs);
  assert.deepEqual(
    [values(list), values(list, 'scale')],
    [
      [[1], [2], [3]],
      [[9], [9], [9]],
    ],
  );
  const two = { ...npy('two.npy', [2], [9, 8]), input: 'scale' };
  await assert.rejects(open([two, many], inputs), fails(/One input has 2 samples, another 3/));
  await assert.rejects(open([{ ...one, input: 'y' }], inputs), fails(/no input 'y'; it has 'x', 'scale'/, 'one.npy'));
  await assert.rejects(open(many, inputs), fails(/no data for the model's input 'scale'/));
});

test('a seed chooses the same samples everywhere', async () => {
  const file = npy('a.npy', [100, 1], counting(100));
  // Worked out by another program from the stated rule.
  const chosen = async (options) => values(await open(file, [x([1, 1])], options)).flat();
  assert.deepEqual(await chosen({}), counting(100));
  assert.deepEqual(await chosen({ samples: 6 }), [1, 17, 23, 26, 48, 56]);
  assert.deepEqual(await chosen({ samples: 6, seed: 1 }), [1, 31, 53, 62, 96, 98]);
  const samples = await openSamples(file, [x([1, 1])], { samples: 7 });
  assert.deepEqual([samples.count, samples.available], [7, 100]);
  await assert.rejects(chosen({ samples: 0 }), { code: 'usage' });
  await assert.rejects(chosen({ seed: -1 }), { code: 'usage' });
});

test('files that cannot be read are left out, unless none is left', async () => {
  const good = { name: 'b.png', data: await readFile(new URL('pictures/ramp.png', data)) };
  const bad = { name: 'a.png', data: new Uint8Array(40) };
  const cut = { name: 'c.jpg', data: (await readFile(new URL('pictures/fine.jpg', data))).subarray(0, 1700) };
  const after = { name: 'd.jpg', data: await readFile(new URL('pictures/fine.jpg', data)) };
  const samples = await openSamples([bad, good, cut, after], [x([1, 3, 8, 8])], { preset: 'imagenet' });
  assert.equal((await all(samples)).length, 2);
  assert.deepEqual(
    samples.warnings().map(({ kind, where }) => [kind, where]),
    [
      ['unreadable', 'a.png'],
      ['unreadable', 'c.jpg'],
    ],
  );
  await assert.rejects(
    calibrate(digits, await openSamples([bad], digitsInfo), { workers: 1 }),
    fails(/no sample that could be run/),
  );
  const broken = ['a.npy', 'b.npz', 'c.zip', 'd.wav'].map((name) => text(name, 'nonsense'));
  for (const file of broken) await assert.rejects(open(file, [x([1, 3, 8, 8])]), fails(/./, file.name));
  await assert.rejects(open(broken.slice(0, 2), [x([1, 8])]), fails(/^None of the 2 files can be read/));
  await assert.rejects(open([], [x([1])]), fails(/no files/));
  await assert.rejects(open(text('a.txt', '1'), [x([1])]), fails(/Files of this kind/, 'a.txt'));
});

test('what was fed is told, by channel, and what looks wrong', async () => {
  const told = async (list, options = {}, input = x([null, 3, 1, 2])) => {
    const samples = await openSamples(npy('a.npy', [list.length / 6, 3, 1, 2], list), [input], options);
    await all(samples);
    return { fed: samples.fed(), kinds: samples.warnings().map(({ kind }) => kind), warnings: samples.warnings() };
  };
  const { fed, kinds } = await told([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, Number.NaN]);
  assert.deepEqual(
    fed[0].channels.map(({ min, max, mean, count, nan }) => [min, max, mean, count, nan]),
    [
      [0, 7, 3.5, 4, 0],
      [2, 9, 5.5, 4, 0],
      [4, 10, 19 / 3, 4, 1],
    ],
  );
  assert.deepEqual(kinds, ['nan']);
  assert.deepEqual((await told([1, 1, 1, 1, 1, 1])).kinds, ['constant']);
  const bytes = [0, 255, 10, 250, 5, 200];
  assert.deepEqual((await told(bytes)).kinds, []);
  assert.deepEqual((await told(bytes, { preset: 'raw' })).kinds, []);
  const odd = await told(bytes, { preset: 'zero-one' });
  assert.deepEqual(odd.kinds, ['unlike-preset']);
  assert.match(odd.warnings[0].message, /from 0 to 255, those of the preset 'zero-one' from 0 to 1/);
  assert.deepEqual(
    (
      await told(
        bytes.map((v) => v / 255),
        { preset: 'raw' },
      )
    ).kinds,
    ['unlike-preset'],
  );
  const picture = { name: 'b.png', data: await readFile(new URL('pictures/ramp.png', data)) };
  const guessed = await openSamples(picture, [x([1, 3, 8, 8])]);
  await all(guessed);
  assert.deepEqual(
    guessed.warnings().map(({ kind }) => kind),
    ['guessed-preset'],
  );
});

test('shards read their own samples only, and merge into the whole', async () => {
  const opened = [];
  const files = counting(6).map((i) => ({
    name: `${i}.png`,
    data: async () => {
      opened.push(i);
      return i === 2 ? new Uint8Array(9) : readFile(new URL('pictures/ramp.png', data));
    },
  }));
  const run = async (shard) =>
    calibrate(digits, await openSamples(files, digitsInfo), { workers: 2, ...(shard ? { shard } : {}) });
  const whole = await run();
  assert.equal(whole.samples, 5);
  opened.length = 0;
  const parts = [await run([0, 2]), await run([1, 2])];
  assert.deepEqual(opened, [0, 2, 4, 1, 3, 5]);
  assert.equal((await mergeRanges(parts.map(({ ranges }) => ranges))).ranges, whole.ranges);
});

test('pictures come back out of the numbers that a model gets, whatever the preset', async () => {
  const bytes = await readFile(new URL('pictures/fine.jpg', data));
  const nchw = { name: 'x', dtype: 'float32', shape: [1, 3, 24, 30] };
  const nhwc = { name: 'x', dtype: 'float32', shape: [1, 24, 30, 3] };
  const seen = async (input, options) => {
    const samples = await openSamples({ name: 'fine.jpg', data: bytes }, [input], options);
    const { x } = await samples.read(0);
    return { tensor: x, picture: pictureOf(x, input, options) };
  };
  const stretch = { fit: 'stretch', interpolation: 'nearest' };
  // Raw numbers are the pixels themselves, three for each.
  const { tensor, picture } = await seen(nhwc, { preset: 'raw', ...stretch });
  assert.deepEqual([picture.width, picture.height], [30, 24]);
  const colours = Array.from(picture.data).filter((_, i) => i % 4 !== 3);
  assert.deepEqual(colours, Array.from(tensor.data));
  for (const preset of ['imagenet', 'tf', 'zero-one', 'caffe']) {
    for (const input of [nchw, nhwc]) {
      const other = await seen(input, { preset, ...stretch });
      assert.deepEqual(other.picture.data, picture.data, `${preset} ${input.shape}`);
    }
  }
  const { guessed, preset, layout, color } = pictureSettings(nchw);
  assert.deepEqual([guessed, preset.name, layout, color], [true, 'imagenet', 'nchw', 'rgb']);
  assert.equal(pictureSettings(nchw, { preset: 'caffe' }).color, 'bgr');
  assert.equal(pictureSettings({ name: 'ids', dtype: 'int64', shape: [1, 8] }), undefined);
});

// The recipe ort-static against onnxruntime's own quantize_static: tests/data/make_ort_static.py says how the
// expectations were made.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { calibrate, quantize } from 'narrowcast';
import { pairsOf } from './lib/onnx-pairs.mjs';

const folder = new URL('../data/ort-static/', import.meta.url);
const expected = JSON.parse(await readFile(new URL('expected.json', folder), 'utf8'));
// `softmax`: of what it makes, neither side looks at the range.
const models = {
  cnn: { input: 'image', shape: [1, 3, 12, 12], softmax: [] },
  transformer: { input: 'x', shape: [1, 12, 32], softmax: ['attention'] },
  audio: { input: 'wave', shape: [1, 1, 256], softmax: ['answer'] },
};

// The script's `sample`; whole numbers below 2^53 all the way.
function sample(shape, index) {
  const data = new Float32Array(shape.reduce((a, b) => a * b));
  for (let i = 0; i < data.length; ++i) {
    const k = i + 7919 * index;
    data[i] = (((k * k + 13 * k) % 1021) - 510) / 512;
  }
  return { data, shape, dtype: 'float32' };
}

// A zero point that is the same for all channels may be stated once.
const plain = ({ zero_point: list, ...rest }) => ({ ...rest, zero_point: [...new Set(list)] });

for (const [name, { input, shape, softmax }] of Object.entries(models)) {
  const bytes = await readFile(new URL(`${name}.onnx`, folder));
  const ranges = expected[`${name} ranges`];

  for (const perChannel of [false, true]) {
    test(`${name}${perChannel ? ', per channel' : ''}: scales, zero points and codes of quantize_static`, async (t) => {
      const known = Object.entries(ranges).filter(([value]) => !softmax.includes(value));
      const values = known.map(([value, [min, max]]) => ({ names: [value], min, max }));
      const { model } = await quantize(bytes, { recipe: 'ort-static', perChannel, values });
      const theirs = expected[`${name}${perChannel ? ' per channel' : ''}`];
      const ours = pairsOf(model);
      assert.ok(ours.size > 0);
      const same = [];
      for (const [value, pair] of ours) {
        assert.ok(value in theirs, `${value} is in float there`);
        assert.deepEqual(plain(pair), plain(theirs[value]), value);
        same.push(value);
      }
      const rest = Object.keys(theirs).filter((value) => !same.includes(value));
      t.diagnostic(
        `${same.length} tensors equal; in float here, having no integer kernel: ${rest.join(', ') || 'none'}`,
      );
      assert.ok(same.length >= 0.95 * Object.keys(theirs).length, `${rest}`);
    });
  }

  test(`${name}: ranges of the MinMax calibrater`, async (t) => {
    const samples = Array.from({ length: 8 }, (_, i) => ({ [input]: sample(shape, i) }));
    const { values } = await calibrate(bytes, samples, { method: 'min-max' });
    const found = values.filter(({ name: value }) => value in ranges);
    let worst = 0;
    for (const { name: value, seen_min, seen_max } of found) {
      const [min, max] = ranges[value];
      worst = Math.max(worst, Math.abs(seen_min - min) / (max - min), Math.abs(seen_max - max) / (max - min));
    }
    t.diagnostic(`${found.length} ranges, the worst end off by ${worst.toExponential(1)} of its range`);
    assert.ok(found.length > 5 && worst <= 1e-4, `${worst}`);
  });
}

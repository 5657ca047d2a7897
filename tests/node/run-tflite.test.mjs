// Every real TFLite model run here in float, judged by LiteRT on the same inputs.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { inspect } from '../../dist/index.js';
import { sqnr, winners } from './lib/figures.mjs';
import { makeLiteRtJudge } from './lib/litert-judge.mjs';
import { integerModels, tfliteModels } from './lib/litert-models.mjs';
import { own, shared } from './lib/model-places.mjs';
import { numbers } from './lib/onnx-writer.mjs';
import { runModel } from './lib/ort-judge.mjs';
import { runFeedsHere } from './lib/our-runs.mjs';
import { firstDigits } from './lib/pictures.mjs';
import { compareNumbers, floors, holdFloor, ways } from './lib/same-numbers.mjs';

const lite = await makeLiteRtJudge();

// A model whose outputs move by more than the floor when its inputs move by one unit in the last place cannot be held
// to the floor. It is held to that motion, as LiteRT itself shows it, less 3 dB: both runtimes round, each its own way.
const illConditioned = ['selfie_segmentation'];
const bothRound = 3;

const nudges = [() => 1, () => -1, (i) => (i % 3 === 0 ? 1 : -1)];

async function motionOf(bytes, runs, make, reference) {
  const figures = [];
  for (const sign of nudges) {
    const moved = await lite.run(bytes, runs, (input, run) =>
      make(input, run).map((v, i) => v * (1 + sign(i) * 2 ** -23)),
    );
    for (const output of Object.keys(reference)) figures.push(sqnr(reference[output], moved[output]));
  }
  return Math.min(...figures);
}

for (const { name, path, feeds, skip } of tfliteModels.filter((model) => model.unjudged === undefined)) {
  test(`${name} says what LiteRT says`, { skip }, async (t) => {
    const bytes = await readFile(path);
    const { runs, make } = await feeds();
    const reference = await lite.run(bytes, runs, make);
    const isIll = illConditioned.includes(name);
    const reachable = isIll ? (await motionOf(bytes, runs, make, reference)) - bothRound : Number.POSITIVE_INFINITY;
    if (isIll) t.diagnostic(`${name} can be held to ${reachable.toFixed(1)} dB`);
    for (const [way, options] of Object.entries(ways)) {
      await t.test(way, async (t) => {
        const figure = compareNumbers(reference, await runFeedsHere(bytes, { runs, make }, options));
        t.diagnostic(`${name} ${way}: ${figure.toFixed(1)} dB`);
        holdFloor(figure, Math.min(floors[way], reachable));
        assert.ok(way === 'winograd' || !isIll || figure < floors[way], 'no exception any more');
      });
    }
  });
}

test('digits.tflite says what onnxruntime says of digits.onnx', async (t) => {
  const digits = (await firstDigits()).filter((_, i) => i % 50 === 0);
  const runs = digits.map(({ pixels }) => ({ image: { data: pixels, dims: [1, 1, 28, 28] } }));
  const { logits } = await runModel(await readFile(own('digits.onnx')), { runs });
  const feeds = { runs: digits.length, make: (_, run) => digits[run].pixels };
  const outputs = await runFeedsHere(await readFile(own('digits.tflite')), feeds, { winograd: false });
  const figure = sqnr(logits, outputs.logits.values);
  t.diagnostic(`digits: ${figure.toFixed(1)} dB`);
  holdFloor(figure, floors.exact);
});

const lstm = tfliteModels.find((model) => model.name === 'mnist_lstm');

test('mnist_lstm, which LiteRT.js cannot load, is right as often as is known of it', { skip: lstm.skip }, async (t) => {
  const digits = await firstDigits();
  const feeds = { runs: digits.length, make: (_, run) => digits[run].pixels };
  const outputs = await runFeedsHere(await readFile(lstm.path), feeds);
  const answers = winners(10)(Object.values(outputs)[0].values);
  const accuracy = answers.filter((answer, i) => answer === digits[i].label).length / digits.length;
  t.diagnostic(`mnist_lstm: ${(100 * accuracy).toFixed(1)} % of ${digits.length} digits`);
  // What is known, 91.9 %, comes from a runtime that keeps an LSTM's state from one call to the next; here each run
  // starts with zeros, as the model was trained.
  assert.ok(accuracy >= 0.919, `${accuracy}`);
});

const twoSignatures = { path: shared('tflite/two_signatures.tflite') };
twoSignatures.skip = existsSync(twoSignatures.path) ? false : 'not here';

test('a signature is run by its key', { skip: twoSignatures.skip }, async () => {
  const bytes = await readFile(twoSignatures.path);
  const { signatures } = await inspect(bytes);
  assert.equal(signatures.length, 2);
  const make = ({ shape }) => numbers(shape[0], 3);
  const said = [];
  for (const [index, { key }] of signatures.entries()) {
    const judged = await lite.open(bytes, index);
    const reference = await judged.run(make);
    judged.close();
    const ours = await runFeedsHere(bytes, { runs: 1, make }, { signature: key });
    assert.ok(compareNumbers(reference, ours) >= floors.exact, key);
    said.push(Object.values(ours)[0].values);
  }
  assert.notDeepEqual(said[0], said[1]);
});

// Files in integers run in float between codes: what integer kernels round on the way differs by a code here and there.
for (const { name, path, skip } of integerModels.filter((model) => model.name !== 'mnist_lstm_int8_official')) {
  test(`${name} says what LiteRT says, in float between codes`, { skip }, async (t) => {
    const bytes = await readFile(path);
    const arrays = { float32: Float32Array, int8: Int8Array, uint8: Uint8Array };
    const make = ({ dtype, shape }) =>
      arrays[dtype].from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) =>
        dtype === 'float32' ? 3 * Math.sin(i / 7) : Math.round(100 * Math.sin(i / 7)),
      );
    const [[reference], [{ values }]] = [
      Object.values(await lite.run(bytes, 1, make)),
      Object.values(await runFeedsHere(bytes, { runs: 1, make })),
    ];
    const figure = sqnr(reference.map(Number), values.map(Number));
    t.diagnostic(`${name}: ${figure.toFixed(1)} dB`);
    assert.ok(figure >= 25, `${figure}`);
  });
}

const integerLstm = integerModels.find((model) => model.name === 'mnist_lstm_int8_official');

test('mnist_lstm_int8_official is right as often as is known of it', { skip: integerLstm.skip }, async (t) => {
  const digits = await firstDigits();
  // Scale 1 / 255, zero point -128.
  const make = (_, run) => Int8Array.from(digits[run].pixels, (pixel) => Math.round(pixel * 255) - 128);
  const outputs = await runFeedsHere(await readFile(integerLstm.path), { runs: digits.length, make });
  const answers = winners(10)(Object.values(outputs)[0].values);
  const accuracy = answers.filter((answer, i) => answer === digits[i].label).length / digits.length;
  t.diagnostic(`${(100 * accuracy).toFixed(1)} % of ${digits.length} digits`);
  assert.ok(accuracy >= 0.918, `${accuracy}`);
});

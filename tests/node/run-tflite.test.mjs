// Every real TFLite model run here in float, judged by LiteRT on the same inputs.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { inspect } from '../../dist/index.js';
import { winners } from './lib/figures.mjs';
import { makeLiteRtJudge } from './lib/litert-judge.mjs';
import { integerModels, tfliteModels } from './lib/litert-models.mjs';
import { shared } from './lib/model-places.mjs';
import { numbers } from './lib/onnx-writer.mjs';
import { runFeedsHere } from './lib/our-runs.mjs';
import { firstDigits } from './lib/pictures.mjs';
import { compareNumbers, floors, holdFloor, ways } from './lib/same-numbers.mjs';

const lite = await makeLiteRtJudge();

for (const { name, path, feeds, skip } of tfliteModels.filter((model) => model.unjudged === undefined)) {
  test(`${name} says what LiteRT says`, { skip }, async (t) => {
    const bytes = await readFile(path);
    const { runs, make } = await feeds();
    const reference = await lite.run(bytes, runs, make);
    for (const [way, options] of Object.entries(ways)) {
      await t.test(way, async (t) => {
        const figure = compareNumbers(reference, await runFeedsHere(bytes, { runs, make }, options));
        t.diagnostic(`${name} ${way}: ${figure.toFixed(1)} dB`);
        holdFloor(figure, floors[way]);
      });
    }
  });
}

const lstm = tfliteModels.find((model) => model.name === 'mnist_lstm');

test('mnist_lstm, which LiteRT.js cannot load, is right as often as is known of it', { skip: lstm.skip }, async (t) => {
  const digits = await firstDigits();
  const feeds = { runs: digits.length, make: (_, run) => digits[run].pixels };
  const outputs = await runFeedsHere(await readFile(lstm.path), feeds);
  const answers = winners(10)(Object.values(outputs)[0].values);
  const accuracy = answers.filter((answer, i) => answer === digits[i].label).length / digits.length;
  t.diagnostic(`mnist_lstm: ${(100 * accuracy).toFixed(1)} % of ${digits.length} digits`);
  assert.ok(Math.abs(accuracy - 0.919) < 0.0011, `${accuracy}`);
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

// Loading finds ops that do not run; that an op does not run on integers may come out only when it is asked to.
for (const { name, path, skip } of integerModels) {
  test(`${name} computes in integers and is refused by name`, { skip }, async () => {
    const arrays = { float32: Float32Array, int8: Int8Array, uint8: Uint8Array };
    const make = ({ dtype, shape }) => new arrays[dtype](shape.reduce((product, size) => product * size, 1));
    await assert.rejects(runFeedsHere(await readFile(path), { runs: 1, make }), { code: 'unsupported' });
  });
}

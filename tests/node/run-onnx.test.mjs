// Every real ONNX model run here in float, judged by onnxruntime on the same inputs.
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { runModels } from './lib/onnx-models.mjs';
import { runModel } from './lib/ort-judge.mjs';
import { runHere } from './lib/our-runs.mjs';
import { compareNumbers, floors, holdFloor, ways } from './lib/same-numbers.mjs';

const coarse = {
  // onnxruntime's Sigmoid is up to 1.24e-7 away from the true one, ours 1.7e-7 times the result; here all are below 0.003.
  yunet: { outputs: ['obj_8', 'obj_16', 'obj_32'], within: 1.3e-7 },
};

for (const { name, path, inputs, otherInputs = [], skip } of runModels) {
  test(`${name} says what onnxruntime says`, { skip }, async (t) => {
    const bytes = await readFile(path);
    for (const make of [inputs, ...otherInputs]) {
      const made = await make();
      const dims = Object.values(made.runs[0])[0].dims.join('x');
      const reference = await runModel(bytes, made, 'disabled');
      for (const [way, options] of Object.entries(ways)) {
        await t.test(`${dims}, ${way}`, async (t) => {
          const figure = compareNumbers(reference, await runHere(bytes, made, options), {
            floor: floors[way],
            coarse: coarse[name],
          });
          t.diagnostic(`${name} ${dims} ${way}: ${figure.toFixed(1)} dB`);
          holdFloor(figure, floors[way]);
        });
      }
    }
  });
}

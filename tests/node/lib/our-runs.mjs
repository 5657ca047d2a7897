// Runs models here, in the forms in which the judges take inputs.
import { loadModel } from '../../../dist/index.js';

/**
 * Runs a loaded model on each of `runs`, {input: tensor}; `carry` {input: output} feeds an output of one run into the
 * next. Returns {output: {dtype, values of all runs, one after the other}}.
 */
async function runAll(model, runs, carry) {
  const outputs = new Map(model.outputs.map(({ name }) => [name, { dtype: undefined, values: [] }]));
  let last = {};
  for (const run of runs) {
    const inputs = { ...run };
    for (const [input, output] of Object.entries(carry)) if (output in last) inputs[input] = last[output];
    ({ outputs: last } = await model.run(inputs));
    for (const [name, collected] of outputs) {
      collected.dtype = last[name].dtype;
      for (const value of last[name].data) collected.values.push(value);
    }
  }
  return Object.fromEntries(outputs);
}

async function withModel(bytes, options, use) {
  const model = await loadModel(bytes, options);
  try {
    return await use(model);
  } finally {
    model.dispose();
  }
}

/** As runModel in ort-judge.mjs takes them. */
export function runHere(bytes, { runs, carry = {} }, options) {
  const tensors = runs.map((run) =>
    Object.fromEntries(Object.entries(run).map(([name, { data, dims }]) => [name, { data, shape: dims }])),
  );
  return withModel(bytes, options, (model) => runAll(model, tensors, carry));
}

const feedsOf = (model, { runs, make }) =>
  Array.from({ length: runs }, (_, run) =>
    Object.fromEntries(
      model.inputs.map(({ name, dtype, shape: declared }) => {
        const shape = declared.map((size) => size ?? 1);
        return [name, { shape, data: make({ name, dtype, shape }, run) }];
      }),
    ),
  );

/** As the LiteRT judge takes them: `make({name, dtype, shape}, run)` gives a typed array. */
export function runFeedsHere(bytes, feeds, options) {
  return withModel(bytes, options, (model) => runAll(model, feedsOf(model, feeds), {}));
}

/** What the LiteRT judge is fed, as samples to calibrate on. */
export const samplesOfFeeds = (bytes, feeds, options) =>
  withModel(bytes, options, async (model) => feedsOf(model, feeds));

// Judges models by onnxruntime, natively and in WebAssembly: runs them and compares their outputs.
import * as native from 'onnxruntime-node';
import * as web from 'onnxruntime-web';

web.env.wasm.numThreads = 1;
web.env.logLevel = 'error';

export const runtimes = {
  disabled: { ort: native, options: { executionProviders: ['cpu'], graphOptimizationLevel: 'disabled' } },
  all: { ort: native, options: { executionProviders: ['cpu'], graphOptimizationLevel: 'all' } },
  web: { ort: web, options: { executionProviders: ['wasm'], graphOptimizationLevel: 'all' } },
};

function tensorOf(ort, { data, dims, type = 'float32' }) {
  return new ort.Tensor(type, data, dims);
}

/**
 * Runs a model on each of `runs`, {input: {data, dims, type?}}. `carry` {input: output} feeds an output of one run
 * into the next. Returns {output: all runs' numbers, one after the other}.
 */
export async function runModel(bytes, { runs, carry = {} }, runtime = 'disabled') {
  const { ort, options } = runtimes[runtime];
  const session = await ort.InferenceSession.create(bytes, { ...options, intraOpNumThreads: 1, logSeverityLevel: 3 });
  const outputs = new Map(session.outputNames.map((name) => [name, []]));
  let last = {};
  for (const run of runs) {
    const feeds = Object.fromEntries(Object.entries(run).map(([name, value]) => [name, tensorOf(ort, value)]));
    for (const [input, output] of Object.entries(carry)) if (output in last) feeds[input] = last[output];
    last = await session.run(feeds);
    for (const [name, list] of outputs) list.push(last[name].data);
  }
  await session.release();
  return Object.fromEntries([...outputs].map(([name, list]) => [name, list.flatMap((data) => Array.from(data))]));
}

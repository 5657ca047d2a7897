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

/** Signal to noise of one output against its reference, in dB; Infinity when they are equal. */
export function sqnr(reference, values) {
  let signal = 0;
  let noise = 0;
  for (let i = 0; i < reference.length; i += 1) {
    signal += reference[i] ** 2;
    noise += (values[i] - reference[i]) ** 2;
  }
  if (values.length !== reference.length || Number.isNaN(noise)) return Number.NEGATIVE_INFINITY;
  return noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
}

/** The SQNR of the worst of the judged outputs. */
export function worstSqnr(reference, outputs, judged = Object.keys(reference)) {
  return Math.min(...judged.map((name) => sqnr(reference[name], outputs[name] ?? [])));
}

/** How many of the decisions that an application makes of an output stay the same, 0 to 1. */
export function agreement([output, decide], reference, outputs) {
  const [before, after] = [decide(reference[output]), decide(outputs[output])];
  return before.filter((decision, i) => decision === after[i]).length / before.length;
}

// In the browser: the package itself, and the runtimes that judge what it makes. Tests call window.judge.
const bytesAt = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());

const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');

const sha256 = async (bytes) => hex(await crypto.subtle.digest('SHA-256', bytes));

/** {mode: the hashes of output and report, or the code of the error} */
async function hashes(url, modes) {
  const { quantize } = await import('narrowcast');
  const bytes = await bytesAt(url);
  const found = {};
  for (const [mode, options] of Object.entries(modes)) {
    try {
      const { model, report } = await quantize(bytes, options);
      const text = new TextEncoder().encode(JSON.stringify(report));
      found[mode] = `${await sha256(model)} ${await sha256(text)}`;
    } catch (error) {
      found[mode] = error.code ?? String(error);
    }
  }
  return found;
}

const arrays = { float32: Float32Array, int64: BigInt64Array };

/** {way: outputs' names, types, shapes and hashes, in one line} */
async function runHashes(url, inputs, ways) {
  const { run } = await import('narrowcast');
  const bytes = await bytesAt(url);
  const tensors = {};
  for (const { name, dtype, shape, url: at } of inputs) {
    tensors[name] = { dtype, shape, data: new arrays[dtype]((await bytesAt(at)).buffer) };
  }
  const found = {};
  for (const [way, options] of Object.entries(ways)) {
    const { outputs } = await run(bytes, tensors, options);
    const lines = Object.entries(outputs).map(
      async ([name, { dtype, shape, data }]) => `${name} ${dtype} ${shape.join('x')} ${await sha256(data)}`,
    );
    found[way] = (await Promise.all(lines)).join('; ');
  }
  return found;
}

/** All outputs of all runs, one after the other. A run is {input: {url, dims}}, its numbers float32. */
async function runOnnx(url, runs) {
  const ort = await import('onnxruntime-web');
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'warning';
  const session = await ort.InferenceSession.create(await bytesAt(url), { executionProviders: ['wasm'] });
  const numbers = [];
  for (const run of runs) {
    const feeds = {};
    for (const [name, { url: at, dims }] of Object.entries(run)) {
      feeds[name] = new ort.Tensor('float32', new Float32Array((await bytesAt(at)).buffer), dims);
    }
    const outputs = await session.run(feeds);
    for (const name of session.outputNames) numbers.push(...outputs[name].data);
  }
  await session.release();
  return numbers;
}

let litert;

/** As above; the inputs of a run are a list, in the order of the model. */
async function runTflite(url, runs) {
  const { loadAndCompile, loadLiteRt, Tensor } = await import('@litertjs/core');
  litert ??= loadLiteRt('/node_modules/@litertjs/core/wasm/');
  await litert;
  const model = await loadAndCompile(await bytesAt(url), { accelerator: 'wasm' });
  const numbers = [];
  for (const run of runs) {
    const inputs = [];
    for (const { url: at, dims } of run) {
      inputs.push(new Tensor(new Float32Array((await bytesAt(at)).buffer), dims));
    }
    const outputs = await model.run(inputs);
    for (const output of outputs) numbers.push(...(await output.data()));
  }
  model.delete();
  return numbers;
}

window.judge = { hashes, runHashes, runOnnx, runTflite };

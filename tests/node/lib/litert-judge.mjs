// Judges TFLite models by LiteRT.js. It changes globals to run in Node, so a test file of its own uses it. Its public
// wrapper knows three element types only; the module below knows them all.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

const wasmFolder = fileURLToPath(new URL('../../../node_modules/@litertjs/core/wasm/', import.meta.url));

const elementTypes = {
  1: ['float32', Float32Array],
  2: ['int32', Int32Array],
  3: ['uint8', Uint8Array],
  4: ['int64', BigInt64Array],
  6: ['bool', Uint8Array],
  7: ['int16', Int16Array],
  9: ['int8', Int8Array],
  10: ['float16', Uint16Array],
};

// What the loader expects of a browser's worker.
function pretendToBeAWorker() {
  globalThis.self ??= globalThis;
  globalThis.navigator ??= {};
  // It asks for a graphics device and complains aloud about not getting one.
  const adapter = { limits: {}, features: new Set(), requestDevice: async () => null };
  Object.defineProperty(navigator, 'gpu', { value: { requestAdapter: async () => adapter } });
  globalThis.importScripts = (file) => {
    const source = `(function(require,__filename,__dirname){${readFileSync(file, 'utf8')}\n;globalThis.ModuleFactory=ModuleFactory;})`;
    vm.runInThisContext(source, { filename: file })(createRequire(file), file, dirname(file));
  };
}

function takeAll(vector) {
  const list = Array.from({ length: vector.size() }, (_, i) => vector.get(i));
  vector.delete();
  return list;
}

function takeType(type) {
  const layout = type.layout();
  const described = { element: type.elementType().value, shape: takeAll(layout.dimensions()) };
  layout.delete();
  type.delete();
  return described;
}

class Judge {
  #wasm;
  #environment;
  #log;

  constructor(lite, log) {
    this.#wasm = lite.liteRtWasm;
    this.#environment = lite.getDefaultEnvironment();
    this.#log = log;
  }

  // LiteRT does not throw when a node cannot be prepared or run: it prints, and goes on with garbage.
  #check() {
    const errors = this.#log.splice(0).filter((line) => line.startsWith('ERROR'));
    if (errors.length > 0) throw new Error(errors.join(' / '));
  }

  #compile(model) {
    return this.#wasm.compileModel(this.#environment.liteRtEnvironment, model, {
      environment: this.#environment,
      accelerator: 'wasm',
      cpuOptions: { numThreads: 1 },
      gpuOptions: {},
      webNNOptions: {},
    });
  }

  #tensor({ element, shape }, data) {
    const wasm = this.#wasm;
    const dims = new wasm.VectorInt32();
    for (const size of shape) dims.push_back(size);
    const layout = wasm.LiteRtLayout.create(dims);
    const type = wasm.LiteRtRankedTensorType.create({ value: element }, layout);
    const buffer = wasm.LiteRtTensorBuffer.createManaged(
      this.#environment.liteRtEnvironment,
      wasm.LiteRtTensorBufferType.HOST_MEMORY,
      type,
      type.bytes(),
    );
    for (const used of [dims, layout, type]) used.delete();
    const pointer = buffer.lock(wasm.LiteRtTensorBufferLockMode.WRITE);
    wasm.HEAPU8.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), pointer);
    buffer.unlock();
    return buffer;
  }

  #take(buffer) {
    const { element } = takeType(buffer.tensorType());
    const pointer = buffer.lock(this.#wasm.LiteRtTensorBufferLockMode.READ);
    const bytes = this.#wasm.HEAPU8.slice(pointer, pointer + buffer.packedSize());
    buffer.unlock();
    buffer.delete();
    return new elementTypes[element][1](bytes.buffer);
  }

  /**
   * Makes a signature ready: `run(makeInput)` gives {output: typed array}, `makeInput({name, dtype, shape})` a
   * typed array; `close` gives everything back.
   */
  async open(bytes, index = 0) {
    const wasm = this.#wasm;
    this.#log.length = 0;
    const pointer = wasm._malloc(bytes.length);
    wasm.HEAPU8.set(bytes, pointer);
    const model = wasm.loadModel(this.#environment.liteRtEnvironment, pointer, bytes.length);
    const compiled = await this.#compile(model);
    this.#check();
    const signature = model.getSignature(index);
    const inputs = takeAll(signature.inputNames()).map((name, i) => {
      const { element, shape } = takeType(model.getInputTensorType(index, i));
      return { name, element, dtype: elementTypes[element][0], shape: shape.map((size) => Math.max(size, 1)) };
    });
    const outputs = takeAll(signature.outputNames());
    signature.delete();
    return {
      outputs,
      run: async (makeInput) => {
        const feeds = inputs.map((input) => this.#tensor(input, makeInput(input)));
        const results = await compiled.run(index, feeds);
        this.#check();
        for (const feed of feeds) feed.delete();
        return Object.fromEntries(results.map((result, i) => [outputs[i], this.#take(result)]));
      },
      close: () => {
        compiled.delete();
        model.delete();
        wasm._free(pointer);
      },
    };
  }

  /**
   * Runs the first signature on each of `runs`. `makeInput({name, dtype, shape}, run)` gives a typed array.
   * Returns {output: all runs' numbers, one after the other}.
   */
  async run(bytes, runs, makeInput) {
    const model = await this.open(bytes);
    const outputs = Object.fromEntries(model.outputs.map((name) => [name, []]));
    for (let run = 0; run < runs; run += 1) {
      const results = await model.run((input) => makeInput(input, run));
      for (const [name, data] of Object.entries(results)) for (const value of data) outputs[name].push(value);
    }
    model.close();
    return outputs;
  }
}

export async function makeLiteRtJudge() {
  pretendToBeAWorker();
  const log = [];
  const keep = (line) => log.push(line);
  globalThis.Module = { print: keep, printErr: keep };
  const { loadLiteRt } = await import('@litertjs/core');
  return new Judge(await loadLiteRt(wasmFolder), log);
}

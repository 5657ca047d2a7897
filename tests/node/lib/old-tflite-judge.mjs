// Judges TFLite models by an interpreter of 2023, the one inside @tensorflow/tfjs-tflite: its operators are those of
// about version 2.13, and states work, which LiteRT.js has none of. Its own wrapper is for browsers; this one is not.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

const folder = fileURLToPath(new URL('../../../node_modules/@tensorflow/tfjs-tflite/wasm/', import.meta.url));

export const oldJudgeIsHere = existsSync(folder);

function loadFactory() {
  const file = `${folder}tflite_web_api_cc_simd.js`;
  const source = `(function(require,__filename,__dirname,module,exports){${readFileSync(file, 'utf8')}
;return tflite_web_api_ModuleFactory;})`;
  return vm.runInThisContext(source, { filename: file })(createRequire(file), file, folder, { exports: {} }, {});
}

const takeAll = (vector) => Array.from({ length: vector.size() }, (_, i) => vector.get(i));

/** `run(bytes, runs, makeInput)` as the LiteRT judge's: outputs by their place instead of their name. */
export async function makeOldTfliteJudge() {
  const log = [];
  const say = (line) => log.push(line);
  const wasm = await loadFactory()({
    locateFile: (name) => folder + name,
    wasmBinary: readFileSync(`${folder}tflite_web_api_cc_simd.wasm`),
    print: say,
    printErr: say,
  });
  const check = (fine, message) => {
    const errors = log.splice(0).filter((line) => !line.startsWith('INFO'));
    if (!fine || errors.length > 0) throw new Error([message, ...errors].join(' / '));
  };
  const options = { numThreads: 1, enableProfiling: false, maxProfilingBufferEntries: 1024 };
  return {
    run(bytes, runs, makeInput) {
      const pointer = wasm._malloc(bytes.length);
      wasm.HEAPU8.set(bytes, pointer);
      const opened = wasm.TFLiteWebModelRunner.CreateFromBufferAndOptions(pointer, bytes.length, options);
      check(opened.ok(), opened.ok() ? '' : opened.errorMessage());
      const runner = opened.value();
      const inputs = takeAll(runner.GetInputs());
      const outputs = takeAll(runner.GetOutputs());
      const said = outputs.map(() => []);
      for (let run = 0; run < runs; run += 1) {
        for (const tensor of inputs) {
          const shape = tensor.shape.split(',').map(Number);
          tensor.data().set(makeInput({ name: tensor.name, dtype: tensor.dataType, shape }, run));
        }
        check(runner.Infer(), 'it does not run');
        for (const [i, tensor] of outputs.entries()) for (const value of tensor.data()) said[i].push(value);
      }
      runner.delete();
      wasm._free(pointer);
      return said;
    },
  };
}

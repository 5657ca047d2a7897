// Which runtime runs which format.
import { wrap } from 'comlink';
import { liteRt } from './litert.ts';
import type { Runtime } from './protocol.ts';

let onnx: Runtime | undefined;

function startOnnx(): Runtime {
  const worker = new Worker(new URL('./onnx-worker.ts', import.meta.url), { type: 'module', name: 'onnxruntime-web' });
  return wrap<Runtime>(worker);
}

interface Named {
  title: string;
  /** What is fetched the first time, in bytes. */
  bytes: number;
  start: () => Runtime;
}

const runtimes: Record<string, Named> = {
  onnx: {
    title: 'onnxruntime-web',
    bytes: 14.3e6,
    start: () => {
      onnx ??= startOnnx();
      return onnx;
    },
  },
  tflite: { title: 'LiteRT.js', bytes: 9.6e6, start: () => liteRt },
};

export const runtimeFor = (format: string): Named | undefined => runtimes[format];

import type { WorkerEvents, WorkerHandle } from './worker-protocol.js';

export const processors = (): number => navigator.hardwareConcurrency || 1;

export function startWorker({ answer, lost }: WorkerEvents): WorkerHandle {
  // In this literal form bundlers find the file and build a worker of it.
  const worker = new Worker(new URL('./calibrate-worker.js', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }) => answer(data);
  worker.onmessageerror = lost;
  worker.onerror = ({ message }) => lost(message || 'its script could not be loaded');
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => worker.terminate(),
  };
}

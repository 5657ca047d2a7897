import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { WorkerEvents, WorkerHandle } from './worker-protocol.js';

export const processors = (): number => availableParallelism();

export function startWorker({ answer, lost }: WorkerEvents): WorkerHandle {
  const worker = new Worker(new URL('./calibrate-worker.js', import.meta.url));
  worker.on('message', answer);
  worker.on('messageerror', lost);
  worker.on('error', lost);
  worker.on('exit', () => lost('it ended'));
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => void worker.terminate(),
  };
}

import { type MessagePort, parentPort } from 'node:worker_threads';
import type { Port } from './worker-protocol.js';

// Only workers import this file.
const outside = parentPort as MessagePort;

export const port: Port = {
  listen: (take) => void outside.on('message', take),
  post: (answer) => outside.postMessage(answer),
};

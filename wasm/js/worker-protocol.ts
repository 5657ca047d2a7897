// What a pool and its workers say to each other: each request has one answer, in order. Errors cross as plain data: a
// clone of an Error loses its fields.
import type { ErrorCode } from './errors.js';
import type { TensorLike } from './tensor.js';

export interface Requests {
  /** The engine, compiled once for all workers. */
  init: { ask: { wasm: WebAssembly.Module }; answer: undefined };
  /** A file of the model is about to come in chunks; the model itself is the first. */
  file: { ask: { name: string; size: number }; answer: undefined };
  chunk: { ask: { bytes: Uint8Array }; answer: undefined };
  /** All chunks of the file are there. */
  fileEnd: { ask: undefined; answer: undefined };
  /** The data files that a model asks for, by its place among the files. */
  externalFiles: { ask: { model: number }; answer: string[] };
  /** With `second`, the place of what was narrowed, the two are compared. */
  load: { ask: { options: string; second?: number }; answer: { watched: number; heapBytes: number } };
  sample: { ask: { index: number; inputs: Record<string, TensorLike> }; answer: { heapBytes: number } };
  /** What was seen of the samples. */
  observed: { ask: undefined; answer: string };
}

export type Kind = keyof Requests;

export interface Ask<K extends Kind = Kind> {
  kind: K;
  ask: Requests[K]['ask'];
}

export type Answer = { ok: unknown } | { failure: { code: ErrorCode; message: string; where: string } };

/** A worker as seen from outside, whatever the platform. */
export interface WorkerHandle {
  post(message: Ask, transfer: ArrayBuffer[]): void;
  terminate(): void;
}

export interface WorkerEvents {
  answer: (answer: Answer) => void;
  /** It cannot answer any more. */
  lost: (reason: unknown) => void;
}

/** The outside as seen from a worker. */
export interface Port {
  listen(take: (message: Ask) => void): void;
  post(answer: Answer): void;
}

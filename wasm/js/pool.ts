// Workers that each hold an engine and the whole model. No memory is shared: what they need is copied to them.
import { startWorker } from '#workers';
import { compiledEngine } from './engine.js';
import { NarrowcastError } from './errors.js';
import type { ExternalData } from './options.js';
import { type ByteSource, openSource } from './source.js';
import type { Answer, Kind, Requests, WorkerHandle } from './worker-protocol.js';

const chunkBytes = 4 * 2 ** 20;

/** One worker, asked one thing after the other. */
export class PoolWorker {
  readonly #handle: WorkerHandle;
  readonly #waiting: { resolve: (answer: unknown) => void; reject: (error: unknown) => void }[] = [];
  #lost: NarrowcastError | undefined;

  constructor() {
    this.#handle = startWorker({
      answer: (answer) => this.#take(answer),
      lost: (reason) => this.#lose(reason),
    });
  }

  #take(answer: Answer): void {
    const asked = this.#waiting.shift();
    if ('ok' in answer) asked?.resolve(answer.ok);
    else asked?.reject(new NarrowcastError(answer.failure.code, answer.failure.message, answer.failure.where));
  }

  #lose(reason: unknown): void {
    const why = reason instanceof Error ? reason.message : String(reason);
    this.#lost ??= new NarrowcastError('engine_trap', `A worker was lost: ${why}.`, '', { cause: reason });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#lost);
  }

  ask<K extends Kind>(kind: K, ask: Requests[K]['ask'], transfer: ArrayBuffer[] = []): Promise<Requests[K]['answer']> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) {
        reject(this.#lost);
        return;
      }
      this.#waiting.push({ resolve: resolve as (answer: unknown) => void, reject });
      this.#handle.post({ kind, ask }, transfer);
    });
  }

  terminate(): void {
    this.#handle.terminate();
  }
}

/** Pieces of at most `chunkBytes`. */
async function* pieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += chunkBytes) yield chunk.subarray(at, at + chunkBytes);
  }
}

export interface PoolModel {
  model: ByteSource;
  externalData: ExternalData | undefined;
}

export class Pool {
  readonly workers: PoolWorker[];

  constructor(count: number) {
    this.workers = Array.from({ length: count }, () => new PoolWorker());
  }

  all<T>(ask: (worker: PoolWorker) => Promise<T>): Promise<T[]> {
    return Promise.all(this.workers.map(ask));
  }

  async #addFile(name: string, source: ByteSource, onBytes: (count: number) => void): Promise<void> {
    const { size, chunks } = openSource(source);
    await this.all((worker) => worker.ask('file', { name, size }));
    for await (const piece of pieces(chunks())) {
      // A copy for each, because a view would take its whole buffer along; slice() of Node's Buffer gives a view.
      await this.all((worker) => {
        const bytes = new Uint8Array(piece);
        return worker.ask('chunk', { bytes }, [bytes.buffer]);
      });
      onBytes(piece.length);
    }
    await this.all((worker) => worker.ask('fileEnd', undefined));
  }

  /** Gives every worker an engine and the files of the models; says where among the files each model stands. */
  async open(models: readonly PoolModel[], onBytes: (count: number) => void): Promise<number[]> {
    const wasm = await compiledEngine();
    await this.all((worker) => worker.ask('init', { wasm }));
    const places: number[] = [];
    let files = 0;
    for (const { model, externalData } of models) {
      const place = files;
      places.push(place);
      await this.#addFile('model', model, onBytes);
      files += 1;
      const [first] = this.workers;
      for (const name of (await first?.ask('externalFiles', { model: place })) ?? []) {
        const source =
          typeof externalData === 'function'
            ? await externalData(name)
            : externalData !== undefined && Object.hasOwn(externalData, name)
              ? externalData[name]
              : undefined;
        if (source === undefined) continue;
        await this.#addFile(name, source, onBytes);
        files += 1;
      }
    }
    return places;
  }

  terminate(): void {
    for (const worker of this.workers) worker.terminate();
  }
}

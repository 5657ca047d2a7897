// Deals samples to workers: each takes one whenever it is free.
import { processors } from '#workers';
import { NarrowcastError } from './errors.js';
import type { PoolWorker } from './pool.js';
import { arrayOf, describeTensor, type TensorLike } from './tensor.js';

/** Samples that are read by their index, so that a shard reads its own only; undefined for one that cannot be read. */
export interface IndexedSamples {
  readonly count: number;
  read(index: number): Promise<Record<string, TensorLike> | undefined>;
}

/** Inputs of one run each, in an order that is part of the result. What `openSamples` gives is one. */
export type CalibrationSamples =
  | Iterable<Record<string, TensorLike>>
  | AsyncIterable<Record<string, TensorLike>>
  | IndexedSamples;

export const wrong = (message: string, where: string): NarrowcastError => new NarrowcastError('usage', message, where);

/** How many workers run samples when nobody says otherwise. */
export const defaultWorkers = (): number => Math.max(1, Math.min(4, processors() - 1));

/** How many workers run. Errors: usage. */
export function countOf(options: { workers?: number }): number {
  const { workers = defaultWorkers() } = options;
  if (!Number.isInteger(workers) || workers < 1 || workers > 64) {
    throw wrong('There are 1 to 64 workers.', 'workers');
  }
  return workers;
}

export function checkShard([index, count]: readonly [number, number]): void {
  const fits = Number.isInteger(count) && Number.isInteger(index) && index >= 0 && index < count;
  if (!fits) throw wrong('A shard is [i, n] with 0 <= i < n.', 'shard');
}

export type Sample = Record<string, TensorLike>;

interface Drawn {
  index: number;
  sample: Sample;
}

const isIndexed = (samples: CalibrationSamples): samples is IndexedSamples =>
  'read' in samples && typeof samples.read === 'function' && 'count' in samples;

async function* drawIndexed(samples: IndexedSamples, [first, step]: readonly [number, number]): AsyncGenerator<Drawn> {
  for (let index = first; index < samples.count; index += step) {
    const sample = await samples.read(index);
    if (sample !== undefined) yield { index, sample };
  }
}

async function* drawIterated(
  samples: Iterable<Sample> | AsyncIterable<Sample>,
  [first, step]: readonly [number, number],
): AsyncGenerator<Drawn> {
  let index = 0;
  for await (const sample of samples) {
    if (index % step === first) yield { index, sample };
    index += 1;
  }
}

/** Samples and their indices, one at a time, to whoever asks first. */
export class Deck {
  readonly #drawn: AsyncGenerator<Drawn>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(samples: CalibrationSamples, shard: readonly [number, number]) {
    const isObject = typeof samples === 'object' && samples !== null;
    if (!isObject) throw wrong('Samples are an iterable of records of tensors.', 'samples');
    if (isIndexed(samples)) this.#drawn = drawIndexed(samples, shard);
    else if (Symbol.iterator in samples || Symbol.asyncIterator in samples) this.#drawn = drawIterated(samples, shard);
    else throw wrong('Samples are an iterable of records of tensors.', 'samples');
  }

  next(): Promise<Drawn | undefined> {
    const drawn = this.#last.then(async () => {
      const { value, done } = await this.#drawn.next();
      return done ? undefined : value;
    });
    this.#last = drawn;
    // Whoever awaits it hears of it; a draw ahead of need must not count as unhandled.
    drawn.catch(() => {});
    return drawn;
  }

  async close(): Promise<void> {
    await this.#drawn.return(undefined);
  }
}

/** Copies that can be handed over: the caller keeps its own. */
function packed(sample: Sample): { inputs: Sample; transfer: ArrayBuffer[] } {
  const transfer: ArrayBuffer[] = [];
  const inputs = Object.entries(sample).map(([name, tensor]) => {
    const { record, bytes } = describeTensor(name, tensor);
    const copy = new Uint8Array(bytes);
    const data = arrayOf(record.dtype, copy);
    transfer.push(copy.buffer);
    return [name, { dtype: record.dtype, shape: [...record.shape], data }] as const;
  });
  return { inputs: Object.fromEntries(inputs), transfer };
}

function ofSample(error: unknown, index: number): unknown {
  if (!(error instanceof NarrowcastError) || error.code === 'engine_trap') return error;
  return new NarrowcastError(error.code, `Sample ${index}: ${error.message}`, error.where, { cause: error });
}

export async function runSamples(worker: PoolWorker, deck: Deck, onSample: (heapBytes: number) => void): Promise<void> {
  let drawn = deck.next();
  for (let next = await drawn; next !== undefined; next = await drawn) {
    const { index, sample } = next;
    // The next one is made ready while this one runs.
    drawn = deck.next();
    try {
      const { inputs, transfer } = packed(sample);
      onSample((await worker.ask('sample', { index, inputs }, transfer)).heapBytes);
    } catch (error) {
      throw ofSample(error, index);
    }
  }
}

/** Ends when the signal says so, whatever `work` does. */
export async function untilAborted<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (signal === undefined) return work;
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
  });
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** How many there are, where that is known. */
export function lengthOf(
  samples: CalibrationSamples,
  { total, shard = [0, 1] }: { total?: number; shard?: readonly [number, number] },
): number | undefined {
  const own = isIndexed(samples) ? samples.count : Array.isArray(samples) ? samples.length : undefined;
  const whole = total ?? own;
  return whole === undefined ? undefined : Math.max(0, Math.ceil((whole - shard[0]) / shard[1]));
}

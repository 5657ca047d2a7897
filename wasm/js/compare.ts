// Runs a float model and what was narrowed of it on the same samples, and says how far their values are apart.
import { type CalibrationSamples, countOf, Deck, lengthOf, runSamples, untilAborted, wrong } from './deal.js';
import { withEngine } from './engine.js';
import { NarrowcastError } from './errors.js';
import type { ExternalData, FileOptions } from './options.js';
import { Pool } from './pool.js';
import { answerOf } from './session.js';
import { type ByteSource, openSource } from './source.js';
import type { Judgement } from './types.js';

/** Classes by index of sample: a number, or a list where a sample holds several. */
export type Labels = readonly (number | readonly number[] | undefined)[];

export interface CompareProgress {
  phase: 'loading' | 'samples';
  /** Bytes when loading, samples afterwards. */
  done: number;
  /** Missing where it is not known. */
  total?: number;
}

export interface Gates {
  /** What the right answers of the samples are: the accuracy of both models is then told. */
  labels?: Labels;
  /** Decibels that every output must keep; else `failed` says so. */
  minSqnr?: number;
  /** Points of percent that the accuracy may fall, or, without labels, of decisions that may change. */
  maxDrop?: number;
}

export interface CompareOptions extends FileOptions, Gates {
  /** Inputs of both models, as `calibrate` takes them. */
  data: CalibrationSamples;
  /** The data files of the narrowed model; those of the float one are `externalData`. */
  narrowedData?: ExternalData;
  /** The key of a TFLite signature; without it the main graph runs. */
  signature?: string;
  /** As in `loadModel`. Default: true. */
  winograd?: boolean;
  /** How many workers run, each with both models. Default: one less than the processors, at most 4. */
  workers?: number;
  /** How many samples there are, where the iterable does not say. */
  total?: number;
  /** From where to where the codes of values reach, by name: what lies outside is counted in `share_clipped`. */
  ranges?: Record<string, readonly [min: number, max: number]>;
  /** From where to where values are counted in a `histogram`, by name. */
  spans?: Record<string, readonly [min: number, max: number]>;
  onProgress?: (progress: CompareProgress) => void;
}

export interface ComparisonResult extends Judgement {
  workers: number;
  /** The most memory that the workers' engines have held together. */
  heapBytes: number;
}

const compareKeys: Record<keyof CompareOptions, true> = {
  data: true,
  externalData: true,
  narrowedData: true,
  signal: true,
  labels: true,
  minSqnr: true,
  maxDrop: true,
  signature: true,
  winograd: true,
  workers: true,
  total: true,
  ranges: true,
  spans: true,
  onProgress: true,
};

function gateOptions({ labels, minSqnr, maxDrop }: Gates): string {
  for (const [name, value] of Object.entries({ minSqnr, maxDrop })) {
    if (value !== undefined && !Number.isFinite(value)) throw wrong('This is a number.', name);
  }
  const byIndex =
    labels === undefined
      ? undefined
      : Object.fromEntries(labels.flatMap((label, i) => (label === undefined ? [] : [[i, label]])));
  return JSON.stringify({ labels: byIndex, min_sqnr: minSqnr, max_drop: maxDrop });
}

async function judged(states: string[], options: string): Promise<Judgement> {
  return withEngine(
    async ({ module, guard }) => answerOf(guard(() => module.judge(JSON.stringify(states), options))) as Judgement,
  );
}

async function compareIn(
  pool: Pool,
  models: readonly [float: ByteSource, narrowed: ByteSource],
  deck: Deck,
  options: CompareOptions,
): Promise<ComparisonResult> {
  const { onProgress = () => {}, signature = '', winograd = true, ranges = {}, spans = {} } = options;
  const gates = gateOptions(options);
  const bytes = models.reduce((sum, model) => sum + openSource(model).size, 0);
  let loaded = 0;
  const [, second = 1] = await pool.open(
    [
      { model: models[0], externalData: options.externalData },
      { model: models[1], externalData: options.narrowedData },
    ],
    (count) => {
      loaded += count;
      onProgress({ phase: 'loading', done: loaded, total: Math.max(bytes, loaded) });
    },
  );
  const given = JSON.stringify({ signature, winograd, ranges, spans });
  const heaps = (await pool.all((worker) => worker.ask('load', { options: given, second }))).map(
    ({ heapBytes }) => heapBytes,
  );
  const total = lengthOf(options.data, options);
  const known = total === undefined ? {} : { total };
  let done = 0;
  onProgress({ phase: 'samples', done, ...known });
  const lanes = pool.workers.map((worker, i) =>
    runSamples(worker, deck, (heapBytes) => {
      heaps[i] = Math.max(heaps[i] ?? 0, heapBytes);
      done += 1;
      onProgress({ phase: 'samples', done, ...known });
    }),
  );
  await Promise.all(lanes);
  if (done === 0) throw new NarrowcastError('calibration', 'There is no sample that could be run.', 'data');
  const states = await pool.all((worker) => worker.ask('observed', undefined));
  const heapBytes = heaps.reduce((sum, heap) => sum + heap, 0);
  return { ...(await judged(states, gates)), workers: pool.workers.length, heapBytes };
}

/**
 * Runs both models on the same samples: for every value of the same name signal and noise, for every output also how
 * many of its decisions stay the same. The result depends on models, samples and options alone, not on the number of
 * workers. Errors: calibration, when there is no sample; usage, also when the two do not have the same inputs and
 * outputs; those of `loadModel`; engine_trap; out_of_memory; the signal's reason.
 */
export async function compare(
  float: ByteSource,
  narrowed: ByteSource,
  options: CompareOptions,
): Promise<ComparisonResult> {
  for (const key of Object.keys(options)) {
    if (!Object.hasOwn(compareKeys, key)) throw wrong(`There is no option '${key}'.`, key);
  }
  const { signal } = options;
  gateOptions(options);
  const count = countOf(options);
  signal?.throwIfAborted();
  const deck = new Deck(options.data, [0, 1]);
  const pool = new Pool(count);
  try {
    return await untilAborted(signal, compareIn(pool, [float, narrowed], deck, options));
  } finally {
    pool.terminate();
    void deck.close().catch(() => {});
  }
}

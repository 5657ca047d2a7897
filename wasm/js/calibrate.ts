// Runs a model in float on samples, in several workers, and collects the ranges of its values.
import {
  type CalibrationSamples,
  checkShard,
  countOf,
  Deck,
  defaultWorkers,
  lengthOf,
  runSamples,
  untilAborted,
  wrong,
} from './deal.js';
import { withEngine } from './engine.js';
import { NarrowcastError } from './errors.js';
import { type CalibrationMethod, observers } from './generated/describe.js';
import type { FileOptions } from './options.js';
import { Pool } from './pool.js';
import { answerOf } from './session.js';
import { type ByteSource, openSource } from './source.js';

export interface CalibrationProgress {
  phase: 'loading' | 'samples' | 'merging';
  /** Bytes when loading, samples afterwards. */
  done: number;
  /** Missing where it is not known. */
  total?: number;
  /** Of the samples; missing until the first one is done, and where the total is not known. */
  secondsLeft?: number;
  /** What the workers' engines hold together; an estimate while loading. */
  heapBytes: number;
}

export interface RangeOptions {
  /** What the method `percentile` keeps, in percent. Default: 99.999, or what a range file says. */
  percentile?: number;
  /** What the ranges are for; int16 takes min-max and moving-average only. Default: uint8. */
  activations?: 'uint8' | 'int8' | 'int16';
  /** Zero is the middle code. Default: false. */
  symmetric?: boolean;
}

export interface CalibrateOptions extends FileOptions, RangeOptions {
  /** Default: min-max. */
  method?: CalibrationMethod;
  /** The names of values to observe. Default: all of type float32 that are made. */
  values?: readonly string[];
  /** The key of a TFLite signature; without it the main graph runs. */
  signature?: string;
  /** As in `loadModel`. Default: true. */
  winograd?: boolean;
  /** How many workers run, each with the whole model. Default: one less than the processors, at most 4. */
  workers?: number;
  /** How many samples there are, where the iterable does not say. */
  total?: number;
  /** [i, n]: only the samples i, i + n, i + 2n... are run; `mergeRanges` makes one of the n results. */
  shard?: readonly [index: number, count: number];
  onProgress?: (progress: CalibrationProgress) => void;
}

export interface ValueRange {
  /** The index of the value's graph in the model. */
  scope: number;
  name: string;
  method: CalibrationMethod;
  /** The range, which includes 0. */
  min: number;
  max: number;
  /** The extremes that were seen; null when nothing finite was. */
  seen_min: number | null;
  seen_max: number | null;
  /** Elements seen, by kind. */
  finite: number;
  nan: number;
  pos_inf: number;
  neg_inf: number;
}

export interface CalibrationWarning {
  scope: number;
  name: string;
  kind: 'unseen' | 'nan' | 'infinite' | 'constant';
}

interface Merged {
  /** The text of a range file: the same for the same samples, whoever ran which. */
  ranges: string;
  samples: number;
  warnings: CalibrationWarning[];
}

interface Collected extends Merged {
  workers: number;
  /** The most memory that the workers' engines have held together. */
  heapBytes: number;
}

export interface RangesResult extends Merged {
  values: ValueRange[];
}

export interface CalibrationResult extends Collected, RangesResult {}

// What the engine itself takes, and how often a worker holds the weights: the file and the packed weights.
const engineBytes = 16 * 2 ** 20;
const weightCopies = 2;

/**
 * About what a calibration will take before its first sample; what the samples' activations take comes on top.
 * `workers`: as many as there are by default.
 */
export const estimateCalibrationMemory = (modelBytes: number, workers = defaultWorkers()): number =>
  workers * (engineBytes + weightCopies * modelBytes);

const rangeKeys: Record<keyof RangeOptions, true> = { percentile: true, activations: true, symmetric: true };
const calibrateKeys: Record<Exclude<keyof CalibrateOptions, keyof RangeOptions>, true> = {
  externalData: true,
  signal: true,
  method: true,
  values: true,
  signature: true,
  winograd: true,
  workers: true,
  total: true,
  shard: true,
  onProgress: true,
};

function checkKeys(options: object, known: object): void {
  for (const key of Object.keys(options)) {
    if (!Object.hasOwn(known, key)) throw wrong(`There is no option '${key}'.`, key);
  }
}

function millionths(percentile: number): number {
  if (!(percentile >= 0 && percentile <= 100)) throw wrong('A percentile is between 0 and 100.', 'percentile');
  return Math.round(percentile * 1e6);
}

function rangeOptions({ percentile, activations, symmetric }: RangeOptions): string {
  return JSON.stringify({
    ...(percentile === undefined ? {} : { percentile: millionths(percentile) }),
    ...(activations === undefined ? {} : { activations }),
    ...(symmetric === undefined ? {} : { symmetric }),
  });
}

function engineOptions(options: CalibrateOptions): string {
  const { method = 'min-max', percentile = 99.999, values = null, signature = '', winograd = true } = options;
  return JSON.stringify({ signature, winograd, calibrate: { method, percentile: millionths(percentile), values } });
}

/** Asked before anything is loaded, because it would be said only after the samples. */
function checkMethod({ method = 'min-max', activations = 'uint8' }: CalibrateOptions): void {
  const observer = observers.find(({ name }) => name === method);
  if (activations === 'int16' && observer?.fits_int16 === false) {
    throw wrong(`The method '${method}' is too coarse for int16 activations.`, 'method');
  }
}

/** One of range files, and with `options` what is chosen from it: some methods take their time over that. */
async function merge(texts: Iterable<string>, options?: string): Promise<RangesResult> {
  return withEngine(async ({ module, guard }) => {
    const merged = guard(() => new module.Ranges());
    for (const text of texts) answerOf(guard(() => merged.add(text)));
    const values = options === undefined ? [] : (answerOf(guard(() => merged.values(options))) as ValueRange[]);
    const { samples, warnings } = answerOf(guard(() => merged.summary())) as Omit<Merged, 'ranges'>;
    const ranges = guard(() => merged.state());
    guard(() => merged.delete());
    return { ranges, samples, values, warnings };
  });
}

async function calibrateIn(
  pool: Pool,
  model: ByteSource,
  deck: Deck,
  total: number | undefined,
  options: CalibrateOptions,
  chooses: boolean,
): Promise<CalibrationResult> {
  const { onProgress = () => {} } = options;
  const workers = pool.workers.length;
  const modelBytes = openSource(model).size;
  const estimate = estimateCalibrationMemory(modelBytes, workers);
  let loaded = 0;
  onProgress({ phase: 'loading', done: 0, total: modelBytes, heapBytes: estimate });
  await pool.open([{ model, externalData: options.externalData }], (count) => {
    loaded += count;
    onProgress({ phase: 'loading', done: loaded, total: Math.max(modelBytes, loaded), heapBytes: estimate });
  });
  const given = engineOptions(options);
  const heaps = (await pool.all((worker) => worker.ask('load', { options: given }))).map(({ heapBytes }) => heapBytes);
  const heapBytes = (): number => heaps.reduce((sum, bytes) => sum + bytes, 0);
  const known = total === undefined ? {} : { total };
  let done = 0;
  onProgress({ phase: 'samples', done, ...known, heapBytes: heapBytes() });
  const begun = performance.now();
  const lanes = pool.workers.map((worker, i) =>
    runSamples(worker, deck, (bytes) => {
      heaps[i] = Math.max(heaps[i] ?? 0, bytes);
      done += 1;
      const each = (performance.now() - begun) / 1000 / done;
      const left = total === undefined ? {} : { secondsLeft: Math.max(0, (total - done) * each) };
      onProgress({ phase: 'samples', done, ...known, ...left, heapBytes: heapBytes() });
    }),
  );
  await Promise.all(lanes);
  // A shard may be left without any when there are fewer samples than shards.
  if (done === 0 && !(total === 0 && (options.shard?.[1] ?? 1) > 1)) {
    throw new NarrowcastError('calibration', 'There is no sample that could be run.', 'samples');
  }
  onProgress({ phase: 'merging', done, total: done, heapBytes: heapBytes() });
  const parts = await pool.all((worker) => worker.ask('observed', undefined));
  const one = await merge(parts, chooses ? rangeOptions(options) : undefined);
  return { ...one, workers, heapBytes: heapBytes() };
}

/** As `calibrate`, but the ranges themselves are left to who reads the file. */
export const collectRanges = (
  model: ByteSource,
  samples: CalibrationSamples,
  options: CalibrateOptions,
): Promise<Collected> => calibrateAll(model, samples, options, false);

/**
 * Runs a model in float on samples and collects the ranges of its values. The result depends on model, samples and
 * settings alone, not on the number of workers. Nothing is kept of the samples but counts and extremes.
 * Errors: calibration, when there is no sample; usage, also for a sample that the model does not take; those of
 * `loadModel`; engine_trap when a worker is lost; out_of_memory; the signal's reason.
 */
export const calibrate = (
  model: ByteSource,
  samples: CalibrationSamples,
  options: CalibrateOptions = {},
): Promise<CalibrationResult> => calibrateAll(model, samples, options, true);

async function calibrateAll(
  model: ByteSource,
  samples: CalibrationSamples,
  options: CalibrateOptions,
  chooses: boolean,
): Promise<CalibrationResult> {
  checkKeys(options, { ...rangeKeys, ...calibrateKeys });
  checkMethod(options);
  const { signal, shard = [0, 1] } = options;
  checkShard(shard);
  rangeOptions(options);
  const count = countOf(options);
  signal?.throwIfAborted();
  const deck = new Deck(samples, shard);
  const pool = new Pool(count);
  try {
    return await untilAborted(signal, calibrateIn(pool, model, deck, lengthOf(samples, options), options, chooses));
  } finally {
    pool.terminate();
    void deck.close().catch(() => {});
  }
}

/**
 * Makes one of range files of the same model and settings with different samples: byte for byte what one calibration
 * would have made. Errors: usage, when they do not belong together or have a sample in common; malformed; unsupported.
 */
export async function mergeRanges(texts: Iterable<string>, options: RangeOptions = {}): Promise<RangesResult> {
  checkKeys(options, rangeKeys);
  return merge(texts, rangeOptions(options));
}

/** What a range file says. Errors: malformed; unsupported; usage. */
export const readRanges = (text: string, options: RangeOptions = {}): Promise<RangesResult> =>
  mergeRanges([text], options);

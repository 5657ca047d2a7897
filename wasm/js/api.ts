import { type CalibrationWarning, calibrate } from './calibrate.js';
import type { CalibrationSamples, Sample } from './deal.js';
import { withEngine } from './engine.js';
import { NarrowcastError } from './errors.js';
import { addFiles } from './files.js';
import type { Recipe } from './generated/describe.js';
import {
  checkGates,
  dataOf,
  defaultJudged,
  judgedActivations,
  judgeNarrowed,
  listed,
  type Narrowed,
  Remembered,
} from './judge.js';
import { runOnce } from './model.js';
import { type FileOptions, type QuantizeOptions, recipeOf } from './options.js';
import { makeTell, type Tell } from './progress.js';
import { findKeepFloat, type Trial, targetDb } from './search.js';
import { answerOf, Session } from './session.js';
import type { ByteSource } from './source.js';
import { makeTurn } from './turn.js';
import type { Description, Inspection, Judgement, KeepFloat, OutputFile, Report } from './types.js';

export interface QuantizeResult {
  model: Uint8Array<ArrayBuffer>;
  /** New data files, by the name the model uses; files that it still refers to are in report.external_files_kept. */
  externalData: Record<string, Uint8Array<ArrayBuffer>>;
  report: Report;
  /** The most memory the engine's instance has held. */
  heapBytes: number;
}

/** Takes the next chunk of an output. Outputs come one after the other, the model first. */
export type Sink = (chunk: Uint8Array<ArrayBuffer>, file: OutputFile) => void | Promise<void>;

export type StreamResult = Pick<QuantizeResult, 'report' | 'heapBytes'> & { files: OutputFile[] };

// A new data file must not take the name of one that may still be needed.
function freeName(wanted: string, taken: string[]): string {
  let name = wanted;
  for (let i = 1; taken.includes(name); i += 1) name = wanted.replace(/(\.[^.]*)?$/, `_${i}$1`);
  return name;
}

interface Known {
  /** The text of a range file, or empty. */
  ranges: string;
  warnings: string[];
}

const said: Record<CalibrationWarning['kind'], string> = {
  unseen: 'no sample reached it, so it has no range',
  nan: 'it held NaN, which was left out of its range',
  infinite: 'it held infinite values, which were left out of its range',
  constant: 'it was the same number in every sample: are the samples what the model expects?',
};

/** The ranges that the recipe needs, or of all values: those that were given, or what the samples show. */
async function findRanges(
  model: ByteSource,
  options: QuantizeOptions,
  recipe: Recipe,
  tell: Tell,
  ofAll = false,
): Promise<Known> {
  const { calibration, ranges = '', externalData, signal, workers, total } = options;
  if (calibration === undefined) return { ranges, warnings: [] };
  if (ranges !== '') throw new NarrowcastError('usage', 'Give samples or ranges, not both.', 'ranges');
  const files: FileOptions = {
    ...(externalData === undefined ? {} : { externalData }),
    ...(signal === undefined ? {} : { signal }),
  };
  const values = await withEngine(async (lent) => {
    const session = new Session(lent);
    await addFiles(session, model, files);
    return session.watched(JSON.stringify(recipe));
  });
  if (values.length === 0) return { ranges: '', warnings: [] };
  const { method, percentile } = recipe;
  const found = await calibrate(model, calibration, {
    ...files,
    ...(ofAll ? {} : { values }),
    ...(method === undefined ? {} : { method }),
    ...(percentile === undefined ? {} : { percentile }),
    ...(workers === undefined ? {} : { workers }),
    ...(total === undefined ? {} : { total }),
    onProgress: ({ phase, done, total: of }) => {
      if (phase === 'samples') tell('samples', done, of ?? 0, '');
    },
  });
  const warnings = found.warnings.map(({ name, kind }) => `'${name}': ${said[kind]}.`);
  return { ranges: found.ranges, warnings };
}

async function narrow(
  session: Session,
  model: ByteSource,
  sink: Sink | undefined,
  options: QuantizeOptions,
  { recipe: wish, known, tell }: { recipe: Recipe; known: Known; tell: Tell },
): Promise<StreamResult> {
  const recipe = JSON.stringify(wish);
  const turn = makeTurn(options.signal);
  const names = await addFiles(session, model, options, tell);
  let step = session.start(recipe, freeName(options.dataName ?? 'model.data', names), known.ranges);
  do {
    tell('weights', step.done, step.total, step.item);
    await turn();
    step = session.step();
  } while (step.phase !== 'done');
  tell('weights', step.total, step.total, '');
  const files = session.outputs();
  if (sink !== undefined) {
    for (const [index, file] of files.entries()) {
      for (let offset = 0; offset < file.size; offset += session.chunkBytes) {
        const size = Math.min(session.chunkBytes, file.size - offset);
        await sink(session.read(index, offset, size), file);
        tell('writing', offset + size, file.size, file.name);
        await turn();
      }
    }
  }
  const report = session.report();
  return {
    report: { ...report, warnings: [...known.warnings, ...report.warnings] },
    files,
    heapBytes: session.heapBytes,
  };
}

/** A sink that keeps what it is given. */
class Kept {
  readonly #outputs = new Map<string, { bytes: Uint8Array<ArrayBuffer>; filled: number }>();

  take(chunk: Uint8Array<ArrayBuffer>, { name, size }: OutputFile): void {
    let output = this.#outputs.get(name);
    if (output === undefined) {
      output = { bytes: new Uint8Array(size), filled: 0 };
      this.#outputs.set(name, output);
    }
    output.bytes.set(chunk, output.filled);
    output.filled += chunk.length;
  }

  narrowed(): Narrowed {
    const { '': model = new Uint8Array(), ...externalData } = Object.fromEntries(
      [...this.#outputs].map(([name, { bytes }]) => [name, bytes]),
    );
    return { model, externalData };
  }
}

/** The outputs of both models on samples, in an engine of this thread. */
async function compareOutputs(
  model: ByteSource,
  narrowed: Narrowed,
  samples: Sample[],
  options: QuantizeOptions,
): Promise<Judgement> {
  return withEngine(async (lent) => {
    const session = new Session(lent);
    const { signal, externalData } = options;
    const stop = signal === undefined ? {} : { signal };
    await addFiles(session, model, { ...stop, ...(externalData === undefined ? {} : { externalData }) });
    const second = session.files;
    await addFiles(session, narrowed.model, { ...stop, externalData: dataOf(narrowed, options) });
    session.compare(second, JSON.stringify({ values: false }));
    for (const [index, sample] of samples.entries()) {
      session.sample(index);
      await runOnce(session, sample, stop, () => {});
    }
    const states = JSON.stringify([session.observed()]);
    return answerOf(lent.guard(() => lent.module.judge(states, '{}'))) as Judgement;
  });
}

const mostSearched = 8;

/** Which nodes to leave in float, found by narrowing and running the model in other ways. */
async function searchFloat(
  model: ByteSource,
  samples: CalibrationSamples,
  options: QuantizeOptions,
  made: { recipe: Recipe; remembered: Remembered; tell: Tell; report: Report },
): Promise<KeepFloat> {
  const { recipe, remembered, tell, report } = made;
  // Where a node stays in float, others need ranges that the whole plan did not.
  const again = { ...options, calibration: await remembered.again() };
  const known = await findRanges(model, again, recipe, () => {}, true);
  const some = (await listed(samples)).slice(0, mostSearched);
  let runs = 0;
  const trial: Trial = async ({ exclude = [], only }) => {
    tell('searching', runs, 0, '');
    runs += 1;
    const kept = new Kept();
    const wish: Recipe = {
      ...recipe,
      keep_going: true,
      exclude: [...(recipe.exclude ?? []), ...exclude],
      ...(only === undefined ? {} : { only }),
    };
    await withEngine((lent) =>
      narrow(new Session(lent), model, (chunk, file) => kept.take(chunk, file), options, {
        recipe: wish,
        known,
        tell: () => {},
      }),
    );
    const { outputs } = await compareOutputs(model, kept.narrowed(), some, options);
    return Math.max(
      ...outputs.map(({ signal_power, noise_power, unlike }) =>
        unlike !== undefined ? Number.POSITIVE_INFINITY : noise_power === 0 ? 0 : noise_power / signal_power,
      ),
    );
  };
  const nodes = report.nodes.filter(({ verdict }) => verdict === 'quantized').map(({ name }) => name);
  return findKeepFloat(nodes, trial);
}

interface Made extends StreamResult {
  recipe: Recipe;
}

async function judge(
  model: ByteSource,
  made: StreamResult,
  kept: Kept,
  options: QuantizeOptions,
  told: { recipe: Recipe; remembered: Remembered; tell: Tell },
): Promise<Report> {
  const { report } = made;
  const samples = await told.remembered.first();
  const {
    workers: _,
    heapBytes: __,
    ...judged
  } = await judgeNarrowed(model, kept.narrowed(), report, samples, {
    options,
    tell: told.tell,
  });
  const isPoor = judged.sqnr_db !== null && judged.sqnr_db < targetDb;
  const isSearched = isPoor && report.activations !== undefined && options.search !== false;
  const found = isSearched ? { keep_float: await searchFloat(model, samples, options, { ...told, report }) } : {};
  return {
    ...report,
    ...(report.activations === undefined ? {} : { activations: judgedActivations(report.activations, judged) }),
    judged: { ...judged, ...found },
  };
}

/** What samples say of what they held; those of `openSamples` do. */
const fedOf = (samples: CalibrationSamples | undefined): Pick<Report, 'fed'> =>
  samples !== undefined && 'fed' in samples && typeof samples.fed === 'function' ? { fed: samples.fed() } : {};

/** @internal Narrows and judges; gates that are not passed are in the report only. */
export async function prepareAndNarrow(
  model: ByteSource,
  sink: Sink | undefined,
  options: QuantizeOptions,
): Promise<Made> {
  const recipe = recipeOf(options);
  checkGates(options);
  const { calibration, judgeSamples = defaultJudged } = options;
  const remembered =
    calibration === undefined || options.judge === false ? undefined : new Remembered(calibration, judgeSamples);
  const tell = makeTell(options.onProgress, calibration !== undefined);
  const known = await findRanges(
    model,
    remembered === undefined ? options : { ...options, calibration: remembered.samples },
    recipe,
    tell,
  );
  const kept = new Kept();
  const both: Sink | undefined =
    remembered === undefined
      ? sink
      : async (chunk, file) => {
          kept.take(chunk, file);
          await sink?.(chunk, file);
        };
  const made = await withEngine((lent) => narrow(new Session(lent), model, both, options, { recipe, known, tell }));
  const fed = fedOf(calibration);
  if (remembered === undefined) return { ...made, report: { ...made.report, ...fed }, recipe };
  const report = await judge(model, made, kept, options, { recipe, remembered, tell });
  return { ...made, report: { ...report, ...fed }, recipe };
}

async function narrowOrRefuse(
  model: ByteSource,
  sink: Sink | undefined,
  options: QuantizeOptions,
): Promise<StreamResult> {
  const { recipe, ...made } = await prepareAndNarrow(model, sink, options);
  const failed = made.report.judged?.failed ?? [];
  if (failed.length > 0 && !recipe.keep_going) throw new NarrowcastError('quality', failed.join(' '));
  return made;
}

/**
 * Narrows a model and hands the result to `sink` chunk by chunk, so that it never stands in memory as a whole, unless
 * samples are there to judge it. Errors: `quality`, after the last chunk, when `minSqnr` or `maxDrop` is not kept and
 * `keepGoing` is not set.
 */
export function quantizeTo(model: ByteSource, sink: Sink, options: QuantizeOptions = {}): Promise<StreamResult> {
  return narrowOrRefuse(model, sink, options);
}

/** Everything but the writing: the report, with the sizes and the noise that `quantize` would give. */
export function dryRun(model: ByteSource, options: QuantizeOptions = {}): Promise<StreamResult> {
  return narrowOrRefuse(model, undefined, options);
}

/** Narrows a model. */
export async function quantize(model: ByteSource, options: QuantizeOptions = {}): Promise<QuantizeResult> {
  const kept = new Kept();
  const { report, heapBytes } = await quantizeTo(model, (chunk, file) => kept.take(chunk, file), options);
  return { ...kept.narrowed(), report, heapBytes };
}

/** What a model is, before anything is done to it. */
export function inspect(model: ByteSource, options: FileOptions = {}): Promise<Inspection> {
  return withEngine(async (lent) => {
    const session = new Session(lent);
    await addFiles(session, model, options);
    return session.inspect();
  });
}

/** The ops, settings, formats and errors that this build knows. */
export function describe(): Promise<Description> {
  return withEngine(async ({ module, guard }) => JSON.parse(guard(() => module.describe())) as Description);
}

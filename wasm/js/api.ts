import { type CalibrationWarning, calibrate } from './calibrate.js';
import { withEngine } from './engine.js';
import { NarrowcastError } from './errors.js';
import { addFiles } from './files.js';
import type { Recipe } from './generated/describe.js';
import { type FileOptions, type QuantizeOptions, recipeOf } from './options.js';
import { makeTell, type Tell } from './progress.js';
import { Session } from './session.js';
import type { ByteSource } from './source.js';
import { makeTurn } from './turn.js';
import type { Description, Inspection, OutputFile, Report } from './types.js';

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

/** The ranges that the recipe needs: those that were given, or what the samples show. */
async function findRanges(model: ByteSource, options: QuantizeOptions, recipe: Recipe, tell: Tell): Promise<Known> {
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
    values,
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

async function prepareAndNarrow(
  model: ByteSource,
  sink: Sink | undefined,
  options: QuantizeOptions,
): Promise<StreamResult> {
  const recipe = recipeOf(options);
  const tell = makeTell(options.onProgress, options.calibration !== undefined);
  const known = await findRanges(model, options, recipe, tell);
  return withEngine((lent) => narrow(new Session(lent), model, sink, options, { recipe, known, tell }));
}

/** Narrows a model and hands the result to `sink` chunk by chunk, so that it never stands in memory as a whole. */
export function quantizeTo(model: ByteSource, sink: Sink, options: QuantizeOptions = {}): Promise<StreamResult> {
  return prepareAndNarrow(model, sink, options);
}

/** Everything but the writing: the report, with the sizes and the noise that `quantize` would give. */
export function dryRun(model: ByteSource, options: QuantizeOptions = {}): Promise<StreamResult> {
  return prepareAndNarrow(model, undefined, options);
}

/** Narrows a model. */
export async function quantize(model: ByteSource, options: QuantizeOptions = {}): Promise<QuantizeResult> {
  const outputs = new Map<string, { bytes: Uint8Array<ArrayBuffer>; filled: number }>();
  const sink: Sink = (chunk, file) => {
    let output = outputs.get(file.name);
    if (output === undefined) {
      output = { bytes: new Uint8Array(file.size), filled: 0 };
      outputs.set(file.name, output);
    }
    output.bytes.set(chunk, output.filled);
    output.filled += chunk.length;
  };
  const { report, heapBytes } = await quantizeTo(model, sink, options);
  const { '': main = new Uint8Array(), ...externalData } = Object.fromEntries(
    [...outputs].map(([name, { bytes }]) => [name, bytes]),
  );
  return { model: main, externalData, report, heapBytes };
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

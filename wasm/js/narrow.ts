// Narrows one model in an engine, with the ranges that it needs.
import { type CalibrationWarning, collectRanges } from './calibrate.js';
import { withEngine } from './engine.js';
import { NarrowcastError } from './errors.js';
import { addFiles } from './files.js';
import type { Recipe } from './generated/describe.js';
import type { FileOptions, QuantizeOptions } from './options.js';
import type { Tell } from './progress.js';
import { Session } from './session.js';
import type { ByteSource } from './source.js';
import { makeTurn } from './turn.js';
import type { OutputFile, Report } from './types.js';

/** Takes the next chunk of an output. Outputs come one after the other, the model first. */
export type Sink = (chunk: Uint8Array<ArrayBuffer>, file: OutputFile) => void | Promise<void>;

export interface StreamResult {
  report: Report;
  /** The most memory the engine's instance has held. */
  heapBytes: number;
  files: OutputFile[];
}

/** A model that stands in memory, and its new data files by name. */
export interface Narrowed {
  model: Uint8Array<ArrayBuffer>;
  externalData: Record<string, Uint8Array<ArrayBuffer>>;
}

/** A sink that keeps what it is given. */
export class Kept {
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

// A new data file must not take the name of one that may still be needed.
function freeName(wanted: string, taken: string[]): string {
  let name = wanted;
  for (let i = 1; taken.includes(name); i += 1) name = wanted.replace(/(\.[^.]*)?$/, `_${i}$1`);
  return name;
}

export interface Known {
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
export async function findRanges(
  model: ByteSource,
  options: QuantizeOptions,
  recipe: Recipe,
  tell: Tell,
  ofAll = false,
): Promise<Known> {
  const { calibration, ranges = '', externalData, signal, workers, total, signature } = options;
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
  const found = await collectRanges(model, calibration, {
    ...files,
    ...(ofAll ? {} : { values }),
    ...(method === undefined ? {} : { method }),
    ...(percentile === undefined ? {} : { percentile }),
    ...(workers === undefined ? {} : { workers }),
    ...(total === undefined ? {} : { total }),
    ...(signature === undefined ? {} : { signature }),
    onProgress: ({ phase, done, total: of }) => {
      if (phase === 'samples') tell('samples', done, of ?? 0, '');
    },
  });
  const warnings = found.warnings.map(({ name, kind }) => `'${name}': ${said[kind]}.`);
  return { ranges: found.ranges, warnings };
}

/** Hands the result to `sink`, if there is one. */
export async function narrow(
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

import { withEngine } from './engine.js';
import { addFiles } from './files.js';
import { type FileOptions, type QuantizeOptions, recipeOf } from './options.js';
import { makeTell } from './progress.js';
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

async function narrow(
  session: Session,
  model: ByteSource,
  sink: Sink | undefined,
  options: QuantizeOptions,
): Promise<StreamResult> {
  const recipe = JSON.stringify(recipeOf(options));
  const tell = makeTell(options.onProgress);
  const turn = makeTurn(options.signal);
  const names = await addFiles(session, model, options, tell);
  let step = session.start(recipe, freeName(options.dataName ?? 'model.data', names));
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
  return { report: session.report(), files, heapBytes: session.heapBytes };
}

/** Narrows a model and hands the result to `sink` chunk by chunk, so that it never stands in memory as a whole. */
export function quantizeTo(model: ByteSource, sink: Sink, options: QuantizeOptions = {}): Promise<StreamResult> {
  return withEngine((lent) => narrow(new Session(lent), model, sink, options));
}

/** Everything but the writing: the report, with the sizes and the noise that `quantize` would give. */
export function dryRun(model: ByteSource, options: QuantizeOptions = {}): Promise<StreamResult> {
  return withEngine((lent) => narrow(new Session(lent), model, undefined, options));
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

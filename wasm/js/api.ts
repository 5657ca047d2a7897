import { withEngine } from './engine.js';
import { NarrowcastError } from './errors.js';
import { addFiles } from './files.js';
import { Kept, type Sink, type StreamResult } from './narrow.js';
import type { FileOptions, QuantizeOptions } from './options.js';
import { prepareAndNarrow } from './quantize.js';
import { Session } from './session.js';
import type { ByteSource } from './source.js';
import type { Description, Inspection, Report } from './types.js';

export interface QuantizeResult {
  model: Uint8Array<ArrayBuffer>;
  /** New data files, by the name the model uses; files that it still refers to are in report.external_files_kept. */
  externalData: Record<string, Uint8Array<ArrayBuffer>>;
  report: Report;
  /** The most memory the engine's instance has held. */
  heapBytes: number;
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

// Calibration data as samples: files of many kinds, one after the other, each read when its turn comes.
import { NarrowcastError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import type { Inspection, ValueInfo } from '../types.js';
import { chooseIndices } from './choose.js';
import { isUnreadable, unreadable, wrongData } from './errors.js';
import { type DataWarning, Gauge, type InputStatistics } from './fed.js';
import { ArchiveShelf, asFile, type DataFile, type DataSource, kindOf } from './files.js';
import { checkShape } from './fit.js';
import { pictureInput, presetFor } from './pictures.js';
import { openReader, openTensors, type ReadContext, type Reader, type ReadOptions } from './readers.js';
import type { Sample } from './tables.js';

export interface SampleOptions extends ReadOptions {
  /** At most so many are taken. Default: 128. */
  samples?: number;
  /** Chooses which, when there are more. Default: 0. */
  seed?: number;
}

/**
 * Samples in their order, as `calibrate` takes them. The index of a sample is its place among those that were chosen,
 * and the same for every shard.
 */
export interface Samples extends AsyncIterable<Record<string, Tensor>> {
  /** How many were chosen; some may turn out to be unreadable. */
  readonly count: number;
  /** How many there were to choose from. */
  readonly available: number;
  /** Which of those it is, and the file that holds it: the first input's. */
  sourceOf(index: number): { place: number; file: string };
  /** Undefined, with a warning, when it cannot be read. Errors: calibration, when it does not fit the model. */
  read(index: number): Promise<Record<string, Tensor> | undefined>;
  /** What was read so far, in the order in which it was read. */
  fed(): InputStatistics[];
  warnings(): DataWarning[];
}

const defaultSamples = 128;

/** What a model takes, under the names by which it runs: a TFLite signature's, or the graph's own. */
export function modelInputs({ inputs, signatures }: Inspection, signature = ''): ValueInfo[] {
  const named = signatures.find(({ key, graph }) => (signature === '' ? graph === 0 : key === signature));
  if (named === undefined) return inputs;
  return named.inputs.map(({ name, tensor, dtype, shape }) => ({ name: name || tensor, dtype, shape }));
}

const byName = (a: DataFile, b: DataFile): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

const folderOf = (name: string): string => name.replace(/[^/]*$/, '');

/** Files in their order; the tensors of one folder of ONNX's test data are one group, outputs are left out. */
function groupsOf(files: DataFile[]): DataFile[][] {
  const groups: DataFile[][] = [];
  const folders = new Map<string, DataFile[]>();
  for (const file of files.toSorted(byName)) {
    if (kindOf(file.name) !== 'pb') {
      groups.push([file]);
      continue;
    }
    if (/(^|\/)output_\d+\.pb$/i.test(file.name)) continue;
    const folder = /(^|\/)input_\d+\.pb$/i.test(file.name) ? folderOf(file.name) : file.name;
    const group = folders.get(folder);
    if (group !== undefined) group.push(file);
    else {
      const begun = [file];
      folders.set(folder, begun);
      groups.push(begun);
    }
  }
  return groups;
}

/** The samples of all files that are for the same input. */
class Track {
  readonly #readers: Reader[];
  readonly count: number;
  #last: Reader | undefined;

  constructor(readers: Reader[]) {
    this.#readers = readers;
    this.count = readers.reduce((sum, reader) => sum + reader.count, 0);
  }

  #find(index: number): { reader: Reader; left: number } {
    let left = index;
    for (const reader of this.#readers) {
      if (left < reader.count) return { reader, left };
      left -= reader.count;
    }
    throw new RangeError(`There is no sample ${index}.`);
  }

  fileOf(index: number): string {
    return this.#find(index).reader.where;
  }

  read(index: number): Promise<Sample> {
    const { reader, left } = this.#find(index);
    if (reader !== this.#last) this.#last?.forget();
    this.#last = reader;
    return reader.read(left);
  }
}

type Warn = ReadContext['warn'];

/** Opens what can be opened. Errors: calibration, when nothing can. */
async function openTrack(files: DataFile[], context: ReadContext): Promise<Track> {
  const readers: Reader[] = [];
  let first: NarrowcastError | undefined;
  for (const group of groupsOf(files)) {
    const [file] = group as [DataFile];
    try {
      const reader = kindOf(file.name) === 'pb' ? openTensors(group, context) : await openReader(file, context);
      if (readers.length > 0) reader.forget();
      if (reader.count === 0) throw unreadable('It holds no samples.', file.name);
      readers.push(reader);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      first ??= error;
      context.warn('unreadable', error.message, error.where);
    }
  }
  if (readers.length > 0) return new Track(readers);
  if (first !== undefined && files.length > 1) {
    throw wrongData(`None of the ${files.length} files can be read. The first: ${first.message}`, first.where);
  }
  throw first ?? wrongData('There is no data.', files[0]?.name ?? 'calibration');
}

async function unpacked(files: DataFile[], shelf: ArchiveShelf, warn: Warn): Promise<DataFile[]> {
  const all: DataFile[] = [];
  for (const file of files) {
    if (kindOf(file.name) !== 'zip') {
      all.push(file);
      continue;
    }
    try {
      const inside = await shelf.filesOf(file);
      if (inside.length === 0) throw unreadable('It holds no files with samples.', file.name);
      all.push(...inside.filter(({ name }) => kindOf(name) !== 'zip'));
    } catch (error) {
      if (!isUnreadable(error) || files.length === 1) throw error;
      warn('unreadable', error.message, error.where);
    }
  }
  return all;
}

/** Files by the input that they are for; '' for those that do not say. */
function byInput(files: DataFile[]): DataFile[][] {
  const tracks = new Map<string, DataFile[]>();
  for (const file of files) {
    const track = tracks.get(file.input ?? '');
    if (track === undefined) tracks.set(file.input ?? '', [file]);
    else track.push(file);
  }
  return [...tracks.values()];
}

class FileSamples implements Samples {
  readonly count: number;
  readonly available: number;
  readonly #tracks: Track[];
  readonly #chosen: number[];
  readonly #inputs: ValueInfo[];
  readonly #gauge: Gauge;
  // Samples that were read before: what was fed counts once, however often it is read.
  readonly #gauged = new Set<number>();
  readonly #warnings: DataWarning[];
  readonly #warn: Warn;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(tracks: Track[], options: SampleOptions, { inputs, warn }: ReadContext, warnings: DataWarning[]) {
    this.available = Math.max(...tracks.map(({ count }) => count));
    const odd = tracks.find(({ count }) => count !== this.available && count !== 1);
    if (odd !== undefined) {
      throw wrongData(`One input has ${odd.count} samples, another ${this.available}.`, 'calibration');
    }
    this.#chosen = chooseIndices(this.available, options.samples ?? defaultSamples, options.seed ?? 0);
    this.count = this.#chosen.length;
    this.#tracks = tracks;
    this.#inputs = inputs;
    this.#gauge = new Gauge(inputs, options);
    this.#warnings = warnings;
    this.#warn = warn;
  }

  sourceOf(index: number): { place: number; file: string } {
    const place = this.#chosen[index];
    const track = this.#tracks.find(({ count }) => count === this.available);
    if (place === undefined || track === undefined) throw new RangeError(`There is no sample ${index}.`);
    return { place, file: track.fileOf(place) };
  }

  /** One after the other, so that what was fed is gathered in the order of the calls. */
  read(index: number): Promise<Sample | undefined> {
    const turn = this.#turn.then(() => this.#read(index));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #read(index: number): Promise<Sample | undefined> {
    const place = this.#chosen[index];
    if (place === undefined) return undefined;
    const sample: Sample = {};
    try {
      for (const track of this.#tracks) Object.assign(sample, await track.read(track.count === 1 ? 0 : place));
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      this.#warn('unreadable', error.message, error.where);
      return undefined;
    }
    for (const input of this.#inputs) {
      const tensor = sample[input.name];
      if (tensor === undefined) {
        throw wrongData(`There is no data for the model's input '${input.name}'; give it as name=path.`, input.name);
      }
      checkShape(tensor, input, input.name);
    }
    if (!this.#gauged.has(index)) this.#gauge.add(sample);
    this.#gauged.add(index);
    return sample;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Sample> {
    let any = false;
    for (let i = 0; i < this.count; i += 1) {
      const sample = await this.read(i);
      if (sample === undefined) continue;
      any = true;
      yield sample;
    }
    const last = this.#warnings.findLast(({ kind }) => kind === 'unreadable');
    if (!any)
      throw wrongData(`None of the samples can be read. The last: ${last?.message}`, last?.where ?? 'calibration');
  }

  fed(): InputStatistics[] {
    return this.#gauge.statistics();
  }

  warnings(): DataWarning[] {
    return [...this.#warnings, ...this.#gauge.warnings()];
  }
}

/** Said once: a wrong preset is the likeliest mistake, and nothing fails of it. */
function warnOfGuess(files: DataFile[], inputs: ValueInfo[], options: SampleOptions, warn: Warn): void {
  if (options.preset !== undefined || !files.some(({ name }) => kindOf(name) === 'picture')) return;
  for (const input of inputs) {
    const taken = pictureInput(input, options);
    if (taken === undefined) continue;
    const { name, sentence } = presetFor(taken, options);
    warn('guessed-preset', `No preset was chosen: '${name}' is assumed (${sentence.replace(/\.$/, '')}).`, input.name);
  }
}

function checkOptions({ samples = 1, seed = 0 }: SampleOptions): void {
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
  if (!isCount(samples) || samples < 1) throw new NarrowcastError('usage', 'At least one sample is taken.', 'samples');
  if (!isCount(seed)) throw new NarrowcastError('usage', 'A seed is a whole number.', 'seed');
}

/**
 * Opens files of samples for a model: pictures (JPEG, PNG, WebP), .npy, .npz, .csv, .jsonl, .wav, ONNX's .pb tensors, and
 * .zip archives of these. Files are taken in the order of their names (by code unit), samples in theirs; of more than
 * `samples`, some are chosen by `seed`. A file that cannot be read is left out with a warning. Works without Node.
 * Errors: calibration, when nothing can be read or something does not fit the model; usage.
 */
export async function openSamples(
  sources: DataSource | Iterable<DataSource>,
  model: Inspection | readonly ValueInfo[],
  options: SampleOptions = {},
): Promise<Samples> {
  checkOptions(options);
  const inputs = 'signatures' in model ? modelInputs(model) : [...model];
  const warnings: DataWarning[] = [];
  const warn: Warn = (kind, message, where) => {
    if (!warnings.some((one) => one.kind === kind && one.where === where)) warnings.push({ kind, message, where });
  };
  const given = Symbol.iterator in sources ? [...sources] : [sources];
  const files = await unpacked(given.map(asFile), new ArchiveShelf(), warn);
  if (files.length === 0) throw wrongData('There are no files with samples.', 'calibration');
  const context: ReadContext = { inputs, options, warn };
  const tracks: Track[] = [];
  for (const track of byInput(files)) tracks.push(await openTrack(track, context));
  warnOfGuess(files, inputs, options, warn);
  return new FileSamples(tracks, options, context, warnings);
}

// Samples in the worker: opened for a run, or read to be looked at.
import {
  type DataFile,
  dataKind,
  openSamples,
  type PictureOptions,
  pictureOf,
  pictureSettings,
  type Samples,
  type Tensor,
  type ValueInfo,
} from 'narrowcast';
import { sampleOptions } from '../recipe/data-wish.ts';
import type { DataLook, DataRequest, Preview, Seen } from './protocol.ts';
import { fromShelf } from './sample-shelf.ts';

const previewed = 8;
const tellEveryMs = 250;
const shownNumbers = 8;

/** A request of its own: nothing is kept of it. */
export function openOnce({ files, wish, inputs }: DataRequest): Promise<Samples> {
  const sources = files.map(
    ({ path, file, input }): DataFile => ({ name: path, data: file, ...(input === undefined ? {} : { input }) }),
  );
  return openSamples(sources, inputs, sampleOptions(wish));
}

export const openData = (request: DataRequest): Promise<Samples> => fromShelf(request, openOnce);

function numbersOf({ data, shape, dtype }: Tensor): Seen['numbers'] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const element of data) {
    const value = Number(element);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { shape: [...shape], dtype, first: Array.from(data.slice(0, shownNumbers), Number), min, max };
}

function seenOf(tensor: Tensor, input: ValueInfo, file: string, options: PictureOptions): Seen {
  // Arrays are fed as they are: no preset made them.
  const picture = pictureOf(tensor, input, dataKind(file) === 'picture' ? options : undefined);
  return { input: input.name, numbers: numbersOf(tensor), ...(picture === undefined ? {} : { picture }) };
}

/** As many as fit beside each other, from all over the samples. */
export function previewedOf(count: number): number[] {
  const shown = Math.min(previewed, count);
  return Array.from({ length: shown }, (_, i) => Math.floor((i * count) / shown));
}

/** Reads all samples and tells what they hold on the way: what cannot be read is known before a run. */
export async function lookAt(
  request: DataRequest,
  signal: AbortSignal,
  tell: (look: DataLook) => void,
): Promise<DataLook> {
  const { inputs } = request;
  const options = sampleOptions(request.wish);
  const samples = await openData(request);
  const previews: Preview[] = [];
  const pictures = inputs.flatMap((input) => {
    const settings = pictureSettings(input, options);
    return settings === undefined ? [] : [{ input: input.name, ...settings }];
  });
  const previewOf = (sample: Record<string, Tensor>, index: number): Preview => {
    const { place, file } = samples.sourceOf(index);
    const seen = inputs.flatMap((input) => {
      const tensor = sample[input.name];
      return tensor === undefined ? [] : [seenOf(tensor, input, file, options)];
    });
    return { index, place, file, seen };
  };
  // Pictures cross once.
  let sent = 0;
  const look = (read: number): DataLook => ({
    count: samples.count,
    available: samples.available,
    read,
    previews,
    pictures,
    fed: samples.fed(),
    warnings: samples.warnings(),
  });
  const shown = new Set(previewedOf(samples.count));
  let told = Number.NEGATIVE_INFINITY;
  // In their order: so what was fed has the same sums as in a run.
  for (let index = 0; index < samples.count; index += 1) {
    signal.throwIfAborted();
    const sample = await samples.read(index);
    if (sample !== undefined && shown.has(index)) previews.push(previewOf(sample, index));
    if (performance.now() - told < tellEveryMs) continue;
    told = performance.now();
    tell({ ...look(index + 1), previews: previews.slice(sent) });
    sent = previews.length;
  }
  return { ...look(samples.count), previews: previews.slice(sent) };
}

// Judges a narrowed model on the first samples that it was calibrated with.
import { type ComparisonResult, compare, type Gates } from './compare.js';
import type { CalibrationSamples, Sample } from './deal.js';
import { NarrowcastError } from './errors.js';
import type { Narrowed } from './narrow.js';
import type { QuantizeOptions } from './options.js';
import type { Tell } from './progress.js';
import type { ByteSource } from './source.js';
import type { TensorLike } from './tensor.js';
import type { ActivationReport, Judgement, Report } from './types.js';

export const defaultJudged = 16;

const isIndexed = (samples: CalibrationSamples) => 'read' in samples && typeof samples.read === 'function';

const copied = (sample: Sample): Sample =>
  Object.fromEntries(
    Object.entries(sample).map(([name, tensor]): [string, TensorLike] => [
      name,
      { ...tensor, shape: [...tensor.shape], data: tensor.data.slice() },
    ]),
  );

/** Samples that can be had once more: the first ones are kept where they come only once. */
export class Remembered {
  readonly samples: CalibrationSamples;
  readonly #given: CalibrationSamples;
  readonly #count: number;
  readonly #kept: Sample[] = [];
  #drawn = false;

  constructor(given: CalibrationSamples, count: number) {
    this.#given = given;
    this.#count = count;
    this.samples = isIndexed(given) || Array.isArray(given) ? given : this.#draw(given as AsyncIterable<Sample>);
  }

  async *#draw(given: AsyncIterable<Sample> | Iterable<Sample>): AsyncGenerator<Sample> {
    this.#drawn = true;
    for await (const sample of given) {
      // A caller may fill the same array again.
      if (this.#kept.length < this.#count) this.#kept.push(copied(sample));
      yield sample;
    }
  }

  /** All of them where they can be had again, else the first ones. */
  async again(): Promise<CalibrationSamples> {
    return isIndexed(this.#given) || Array.isArray(this.#given) ? this.#given : this.first();
  }

  async first(): Promise<CalibrationSamples> {
    const given = this.#given;
    if ('read' in given && 'count' in given) {
      return { count: Math.min(given.count, this.#count), read: (index: number) => given.read(index) };
    }
    if (Array.isArray(given)) return (given as Sample[]).slice(0, this.#count);
    if (!this.#drawn) {
      for await (const _ of this.samples as AsyncIterable<Sample>) if (this.#kept.length >= this.#count) break;
    }
    return this.#kept;
  }
}

/** The samples themselves, for work that runs them again and again. */
export async function listed(samples: CalibrationSamples): Promise<Sample[]> {
  if (!('read' in samples && 'count' in samples)) return samples as Sample[];
  const list: Sample[] = [];
  for (let i = 0; i < samples.count; i += 1) {
    const sample = await samples.read(i);
    if (sample !== undefined) list.push(sample);
  }
  return list;
}

export const gatesOf = ({ labels, minSqnr, maxDrop }: QuantizeOptions): Gates => ({
  ...(labels === undefined ? {} : { labels }),
  ...(minSqnr === undefined ? {} : { minSqnr }),
  ...(maxDrop === undefined ? {} : { maxDrop }),
});

export const hasGates = (options: QuantizeOptions): boolean => Object.keys(gatesOf(options)).length > 0;

/** What may be asked for, before any work. */
export function checkGates(options: QuantizeOptions): void {
  const gates = Object.keys(gatesOf(options));
  const [gate] = gates;
  if (gate !== undefined && (options.calibration === undefined || options.judge === false)) {
    throw new NarrowcastError('usage', 'What a model loses is measured on samples: give them as calibration.', gate);
  }
  const { judgeSamples = defaultJudged } = options;
  if (!Number.isSafeInteger(judgeSamples) || judgeSamples < 1) {
    throw new NarrowcastError('usage', 'At least one sample is judged.', 'judgeSamples');
  }
}

export async function judgeNarrowed(
  model: ByteSource,
  narrowed: Narrowed,
  report: Report,
  samples: CalibrationSamples,
  { options, tell }: { options: QuantizeOptions; tell: Tell },
): Promise<ComparisonResult> {
  const { externalData, signal, workers, signature } = options;
  const activations = report.activations ?? [];
  const ranges = Object.fromEntries(activations.map(({ name, range }) => [name, range] as const));
  // Both what was seen and what the codes reach.
  const spans = Object.fromEntries(
    activations.map(({ name, range, seen }) => [
      name,
      [Math.min(range[0], seen[0]), Math.max(range[1], seen[1])] as const,
    ]),
  );
  return compare(model, narrowed.model, {
    ...(externalData === undefined ? {} : { externalData }),
    narrowedData: dataOf(narrowed, options),
    ...(signal === undefined ? {} : { signal }),
    ...(workers === undefined ? {} : { workers }),
    ...(signature === undefined ? {} : { signature }),
    ...gatesOf(options),
    data: samples,
    ranges,
    spans,
    onProgress: ({ phase, done, total = 0 }) => {
      if (phase === 'samples') tell('judging', done, total, '');
    },
  });
}

/** New data files first, then those that the model still refers to. */
export const dataOf =
  ({ externalData }: Narrowed, { externalData: given }: QuantizeOptions) =>
  (name: string) => {
    if (Object.hasOwn(externalData, name)) return externalData[name];
    if (typeof given === 'function') return given(name);
    return given !== undefined && Object.hasOwn(given, name) ? given[name] : undefined;
  };

/** Activations with what became of them, worst first; those that were not seen last. */
export function judgedActivations(activations: ActivationReport[], { values }: Judgement): ActivationReport[] {
  const place = new Map(values.map(({ name }, i) => [name, i] as const).toReversed());
  const placeOf = ({ name }: ActivationReport): number => place.get(name) ?? values.length;
  return activations
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .map((activation) => {
      const value = values[placeOf(activation)];
      if (value === undefined) return activation;
      const { sqnr_db, max_error, share_clipped } = value;
      return { ...activation, sqnr_db, max_error, share_clipped };
    });
}

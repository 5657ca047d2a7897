// Samples that were read once are kept for the run that follows: photographs take long to decode.
import type { Samples, Tensor } from 'narrowcast';
import type { DataRequest } from './protocol.ts';

const mostBytes = 512 * 2 ** 20;

type Sample = Record<string, Tensor>;

const bytesOf = (sample: Sample): number =>
  Object.values(sample).reduce((total, { data }) => total + data.byteLength, 0);

/** Gives what the samples give, as often as one likes. */
class Remembering implements Samples {
  readonly #samples: Samples;
  readonly #read = new Map<number, Promise<Sample | undefined>>();
  #bytes = 0;

  constructor(samples: Samples) {
    this.#samples = samples;
  }

  get count(): number {
    return this.#samples.count;
  }

  get available(): number {
    return this.#samples.available;
  }

  sourceOf(index: number): { place: number; file: string } {
    return this.#samples.sourceOf(index);
  }

  read(index: number): Promise<Sample | undefined> {
    const known = this.#read.get(index);
    if (known !== undefined) return known;
    const reading = this.#samples.read(index);
    if (this.#bytes >= mostBytes) return reading;
    this.#read.set(index, reading);
    reading.then(
      (sample) => {
        this.#bytes += sample === undefined ? 0 : bytesOf(sample);
      },
      () => this.#read.delete(index),
    );
    return reading;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Sample> {
    for (let index = 0; index < this.count; index += 1) {
      const sample = await this.read(index);
      if (sample !== undefined) yield sample;
    }
  }

  fed() {
    return this.#samples.fed();
  }

  warnings() {
    return this.#samples.warnings();
  }
}

/** The same files, read in the same way. A file that crosses to a worker is another object each time. */
const keyOf = ({ files, wish, inputs }: DataRequest): string =>
  JSON.stringify([
    files.map(({ path, input, file: { size, lastModified } }) => [path, input ?? '', size, lastModified]),
    // What is done with them changes nothing of them.
    { ...wish, judgeSamples: 0, search: false },
    inputs,
  ]);

let key = '';
let kept: Promise<Samples> | undefined;

/** The samples of the request; those of the last one, when it asks for the same. */
export function fromShelf(request: DataRequest, open: (request: DataRequest) => Promise<Samples>): Promise<Samples> {
  const wanted = keyOf(request);
  if (kept !== undefined && key === wanted) return kept;
  const opening = open(request).then((samples) => new Remembering(samples));
  key = wanted;
  kept = opening;
  opening.catch(() => {
    if (kept === opening) kept = undefined;
  });
  return opening;
}

// What a model was fed with: counts and extremes by channel, gathered in the order of the samples.
import type { Tensor } from '../tensor.js';
import type { ValueInfo } from '../types.js';
import { type PictureOptions, pictureInput, presetFor } from './pictures.js';

export interface ChannelStatistics {
  /** Elements; those that are not finite count here and nowhere else. */
  count: number;
  nan: number;
  infinite: number;
  /** Null when nothing finite was seen. */
  min: number | null;
  max: number | null;
  mean: number | null;
}

export interface InputStatistics {
  name: string;
  dtype: string;
  samples: number;
  /** One, or one for each channel of a picture. */
  channels: ChannelStatistics[];
}

export interface DataWarning {
  kind: string;
  message: string;
  /** The file, or the input. */
  where: string;
}

class Channel {
  count = 0;
  nan = 0;
  infinite = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  sum = 0;

  add(value: number): void {
    this.count += 1;
    if (Number.isFinite(value)) {
      this.sum += value;
      if (value < this.min) this.min = value;
      if (value > this.max) this.max = value;
    } else if (Number.isNaN(value)) this.nan += 1;
    else this.infinite += 1;
  }

  statistics(): ChannelStatistics {
    const { count, nan, infinite } = this;
    const finite = count - nan - infinite;
    if (finite === 0) return { count, nan, infinite, min: null, max: null, mean: null };
    return { count, nan, infinite, min: this.min, max: this.max, mean: this.sum / finite };
  }
}

/** The sizes before, of and after the axis of channels. */
function axisOf(shape: readonly number[], layout: 'nchw' | 'nhwc' | undefined): { channels: number; after: number } {
  if (layout === 'nhwc') return { channels: shape.at(-1) ?? 1, after: 1 };
  if (layout === 'nchw') return { channels: shape.at(-3) ?? 1, after: (shape.at(-1) ?? 1) * (shape.at(-2) ?? 1) };
  return { channels: 1, after: 1 };
}

/** Bits in a Uint16Array are no numbers. */
const isReadable = ({ dtype }: Tensor): boolean => dtype !== 'float16' && dtype !== 'bfloat16';

// Of the width that a preset's numbers may take.
const beyond = 0.01;
const narrow = 0.02;

const numberText = (value: number): string => String(Number(value.toPrecision(4)));

/** One input's numbers. */
class InputGauge {
  readonly #input: ValueInfo;
  readonly #options: PictureOptions;
  readonly #channels: Channel[] = [];
  #samples = 0;

  constructor(input: ValueInfo, options: PictureOptions) {
    this.#input = input;
    this.#options = options;
  }

  add(tensor: Tensor): void {
    this.#samples += 1;
    if (!isReadable(tensor)) return;
    const { channels, after } = axisOf(tensor.shape, pictureInput(this.#input, this.#options)?.layout);
    while (this.#channels.length < channels) this.#channels.push(new Channel());
    for (let i = 0; i < tensor.data.length; i += 1) {
      this.#channels[Math.floor(i / after) % channels]?.add(Number(tensor.data[i]));
    }
  }

  statistics(): InputStatistics {
    const { name, dtype } = this.#input;
    return { name, dtype, samples: this.#samples, channels: this.#channels.map((channel) => channel.statistics()) };
  }

  warnings(): DataWarning[] {
    const where = this.#input.name;
    const seen = this.#channels.filter(({ count }) => count > 0);
    const found: DataWarning[] = [];
    const warn = (kind: string, message: string): void => void found.push({ kind, message, where });
    if (seen.some(({ nan }) => nan > 0)) warn('nan', 'Some of what was fed is not a number (NaN).');
    if (seen.some(({ infinite }) => infinite > 0)) warn('infinite', 'Some of what was fed is infinite.');
    const isFloat = /^float/.test(this.#input.dtype);
    const isConstant = isFloat && seen.length > 0 && seen.every(({ min, max }) => min === max);
    if (isConstant) warn('constant', 'The same number was fed everywhere.');
    else if (isFloat) found.push(...this.#unlikePreset());
    return found;
  }

  #unlikePreset(): DataWarning[] {
    const picture = pictureInput(this.#input, this.#options);
    // A preset that nobody chose says nothing of arrays.
    if (picture === undefined || this.#options.preset === undefined) return [];
    const preset = presetFor(picture, this.#options);
    const mean = this.#options.mean ?? preset.mean;
    const std = this.#options.std ?? preset.std;
    const order = (this.#options.color ?? preset.color) === 'bgr' && picture.channels === 3 ? [2, 1, 0] : [0, 1, 2];
    for (const [i, { min, max }] of this.#channels.entries()) {
      const colour = order[i] ?? 0;
      const ends = [0, 255].map((pixel) => (pixel / preset.divisor - (mean[colour] ?? 0)) / (std[colour] ?? 1));
      const [low, high] = [Math.min(...ends), Math.max(...ends)];
      const width = high - low;
      const isBeyond = min < low - beyond * width || max > high + beyond * width;
      if (!isBeyond && max - min >= narrow * width) continue;
      const range = `from ${numberText(min)} to ${numberText(max)}`;
      const usual = `those of the preset '${preset.name}' from ${numberText(low)} to ${numberText(high)}`;
      const message = `Looks unlike the preset: its numbers run ${range}, ${usual}.`;
      return [{ kind: 'unlike-preset', message, where: this.#input.name }];
    }
    return [];
  }
}

export class Gauge {
  readonly #inputs: Map<string, InputGauge>;

  constructor(inputs: readonly ValueInfo[], options: PictureOptions) {
    this.#inputs = new Map(inputs.map((input) => [input.name, new InputGauge(input, options)]));
  }

  add(sample: Record<string, Tensor>): void {
    for (const [name, tensor] of Object.entries(sample)) this.#inputs.get(name)?.add(tensor);
  }

  statistics(): InputStatistics[] {
    return [...this.#inputs.values()].map((input) => input.statistics());
  }

  warnings(): DataWarning[] {
    return [...this.#inputs.values()].flatMap((input) => input.warnings());
  }
}

// Samples for the eye: how pictures become numbers, and numbers pictures again.
import type { Tensor } from '../tensor.js';
import type { ImagePreset, ValueInfo } from '../types.js';
import { type PictureInput, type PictureOptions, pictureInput, presetFor } from './pictures.js';

export interface PictureSettings extends PictureInput {
  preset: ImagePreset;
  /** Nobody chose the preset. */
  guessed: boolean;
  color: 'rgb' | 'bgr';
}

/** What pictures are made into for an input; undefined when it is none for pictures. Errors: calibration. */
export function pictureSettings(input: ValueInfo, options: PictureOptions = {}): PictureSettings | undefined {
  const taken = pictureInput(input, options);
  if (taken === undefined) return undefined;
  const { guessed, ...preset } = presetFor(taken, options);
  return { ...taken, preset, guessed, color: options.color ?? (preset.color === 'bgr' ? 'bgr' : 'rgb') };
}

export interface Picture {
  width: number;
  height: number;
  /** Red, green, blue, alpha, row by row: what ImageData takes. */
  data: Uint8ClampedArray<ArrayBuffer>;
}

type ToPixel = (value: number, colour: number) => number;

/** From the smallest number to the largest. */
function stretched(values: Tensor['data'], count: number): ToPixel {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < count; i += 1) {
    const value = Number(values[i]);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const width = max > min ? max - min : 1;
  return (value) => (255 * (value - min)) / width;
}

/**
 * The first picture that a sample's tensor holds. With `options`, those with which it was made, its numbers become pixels
 * again; without, from black for the smallest to white for the largest. Undefined when the input is none for pictures.
 */
export function pictureOf(tensor: Tensor, input: ValueInfo, options?: PictureOptions): Picture | undefined {
  const settings = pictureSettings(input, options);
  if (settings === undefined || tensor.dtype === 'float16' || tensor.dtype === 'bfloat16') return undefined;
  const { layout, channels, preset, color } = settings;
  const [first, second, third] = tensor.shape.slice(-3) as [number, number, number];
  const [height, width] = layout === 'nchw' ? [second, third] : [first, second];
  const count = channels * height * width;
  if (!(count > 0) || tensor.data.length < count) return undefined;
  const mean = options?.mean ?? preset.mean;
  const std = options?.std ?? preset.std;
  const toPixel: ToPixel =
    options === undefined
      ? stretched(tensor.data, count)
      : (value, colour) => (value * (std[colour] ?? 1) + (mean[colour] ?? 0)) * preset.divisor;
  const data = new Uint8ClampedArray(4 * height * width).fill(255);
  for (let place = 0; place < height * width; place += 1) {
    for (let colour = 0; colour < 3; colour += 1) {
      const channel = channels === 1 ? 0 : color === 'bgr' ? 2 - colour : colour;
      const at = layout === 'nchw' ? channel * height * width + place : place * channels + channel;
      data[4 * place + colour] = toPixel(Number(tensor.data[at]), channels === 1 ? 0 : colour);
    }
  }
  return { width, height, data };
}

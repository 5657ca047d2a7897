// Pictures into tensors: decoded by the same WebAssembly everywhere, prepared by the engine. Neither orientation tags
// nor colour profiles are heeded, as Pillow does it.
import { decoderEngine } from '#decoders';
import { type ImageFit, type ImageInterpolation, type ImagePresetName, imagePresets } from '../generated/describe.js';
import type { Tensor } from '../tensor.js';
import type { ValueInfo } from '../types.js';
import { readData } from './engine-data.js';
import { unreadable, wrongData } from './errors.js';

export type PictureKind = 'jpeg' | 'png' | 'webp';

/** How pictures become numbers: a preset, and what differs from it. */
export interface PictureOptions {
  /** Default: imagenet for models that take NCHW, tf for NHWC, zero-one for one channel; with a warning. */
  preset?: ImagePresetName;
  fit?: ImageFit;
  interpolation?: ImageInterpolation;
  /** Resized to [height, width], or in proportion so that the shorter side is this long. */
  resize?: number | readonly [height: number, width: number];
  /** The middle that is cut out. Default: what the model takes. */
  crop?: number | readonly [height: number, width: number];
  /** Of red, green and blue, after the division that the preset makes. */
  mean?: readonly [number, number, number];
  std?: readonly [number, number, number];
  /** Default: read off the model's input. */
  layout?: 'nchw' | 'nhwc';
  color?: 'rgb' | 'bgr';
}

/** What a model takes for a picture. */
export interface PictureInput {
  layout: 'nchw' | 'nhwc';
  channels: 1 | 3;
  /** 0 where the model leaves it open. */
  height: number;
  width: number;
  /** With an axis of samples in front. */
  isBatch: boolean;
}

const isChannels = (size: number | null | undefined): size is 1 | 3 => size === 1 || size === 3;

/** Undefined when the input is none for pictures. */
export function pictureInput({ shape, dtype }: ValueInfo, { layout }: PictureOptions): PictureInput | undefined {
  if (!/^(float|uint8|int8)/.test(dtype)) return undefined;
  const sizes = shape ?? (layout === undefined ? [] : [null, null, null, null]);
  if (sizes.length !== 3 && sizes.length !== 4) return undefined;
  const [first, second, third] = sizes.slice(-3) as [number | null, number | null, number | null];
  const found = layout ?? (isChannels(first) ? 'nchw' : isChannels(third) ? 'nhwc' : undefined);
  if (found === undefined) return undefined;
  const channels = (found === 'nchw' ? first : third) ?? 3;
  if (!isChannels(channels)) return undefined;
  const [height, width] = found === 'nchw' ? [second, third] : [first, second];
  return { layout: found, channels, height: height ?? 0, width: width ?? 0, isBatch: sizes.length === 4 };
}

export function presetFor({ channels, layout }: PictureInput, { preset }: PictureOptions) {
  const guessed: ImagePresetName = channels === 1 ? 'zero-one' : layout === 'nchw' ? 'imagenet' : 'tf';
  const name = preset ?? guessed;
  const found = imagePresets.find((one) => one.name === name);
  if (found === undefined) throw wrongData(`There is no preset '${name}' for pictures.`, 'preset');
  return { ...found, guessed: preset === undefined };
}

interface Decoder {
  init(engine?: WebAssembly.Module, options?: object): Promise<unknown>;
  init(options: object): Promise<unknown>;
  default(bytes: ArrayBuffer): Promise<{ data: Uint8ClampedArray; width: number; height: number }>;
}

const modules: Record<PictureKind, () => Promise<unknown>> = {
  jpeg: () => import('@jsquash/jpeg/decode.js'),
  png: () => import('@jsquash/png/decode.js'),
  webp: () => import('@jsquash/webp/decode.js'),
};
// What decoders say of a picture that they decode all the same.
const complaints: string[] = [];
const decoders = new Map<PictureKind, Promise<Decoder>>();

async function startDecoder(kind: PictureKind): Promise<Decoder> {
  const [decoder, engine] = await Promise.all([modules[kind]() as Promise<Decoder>, decoderEngine(kind)]);
  const options = { printErr: (text: string) => complaints.push(text) };
  // The PNG decoder takes nothing but its engine.
  if (kind === 'png') await decoder.init(engine);
  else await (engine === undefined ? decoder.init(options) : decoder.init(engine, options));
  return decoder;
}

function decoderFor(kind: PictureKind): Promise<Decoder> {
  const there = decoders.get(kind);
  if (there !== undefined) return there;
  const started = startDecoder(kind);
  decoders.set(kind, started);
  // One that could not be loaded may be there the next time.
  started.catch(() => decoders.delete(kind));
  return started;
}

/** By its first bytes, whatever the file is called. */
function kindOf(bytes: Uint8Array): PictureKind | undefined {
  const text = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
  if (text(0, 3) === '\xff\xd8\xff') return 'jpeg';
  if (text(0, 4) === '\x89PNG') return 'png';
  return text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP' ? 'webp' : undefined;
}

export interface Pixels {
  width: number;
  height: number;
  /** Red, green, blue, alpha. */
  data: Uint8Array;
}

let lastDecoding: Promise<unknown> = Promise.resolve();

/** One at a time, so that complaints are about the picture at hand. */
function decodeAlone(decoder: Decoder, bytes: Uint8Array): ReturnType<Decoder['default']> {
  const decoding = lastDecoding.then(async () => {
    complaints.length = 0;
    const decoded = await decoder.default(new Uint8Array(bytes).buffer);
    // As Pillow, and unlike the decoder, which would make the rest grey.
    if (complaints.some((text) => /premature end/i.test(text))) throw new Error('it is cut off');
    return decoded;
  });
  lastDecoding = decoding.catch(() => {});
  return decoding;
}

/** Errors: calibration. */
export async function decodePicture(bytes: Uint8Array, where: string): Promise<Pixels> {
  const kind = kindOf(bytes);
  if (kind === undefined) throw unreadable('This is no JPEG, PNG or WebP picture.', where);
  const decoder = await decoderFor(kind);
  try {
    const { data, width, height } = await decodeAlone(decoder, bytes);
    if (data.length !== width * height * 4 || data.length === 0) throw new Error('it is cut off');
    return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  } catch (error) {
    // A decoder that gave up is not asked again.
    decoders.delete(kind);
    throw unreadable(`The picture cannot be decoded (${kind}): ${(error as Error)?.message ?? error}.`, where, error);
  }
}

const pair = (size: number | readonly [number, number]): readonly [number, number] =>
  typeof size === 'number' ? [size, size] : size;

/** A picture as the model takes it, with an axis of samples where the model has one. */
export async function preparePicture(
  pixels: Pixels,
  input: PictureInput,
  options: PictureOptions,
  where: string,
): Promise<Tensor> {
  const { crop, resize, mean, std, fit, interpolation, color } = options;
  const request = {
    kind: 'image',
    picture: [pixels.height, pixels.width],
    pixel_channels: 4,
    preset: presetFor(input, options).name,
    channels: input.channels,
    layout: input.layout,
    size: crop === undefined ? [input.height, input.width] : pair(crop),
    ...Object.fromEntries(
      Object.entries({ resize, mean, std, fit, interpolation, color }).filter(([, value]) => value !== undefined),
    ),
  };
  const { tensor } = await readData(pixels.data, request, where);
  return input.isBatch ? { ...tensor, shape: [1, ...tensor.shape] } : tensor;
}

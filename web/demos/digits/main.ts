// Narrows a model in the page, then lets it and its float original read what is drawn.
import { inspect, openSamples, quantize } from 'narrowcast';
import * as ort from 'onnxruntime-web/wasm';
import modelUrl from '../../../models/digits.onnx?url';
import samplesUrl from '../../../models/digits.zip?url';
import '../../src/styles/tokens.css';
import '../../src/styles/base.css';
import '../../src/styles/frame.css';
import '../../src/styles/controls.css';
import '../../src/styles/panels.css';
import '../../src/styles/run.css';
import '../../src/styles/preferences.css';
import './style.css';

const side = 28;
const box = 20; // in which the digits of the training data lie
const pictures = import.meta.glob<string>('../../../models/digits/digit-*.png', { query: '?url', import: 'default' });

const element = <T extends HTMLElement = HTMLElement>(id: string): T => document.getElementById(id) as T;
const pad = element<HTMLCanvasElement>('pad');
const pen = pad.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
const bytesOf = async (url: string) => new Uint8Array(await (await fetch(url)).arrayBuffer());

/** Makes an integer model of the float one, from drawn digits, and both ready to run. */
async function load(): Promise<Record<'float' | 'int8', ort.InferenceSession>> {
  ort.env.wasm.numThreads = 1;
  const float = await bytesOf(modelUrl);
  const samples = { name: 'digits.zip', data: await bytesOf(samplesUrl) };
  const calibration = await openSamples(samples, await inspect(float), { preset: 'zero-one' });
  const { model } = await quantize(float, { calibration, target: 'ort-web-wasm' });
  for (const [name, { length }] of Object.entries({ float, int8: model })) {
    element(`${name}-size`).textContent = `${(length / 1000).toFixed(0)} kB`;
  }
  return { float: await ort.InferenceSession.create(float), int8: await ort.InferenceSession.create(model) };
}

/** What is drawn, moved and scaled as the training data was; undefined when nothing is. */
function digit(): Float32Array | undefined {
  const { width, height } = pad;
  const { data } = pen.getImageData(0, 0, width, height);
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let i = 0; i < width * height; i += 1) {
    if ((data[4 * i] as number) < 32) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  if (right < 0) return undefined;
  const [w, h] = [right - left + 1, bottom - top + 1];
  const scale = box / Math.max(w, h);
  const small = new OffscreenCanvas(side, side).getContext('2d') as OffscreenCanvasRenderingContext2D;
  small.imageSmoothingQuality = 'high';
  small.drawImage(pad, left, top, w, h, (side - w * scale) / 2, (side - h * scale) / 2, w * scale, h * scale);
  const pixels = small.getImageData(0, 0, side, side).data;
  return Float32Array.from({ length: side * side }, (_, i) => (pixels[4 * i] as number) / 255);
}

function show(name: string, scores: Float32Array, ms: number): void {
  const powers = Array.from(scores, (score) => Math.exp(score - Math.max(...scores)));
  const sum = powers.reduce((total, power) => total + power, 0);
  const shares = powers.map((power) => power / sum);
  element(`${name}-answer`).textContent = String(shares.indexOf(Math.max(...shares)));
  element(`${name}-time`).textContent = `${ms.toFixed(1)} ms in onnxruntime-web`;
  element(`${name}-classes`).replaceChildren(
    ...shares.map((share, i) => {
      const [row, label, bar, text] = ['li', 'span', 'progress', 'output'].map((tag) => document.createElement(tag));
      Object.assign(bar as object, { max: 1, value: share, ariaLabel: `Class ${i}` });
      Object.assign(label as object, { textContent: String(i) });
      Object.assign(text as object, { textContent: `${(100 * share).toFixed(1)} %` });
      row?.append(label as Node, bar as Node, text as Node);
      return row as Node;
    }),
  );
}

async function read(sessions: Record<string, ort.InferenceSession>): Promise<void> {
  const pixels = digit();
  if (pixels === undefined) return;
  for (const [name, session] of Object.entries(sessions)) {
    const image = new ort.Tensor('float32', pixels, [1, 1, side, side]);
    // The first run of a model is not like the others.
    await session.run({ image });
    const begun = performance.now();
    const { logits } = await session.run({ image });
    show(name, logits?.data as Float32Array, performance.now() - begun);
  }
}

const clear = (): void => pen.fillRect(0, 0, pad.width, pad.height);

function draw({ buttons, offsetX, offsetY, movementX, movementY }: PointerEvent): void {
  if (buttons === 0) return;
  const scale = pad.width / pad.clientWidth;
  pen.beginPath();
  pen.moveTo((offsetX - movementX) * scale, (offsetY - movementY) * scale);
  pen.lineTo(offsetX * scale + 0.1, offsetY * scale);
  pen.stroke();
}

Object.assign(pen, { lineWidth: 22, lineCap: 'round', strokeStyle: '#fff', fillStyle: '#000' });
clear();
const sessions = await load();
let reading = Promise.resolve();
const readSoon = (): void => {
  reading = reading.then(() => read(sessions));
};
for (const [path, url] of Object.entries(pictures)) {
  const image = Object.assign(new Image(side, side), { src: await url(), alt: /\d/.exec(path.slice(-5))?.[0] ?? '' });
  const key = Object.assign(document.createElement('button'), { type: 'button' });
  key.append(image);
  key.addEventListener('click', () => {
    pen.drawImage(image, 0, 0, pad.width, pad.height);
    readSoon();
  });
  element('keys').append(key);
}
pad.addEventListener('pointermove', draw);
pad.addEventListener('pointerup', readSoon);
element('clear').addEventListener('click', clear);
element('state').textContent = 'Ready. Everything runs in this tab.';

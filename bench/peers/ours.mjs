// Our side of bench/peers.mjs, measured as the other one measures itself: node ours.mjs model samples.npz method output.
import { readFile, writeFile } from 'node:fs/promises';
import { loadModel, quantize } from '../../dist/index.js';

const [path, samplesPath, method, output, extra = '{}'] = process.argv.slice(2);
const peakKb = () => process.resourceUsage().maxRSS;

const bytes = await readFile(path);
const samples = JSON.parse(await readFile(samplesPath, 'utf8')).map((one) =>
  Object.fromEntries(
    Object.entries(one).map(([name, { shape, base64 }]) => {
      const raw = Buffer.from(base64, 'base64');
      return [name, { shape, data: new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length)) }];
    }),
  ),
);
const model = await loadModel(bytes);
await model.run(samples[0]);
model.dispose();
const before = peakKb();
const begin = performance.now();
const { model: made } = await quantize(bytes, {
  mode: 'full-integer',
  target: 'ort-cpu-x86-vnni',
  calibration: samples,
  method,
  workers: 2,
  judge: false,
  ...JSON.parse(extra),
});
await writeFile(output, made);
console.log(JSON.stringify({ seconds: (performance.now() - begin) / 1000, peak_kb: peakKb() - before }));

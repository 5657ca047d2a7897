// The whole job in Node, one thread: a made-up 100 MB model of matrix products, from bytes to bytes.
// Processor time, which is elapsed time on a machine that does nothing else.
//   node bench/throughput.mjs [runs]
import { quantizeTo } from '../dist/index.js';
import { input, model, node, numbers, output, tensor } from '../tests/node/lib/onnx-writer.mjs';

const runs = Number(process.argv[2] ?? 7);
const size = 2048;
const layers = 6;

const names = Array.from({ length: layers }, (_, i) => i);
const float = model([
  ...names.map((i) =>
    i % 2 === 0
      ? node('MatMul', [i === 0 ? 'x' : `h${i - 1}`, `W${i}`], [`h${i}`])
      : node('Gemm', [`h${i - 1}`, `W${i}`], [`h${i}`]),
  ),
  ...names.map((i) => tensor(`W${i}`, [size, size], numbers(size * size, i + 1))),
  input('x', [1, size]),
  output(`h${layers - 1}`, [1, size]),
]);

console.log(`model: ${(float.length / 1e6).toFixed(1)} MB; median of ${runs} warm runs`);
const recipes = [
  ...['int8', 'uint8', 'int4'].map((weights) => ({ mode: 'weight-only', weights })),
  { mode: 'float16' },
];
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
for (const options of recipes) {
  const seconds = [];
  let heap = 0;
  let written = 0;
  for (let run = 0; run <= runs; run += 1) {
    const started = process.cpuUsage();
    written = 0;
    const count = (chunk) => {
      written += chunk.length;
    };
    const { heapBytes } = await quantizeTo(float, count, options);
    // The first run is the warm-up.
    const { user, system } = process.cpuUsage(started);
    if (run > 0) seconds.push((user + system) / 1e6);
    heap = Math.max(heap, heapBytes);
  }
  const name = (options.weights ?? options.mode).padEnd(8);
  const rate = float.length / median(seconds) / 1e9;
  console.log(
    `${name} ${rate.toFixed(2)} GB/s  ${(median(seconds) * 1000).toFixed(0)} ms  out ${(written / 1e6).toFixed(1)} MB  peak heap / file ${(heap / float.length).toFixed(2)}`,
  );
}

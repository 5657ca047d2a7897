// Beside ONNX Runtime's own quantizer: time, memory above the loaded model, and what the results keep, on the same
// samples. Needs a Python with onnxruntime, onnx and sympy, which nothing else here does:
//   NARROWCAST_PEER_PYTHON=venv/bin/python node bench/peers.mjs [samples] [model…]
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sqnr } from '../tests/node/lib/figures.mjs';
import { runModels } from '../tests/node/lib/onnx-models.mjs';
import { runModel } from '../tests/node/lib/ort-judge.mjs';

const run = promisify(execFile);
const python = process.env.NARROWCAST_PEER_PYTHON ?? 'python3';
const [count = '32', ...wanted] = process.argv.slice(2);
const names = wanted.length > 0 ? wanted : ['ocr_cls', 'ultraface', 'ocr_det'];
const folder = await mkdtemp(join(tmpdir(), 'narrowcast-peers-'));

// Each sample is the model's own input with another contrast and brightness, so that ranges differ.
function varied(runs, total) {
  return Array.from({ length: total }, (_, i) => {
    const gain = 0.6 + (0.6 * ((i * 7) % total)) / total;
    const shift = 0.3 * Math.sin(i);
    return Object.fromEntries(
      Object.entries(runs[i % runs.length]).map(([name, { data, dims }]) => [
        name,
        { data: Float32Array.from(data, (v) => v * gain + shift), dims },
      ]),
    );
  });
}

async function measure(command, args) {
  const { stdout } = await run(command, args, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

const toNpz = `
import json, sys, base64, numpy as np
samples = json.load(open(sys.argv[1]))
np.savez(sys.argv[2], **{f"{i}/{n}": np.frombuffer(base64.b64decode(t["base64"]), np.float32).reshape(t["shape"])
                         for i, s in enumerate(samples) for n, t in s.items()})
print("{}")`;

const base64 = (data) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
const worst = (reference, made) => Math.min(...Object.keys(reference).map((name) => sqnr(reference[name], made[name])));

try {
  for (const entry of runModels.filter(({ name, path }) => names.includes(name) && path && existsSync(path))) {
    const { runs } = await entry.inputs();
    const all = varied(runs, Number(count) + 4);
    const shown = all.slice(0, 4);
    const fed = all
      .slice(4)
      .map((one) =>
        Object.fromEntries(
          Object.entries(one).map(([n, { data, dims }]) => [n, { shape: dims, base64: base64(data) }]),
        ),
      );
    const json = join(folder, 'samples.json');
    const npz = join(folder, 'samples.npz');
    await writeFile(json, JSON.stringify(fed));
    await measure(python, ['-c', toNpz, json, npz]);
    const reference = await runModel(await readFile(entry.path), { runs: shown }, 'disabled');
    // Of models below opset 13 its files by channel are ones that it does not load itself.
    const kept = (path) =>
      readFile(path)
        .then((bytes) => runModel(bytes, { runs: shown }, 'all'))
        .then(
          (made) => `${worst(reference, made).toFixed(1)} dB`,
          () => 'not loaded',
        );
    for (const method of ['min-max', 'percentile', 'entropy']) {
      const theirsPath = join(folder, 'theirs.onnx');
      const oursPath = join(folder, 'ours.onnx');
      const theirs = await measure(python, [
        new URL('peers/onnxruntime_quantizer.py', import.meta.url).pathname,
        entry.path,
        npz,
        method,
        theirsPath,
      ]);
      const ours = await measure(process.execPath, [
        new URL('peers/ours.mjs', import.meta.url).pathname,
        entry.path,
        json,
        method,
        oursPath,
      ]);
      console.log(
        `${entry.name}, ${fed.length} samples, ${method}: onnxruntime ${theirs.version} ${theirs.seconds.toFixed(2)} s, ours ` +
          `${ours.seconds.toFixed(2)} s, ratio ${(theirs.seconds / ours.seconds).toFixed(1)}; memory ${(theirs.peak_kb / 1024).toFixed(0)} ` +
          `and ${(ours.peak_kb / 1024).toFixed(0)} MiB, ratio ${(ours.peak_kb / theirs.peak_kb).toFixed(2)}; SQNR ` +
          `${await kept(theirsPath)} and ${await kept(oursPath)}`,
      );
    }
  }
} finally {
  await rm(folder, { recursive: true });
}

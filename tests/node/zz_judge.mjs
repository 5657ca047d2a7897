import { readFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { agreement, worstSqnr } from './lib/figures.mjs';
import { onnxModels } from './lib/onnx-models.mjs';
import { runModel } from './lib/ort-judge.mjs';
const recipe = process.argv[2], filter = process.argv[3] ?? '';
for (const { name, path, inputs: makeInputs, judged, answer, skip } of onnxModels) {
  if (skip || !name.includes(filter)) continue;
  const inputs = await makeInputs();
  const bytes = await readFile(path);
  const out = `/tmp/judge/${name}`; mkdirSync(out, { recursive: true });
  try {
    execFileSync('build/native/tests/narrowcast_driver', ['quantize', String(path), recipe, out], { stdio: 'pipe' });
    const model = await readFile(`${out}/model`);
    const reference = await runModel(bytes, inputs, 'disabled');
    const figs = [];
    for (const runtime of ['disabled', 'all', 'web']) {
      try {
      const outputs = await runModel(model, inputs, runtime);
      figs.push(`${runtime} ${worstSqnr(reference, outputs, judged).toFixed(1)} dB ${(100 * agreement(answer, reference, outputs)).toFixed(1)} %`);
      } catch (e) { figs.push(`${runtime} FAILED ${String(e.message).slice(0, 300)}`); }
    }
    console.log(name, (model.length / bytes.length).toFixed(3), figs.join('; '));
  } catch (e) { console.log(name, 'ERR', String(e.message).slice(0, 200), String(e.stdout).slice(0,300)); }
}

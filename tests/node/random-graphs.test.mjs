// Random small graphs: what onnxruntime says of them, and whether joining nodes changes a bit.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { run } from '../../dist/index.js';
import { sqnr } from './lib/figures.mjs';
import { numbers } from './lib/onnx-writer.mjs';
import { runModel } from './lib/ort-judge.mjs';
import { makeGraph, opNames } from './lib/random-graph.mjs';
import { floors } from './lib/same-numbers.mjs';

const seed = 20260;
const runs = 600;
const mostMs = 40_000;
const fusedFloor = 100;
const shortest = 50; // graphs, however slow the machine is

const size = (max) => fc.integer({ min: 1, max });
const shapes = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(size(2), size(9), size(12), size(12)) },
  { weight: 1, arbitrary: fc.tuple(size(3), size(9), size(15)) },
  { weight: 1, arbitrary: fc.tuple(size(9), size(24)) },
);
const steps = fc.array(
  fc.record({ op: fc.constantFrom(...opNames), picks: fc.array(fc.nat(1000), { minLength: 8, maxLength: 16 }) }),
  { minLength: 1, maxLength: 10 },
);

test('random graphs say what onnxruntime says, joined or not', async (t) => {
  const figures = { checked: 0, folding: 0, worst: Number.POSITIVE_INFINITY, worstFused: Number.POSITIVE_INFINITY };
  const property = fc.asyncProperty(shapes, steps, fc.boolean(), async (shape, list, plain) => {
    const kept = plain ? list.filter(({ op }) => !['scale', 'normalise'].includes(op)) : list;
    const { bytes, folds } = makeGraph(shape, kept);
    const data = numbers(
      shape.reduce((a, b) => a * b, 1),
      7,
    );
    const reference = Object.values(await runModel(bytes, { runs: [{ x: { data, dims: shape } }] }))[0];
    const ours = async (options) => {
      const { outputs } = await run(bytes, { x: { data, shape } }, { winograd: false, ...options });
      return Object.values(outputs)[0].data;
    };
    const fused = await ours({});
    const figure = sqnr(reference, fused);
    const apart = await ours({ fuse: false });
    const fusedFigure = sqnr(apart, fused);
    figures.checked += 1;
    figures.folding += folds ? 1 : 0;
    figures.worst = Math.min(figures.worst, figure);
    figures.worstFused = Math.min(figures.worstFused, fusedFigure);
    assert.ok(figure >= floors.exact, `${figure.toFixed(1)} dB against onnxruntime`);
    if (folds) assert.ok(fusedFigure >= fusedFloor, `${fusedFigure.toFixed(1)} dB between joined and not joined`);
    else assert.deepEqual(Buffer.from(fused.buffer), Buffer.from(apart.buffer), 'joined nodes say something else');
  });
  await fc.assert(property, {
    seed,
    numRuns: runs,
    interruptAfterTimeLimit: mostMs,
    markInterruptAsFailure: false,
    includeErrorInReport: true,
  });
  t.diagnostic(JSON.stringify(figures));
  assert.ok(figures.checked >= shortest, `only ${figures.checked} graphs`);
});

// One op a model, for every op that a target has an integer kernel for: what the planner calls integer runs so in LiteRT
// and, up to 2.13, in the interpreter of that age, and says what the float op says.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { quantize } from '../../dist/index.js';
import { sqnr } from './lib/figures.mjs';
import { makeLiteRtJudge } from './lib/litert-judge.mjs';
import { makeOldTfliteJudge, oldJudgeIsHere } from './lib/old-tflite-judge.mjs';
import { samplesOfFeeds } from './lib/our-runs.mjs';
import { operatorsOf, readTflite } from './lib/tflite-reader.mjs';
import { writeTflite } from './lib/tflite-writer.mjs';

const old = oldJudgeIsHere ? await makeOldTfliteJudge() : undefined;
const lite = await makeLiteRtJudge();

const noise = (length, seed = 1) => Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233));
const positive = (length, seed) => noise(length, seed).map((x) => 1.1 + x);
const floats = (shape, seed) => ({
  shape,
  data: noise(
    shape.reduce((a, b) => a * b, 1),
    seed,
  ),
});
const ints = (...data) => ({ shape: [data.length], data: Int32Array.from(data) });
const scalar = (value) => ({ shape: [], data: Int32Array.of(value) });

const image = [1, 4, 4, 8];
const row = [2, 16];
const unary = (options, shape = image) => ({ inputs: [shape], outputs: [shape], options });
const binary = (table) => ({ inputs: [image, image], outputs: [image], options: { table } });
const reduction = { inputs: [image], constants: [ints(1, 2)], outputs: [[1, 8]], options: { table: 'ReducerOptions' } };
const pool = {
  inputs: [image],
  outputs: [[1, 2, 2, 8]],
  options: { table: 'Pool2DOptions', padding: 1, strideW: 2, strideH: 2, filterWidth: 2, filterHeight: 2 },
};
const resize = (table) => ({ inputs: [image], constants: [ints(8, 8)], outputs: [[1, 8, 8, 8]], options: { table } });
const stride = { strideW: 1, strideH: 1 };

// The operands made at run time first, constants behind them; `order` where an op has them otherwise.
const cases = {
  ABS: unary({ table: 'AbsOptions' }),
  ADD: binary('AddOptions'),
  AVERAGE_POOL_2D: pool,
  BATCH_MATMUL: {
    inputs: [
      [2, 3, 4],
      [2, 4, 5],
    ],
    outputs: [[2, 3, 5]],
    options: { table: 'BatchMatMulOptions' },
  },
  BATCH_TO_SPACE_ND: {
    inputs: [[4, 2, 2, 8]],
    constants: [ints(2, 2), { shape: [2, 2], data: new Int32Array(4) }],
    outputs: [image],
    options: { table: 'BatchToSpaceNDOptions' },
  },
  CONCATENATION: {
    inputs: [row, row],
    outputs: [[4, 16]],
    options: { table: 'ConcatenationOptions', axis: 0 },
  },
  CONV_2D: {
    inputs: [image],
    constants: [floats([6, 3, 3, 8], 2), floats([6], 3)],
    outputs: [[1, 4, 4, 6]],
    options: { table: 'Conv2DOptions', ...stride },
  },
  DEPTHWISE_CONV_2D: {
    inputs: [image],
    constants: [floats([1, 3, 3, 8], 2), floats([8], 3)],
    outputs: [image],
    options: { table: 'DepthwiseConv2DOptions', ...stride, depthMultiplier: 1 },
  },
  DEPTH_TO_SPACE: { inputs: [image], outputs: [[1, 8, 8, 2]], options: { table: 'DepthToSpaceOptions', blockSize: 2 } },
  EXPAND_DIMS: {
    inputs: [row],
    constants: [scalar(1)],
    outputs: [[2, 1, 16]],
    options: { table: 'ExpandDimsOptions' },
  },
  FULLY_CONNECTED: {
    inputs: [row],
    constants: [floats([5, 16], 2), floats([5], 3)],
    outputs: [[2, 5]],
    options: { table: 'FullyConnectedOptions' },
  },
  GATHER: { inputs: [row], constants: [ints(1, 0, 1)], outputs: [[3, 16]], options: { table: 'GatherOptions' } },
  GELU: unary({ table: 'GeluOptions' }),
  HARD_SWISH: unary({ table: 'HardSwishOptions' }),
  L2_NORMALIZATION: unary({ table: 'L2NormOptions' }, row),
  LEAKY_RELU: unary({ table: 'LeakyReluOptions', alpha: 0.1 }),
  LOGISTIC: unary(),
  LOG_SOFTMAX: unary({ table: 'LogSoftmaxOptions' }, row),
  MAXIMUM: binary('MaximumMinimumOptions'),
  MAX_POOL_2D: pool,
  MEAN: reduction,
  MINIMUM: binary('MaximumMinimumOptions'),
  MIRROR_PAD: {
    inputs: [row],
    constants: [{ shape: [2, 2], data: Int32Array.of(0, 0, 1, 2) }],
    outputs: [[2, 19]],
    options: { table: 'MirrorPadOptions', mode: 0 },
  },
  MUL: binary('MulOptions'),
  PACK: { inputs: [row, row], outputs: [[2, 2, 16]], options: { table: 'PackOptions', valuesCount: 2, axis: 0 } },
  PAD: {
    inputs: [image],
    constants: [{ shape: [4, 2], data: Int32Array.of(0, 0, 1, 1, 1, 2, 0, 0) }],
    outputs: [[1, 6, 7, 8]],
    options: { table: 'PadOptions' },
  },
  PRELU: { inputs: [image], constants: [floats([1, 1, 8], 4)], outputs: [image] },
  REDUCE_MAX: reduction,
  REDUCE_MIN: reduction,
  RELU: unary(),
  RELU6: unary(),
  RELU_N1_TO_1: unary(),
  RESHAPE: { inputs: [row], constants: [ints(4, 8)], outputs: [[4, 8]], options: { table: 'ReshapeOptions' } },
  RESIZE_BILINEAR: resize('ResizeBilinearOptions'),
  RESIZE_NEAREST_NEIGHBOR: resize('ResizeNearestNeighborOptions'),
  REVERSE_V2: { inputs: [row], constants: [ints(1)], outputs: [row], options: { table: 'ReverseV2Options' } },
  RSQRT: { ...unary(), feed: positive },
  SLICE: { inputs: [row], constants: [ints(0, 2), ints(2, 8)], outputs: [[2, 8]], options: { table: 'SliceOptions' } },
  SOFTMAX: unary({ table: 'SoftmaxOptions', beta: 1 }, row),
  SPACE_TO_BATCH_ND: {
    inputs: [image],
    constants: [ints(2, 2), { shape: [2, 2], data: new Int32Array(4) }],
    outputs: [[4, 2, 2, 8]],
    options: { table: 'SpaceToBatchNDOptions' },
  },
  SPACE_TO_DEPTH: {
    inputs: [image],
    outputs: [[1, 2, 2, 32]],
    options: { table: 'SpaceToDepthOptions', blockSize: 2 },
  },
  SPLIT: {
    inputs: [row],
    constants: [scalar(1)],
    order: [1, 0],
    outputs: [
      [2, 8],
      [2, 8],
    ],
    options: { table: 'SplitOptions', numSplits: 2 },
  },
  SPLIT_V: {
    inputs: [row],
    constants: [ints(6, 10), scalar(1)],
    outputs: [
      [2, 6],
      [2, 10],
    ],
    options: { table: 'SplitVOptions', numSplits: 2 },
  },
  SQUARED_DIFFERENCE: binary('SquaredDifferenceOptions'),
  SQUEEZE: { inputs: [[2, 1, 16]], outputs: [row], options: { table: 'SqueezeOptions', squeezeDims: [1] } },
  STRIDED_SLICE: {
    inputs: [row],
    constants: [ints(0, 1), ints(2, 13), ints(1, 3)],
    outputs: [[2, 4]],
    options: { table: 'StridedSliceOptions' },
  },
  SUB: binary('SubOptions'),
  SUM: reduction,
  TANH: unary(),
  TILE: { inputs: [row], constants: [ints(2, 1)], outputs: [[4, 16]], options: { table: 'TileOptions' } },
  TRANSPOSE: {
    inputs: [image],
    constants: [ints(0, 3, 1, 2)],
    outputs: [[1, 8, 4, 4]],
    options: { table: 'TransposeOptions' },
  },
  TRANSPOSE_CONV: {
    inputs: [image],
    constants: [ints(1, 8, 8, 6), floats([6, 2, 2, 8], 2), floats([6], 3)],
    order: [1, 2, 0, 3],
    outputs: [[1, 8, 8, 6]],
    options: { table: 'TransposeConvOptions', strideW: 2, strideH: 2 },
  },
  UNPACK: { inputs: [row], outputs: [[16], [16]], options: { table: 'UnpackOptions', num: 2, axis: 0 } },
};

async function modelOf(op, { inputs, constants = [], outputs, order, options }) {
  const tensors = {};
  const operands = [...inputs, ...constants].map((tensor, i) => {
    tensors[`x${i}`] = tensor;
    return `x${i}`;
  });
  const results = outputs.map((tensor, i) => {
    tensors[`y${i}`] = tensor;
    return `y${i}`;
  });
  const ordered = order === undefined ? operands : order.map((i) => operands[i]);
  const given = operands.slice(0, inputs.length);
  const entries = (names) => Object.fromEntries(names.map((name) => [name, name]));
  return writeTflite({
    subgraphs: [
      { tensors, operators: [{ op, inputs: ordered, outputs: results, options }], inputs: given, outputs: results },
    ],
    signatures: [{ key: 'serving_default', inputs: entries(given), outputs: entries(results) }],
  });
}

const withoutInt16 = [
  'DEPTH_TO_SPACE',
  'GELU',
  'HARD_SWISH',
  'L2_NORMALIZATION',
  'LOG_SOFTMAX',
  'PRELU',
  'RELU_N1_TO_1',
  'REVERSE_V2',
  'SPACE_TO_DEPTH',
  'SPLIT_V',
  'SQUARED_DIFFERENCE',
  'SUM',
  'TILE',
];
// What the interpreter of 2023 does not find, or hands to a delegate that does not know it.
const newerInt16 = ['BATCH_TO_SPACE_ND', 'MIRROR_PAD', 'RSQRT', 'SPACE_TO_BATCH_ND', 'TRANSPOSE'];
const floors = { int8: 25, int16: 45 };
const elements = (shape) => shape.reduce((a, b) => a * b, 1);

for (const [op, one] of Object.entries(cases)) {
  for (const activations of ['int8', 'int16']) {
    test(`${op} in ${activations}`, async (t) => {
      const bytes = await modelOf(op, one);
      const feed = one.feed ?? noise;
      const given = {
        runs: 4,
        make: ({ name, shape }, run) => feed(elements(shape), run * 7 + Number(/[0-9]+/.exec(name)?.[0] ?? 0)),
      };
      const calibration = await samplesOfFeeds(bytes, given);
      const options = { mode: 'full-integer', activations, calibration, workers: 1, keepGoing: true, judge: false };
      const judges = [['portable', async (model) => Object.values(await lite.run(model, given.runs, given.make))]];
      if (old !== undefined) judges.push(['tflite-2.13', async (model) => old.run(model, given.runs, given.make)]);
      for (const [target, said] of judges) {
        const { model, report } = await quantize(bytes, { ...options, target });
        const [{ verdict, reason }] = report.nodes;
        const lacking = target === 'portable' ? withoutInt16 : [...withoutInt16, ...newerInt16];
        const isLeft = activations === 'int16' && lacking.includes(op);
        assert.equal(verdict, isLeft ? 'float' : 'quantized', reason);
        if (isLeft) continue;
        const read = await readTflite(model);
        const operator = operatorsOf(read).find(({ outputs }) => read.subgraphs[0].tensors[outputs[0]].type !== 0);
        assert.ok(operator !== undefined);
        const [before, after] = [await said(bytes), await said(model)];
        const figure = Math.min(...before.map((values, i) => sqnr(values, after[i])));
        t.diagnostic(`${op} ${activations} ${target}: ${figure.toFixed(1)} dB`);
        assert.ok(figure >= floors[activations], `${target}: ${figure.toFixed(1)} dB`);
      }
    });
  }
}

test('no op of the target is left out', async () => {
  const { ops } = JSON.parse(await readFile(new URL('../../src/plan/targets/tflite.json', import.meta.url), 'utf8'));
  assert.deepEqual(Object.keys(cases).sort(), Object.keys(ops).sort());
});

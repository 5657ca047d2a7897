// What ops cost in onnxruntime in float and in integers, the figures of src/plan/targets: chains of one op, of one and
// of five links, as float and between pairs of QuantizeLinear and DequantizeLinear, at several sizes. A least-squares
// fit gives nanoseconds a node, an element and a product; the runtime's name is `web` or `node`.
//   node bench/op-costs.mjs [web|node] [pattern of ops] [milliseconds a size]
import { input, model, node, numbers, output, tensor } from '../tests/node/lib/onnx-writer.mjs';
import { runtimes } from '../tests/node/lib/ort-judge.mjs';
import { race } from './race.mjs';

const where = process.argv[2] ?? 'web';
const pattern = new RegExp(process.argv[3] ?? '.');
const budgetMs = Number(process.argv[4] ?? 300);
const links = 5;
const { ort, options } = runtimes[where === 'web' ? 'web' : 'all'];
const count = (shape) => shape.reduce((product, size) => product * size, 1);

/** A chain while it is made, in float or in pairs. */
class Chain {
  parts = [tensor('scale', [], Float32Array.of(1 / 64)), tensor('zero', [], Uint8Array.of(128))];
  #names = 0;

  constructor(inIntegers) {
    this.inIntegers = inIntegers;
  }

  name = () => `v${this.#names++}`;

  /** The value as the next op reads it. */
  pair(value) {
    if (!this.inIntegers) return value;
    const [codes, wide] = [this.name(), this.name()];
    this.parts.push(node('QuantizeLinear', [value, 'scale', 'zero'], [codes], codes));
    this.parts.push(node('DequantizeLinear', [codes, 'scale', 'zero'], [wide], wide));
    return wide;
  }

  // Scaled so that values keep their spread along the chain: what saturates is slower.
  weight(dims, axis) {
    const unit = Math.sqrt((3 * dims[axis]) / count(dims));
    const [codes, wide, scale, zero] = [this.name(), this.name(), this.name(), this.name()];
    const values = numbers(count(dims), this.#names).map((v) => v * unit);
    if (!this.inIntegers) {
      this.parts.push(tensor(wide, dims, values));
      return wide;
    }
    this.parts.push(
      tensor(
        codes,
        dims,
        Int8Array.from(values, (v) => (v * 127) / unit),
      ),
    );
    this.parts.push(tensor(scale, [dims[axis]], new Float32Array(dims[axis]).fill(unit / 127)));
    this.parts.push(tensor(zero, [dims[axis]], new Int8Array(dims[axis])));
    this.parts.push(node('DequantizeLinear', [codes, scale, zero], [wide], wide, { axis }));
    return wide;
  }

  integers(list) {
    const name = this.name();
    this.parts.push(tensor(name, [list.length], BigInt64Array.from(list, BigInt)));
    return name;
  }

  add(type, inputs, attributes) {
    const name = this.name();
    this.parts.push(node(type, inputs, [name], name, attributes));
    return this.pair(name);
  }
}

const planes = [
  [16, 8],
  [32, 16],
  [64, 16],
  [128, 8],
  [32, 40],
  [64, 40],
].map(([channels, side]) => [1, channels, side, side]);
const matrices = [
  [16, 64],
  [128, 64],
  [128, 256],
  [512, 128],
  [64, 512],
];
const conv = (kernel, groups) => ({
  shapes: planes,
  products: ([, c]) => (kernel * kernel * c) / groups(c),
  link: (chain, x, [, c]) =>
    chain.add('Conv', [x, chain.weight([c, c / groups(c), kernel, kernel], 0)], {
      pads: Array(4).fill(kernel >> 1),
      group: groups(c),
    }),
});
const simple = (type, attributes) => ({
  shapes: planes,
  link: (chain, x) => chain.add(type, [x], attributes),
});

// Pools lie in a layout of their own when a convolution does. What a convolution costs by itself is taken off.
const behindConv = (link) => ({
  shapes: planes,
  link: (chain, x, shape) => link(chain, conv(1, () => 1).link(chain, x, shape), shape),
  without: conv(1, () => 1),
});

// `link` adds an op that gives a value of the shape it took; `elements` and `products` are what a link costs by.
const ops = {
  'Conv 1x1': conv(1, () => 1),
  'Conv 3x3': conv(3, () => 1),
  'Conv depthwise': conv(3, (c) => c),
  MatMul: {
    shapes: matrices,
    products: ([, k]) => k,
    link: (chain, x, [, k]) => chain.add('MatMul', [x, chain.weight([k, k], 1)]),
  },
  Gemm: {
    shapes: matrices,
    products: ([, k]) => k,
    link: (chain, x, [, k]) => chain.add('Gemm', [x, chain.weight([k, k], 1)]),
  },
  Add: { shapes: planes, link: (chain, x) => chain.add('Add', [x, x]) },
  Mul: { shapes: planes, link: (chain, x) => chain.add('Mul', [x, x]) },
  AveragePool: behindConv((chain, x) => chain.add('AveragePool', [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] })),
  MaxPool: behindConv((chain, x) => chain.add('MaxPool', [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] })),
  Sigmoid: simple('Sigmoid'),
  LeakyRelu: simple('LeakyRelu', { alpha: { float: 0.1 } }),
  Softmax: { shapes: matrices, link: (chain, x) => chain.add('Softmax', [x], { axis: 1 }) },
  Transpose: simple('Transpose', { perm: [0, 1, 3, 2] }),
  GlobalAveragePool: behindConv((chain, x, shape) =>
    chain.add('Expand', [chain.add('GlobalAveragePool', [x]), chain.integers(shape)]),
  ),
  Concat: {
    shapes: planes,
    link: (chain, x, [n, c]) => {
      const half = chain.add('Slice', [x, chain.integers([0, 0]), chain.integers([n, c / 2])]);
      return chain.add('Concat', [half, half], { axis: 1 });
    },
  },
  Resize: {
    shapes: planes,
    link: (chain, x, [n, c, h]) => {
      const scales = chain.name();
      chain.parts.push(tensor(scales, [4], Float32Array.of(1, 1, 2, 1)));
      const wide = chain.add('Resize', [x, '', scales], {
        mode: 'nearest',
        coordinate_transformation_mode: 'asymmetric',
        nearest_mode: 'floor',
      });
      return chain.add('Slice', [wide, chain.integers([0, 0, 0]), chain.integers([n, c, h])]);
    },
  },
  Where: {
    shapes: planes,
    link: (chain, x) => {
      if (!chain.parts.condition) {
        chain.parts.condition = true;
        chain.parts.push(tensor('null', [], Float32Array.of(0)), node('Greater', ['x', 'null'], ['chosen'], 'chosen'));
      }
      return chain.add('Where', ['chosen', x, x]);
    },
  },
};

function build(op, shape, length, inIntegers) {
  const chain = new Chain(inIntegers);
  let last = chain.pair('x');
  for (let i = 0; i < length; i += 1) last = op.link(chain, last, shape);
  return model([input('x', shape), ...chain.parts, node('Identity', [last], ['y'], 'y'), output('y', shape)]);
}

async function time(files, shape) {
  const sessions = [];
  for (const file of files) {
    sessions.push(await ort.InferenceSession.create(file, { ...options, intraOpNumThreads: 1, logSeverityLevel: 4 }));
  }
  const feeds = { x: new ort.Tensor('float32', numbers(count(shape), 3), shape) };
  const calls = sessions.map((session) => () => session.run(feeds));
  const times = await race(calls, { budgetMs, fewest: 9, most: Infinity });
  for (const session of sessions) await session.release();
  return times.map((ms) => ms * 1e6);
}

/** Coefficients that are not negative, by coordinate descent on relative errors. */
function fit(rows) {
  const size = rows[0].terms.length;
  const found = new Array(size).fill(0);
  for (let round = 0; round < 2000; round += 1) {
    for (let k = 0; k < size; k += 1) {
      let [above, below] = [0, 0];
      for (const { terms, ns } of rows) {
        const rest = ns - terms.reduce((sum, term, i) => sum + (i === k ? 0 : term * found[i]), 0);
        above += (terms[k] * rest) / ns ** 2;
        below += terms[k] ** 2 / ns ** 2;
      }
      found[k] = below === 0 ? 0 : Math.max(0, above / below);
    }
  }
  return found;
}

const figure = (value) => value.toPrecision(3).padStart(9);

/** Nanoseconds of a link in float and in integers, and of what stands at both ends of integers. */
async function linkCosts(op, shape) {
  const files = [1, links].flatMap((length) => [false, true].map((pairs) => build(op, shape, length, pairs)));
  const [float1, integer1, float5, integer5] = await time(files, shape);
  const [float, integer] = [(float5 - float1) / (links - 1), (integer5 - integer1) / (links - 1)];
  return { float, integer, ends: integer1 - integer - (float1 - float) };
}

async function measure(name, op) {
  const rows = { float: [], integer: [], ends: [] };
  for (const shape of op.shapes) {
    const costs = await linkCosts(op, shape);
    const without = op.without ? await linkCosts(op.without, shape) : { float: 0, integer: 0, ends: 0 };
    const elements = count(shape);
    const products = op.products ? [elements * op.products(shape)] : [];
    for (const [form, list] of Object.entries(rows)) {
      const terms = [1, elements, ...(form === 'ends' ? [] : products)];
      list.push({ terms, ns: Math.max(costs[form] - without[form], 1) });
    }
  }
  return Object.entries(rows).map(([form, list]) => {
    const found = fit(list);
    const errors = list.map(({ terms, ns }) => terms.reduce((sum, term, i) => sum + term * found[i], 0) / ns - 1);
    const worst = Math.max(...errors.map(Math.abs));
    return `${where} ${name.padEnd(18)} ${form.padEnd(8)} ${found.map(figure).join(' ')}   worst ${(100 * worst).toFixed(0)} %`;
  });
}

const chosen = Object.entries(ops).filter(([name]) => pattern.test(name));
// WebAssembly is compiled anew while it gets warm: the first round tells nothing.
for (const [name, op] of chosen) await measure(name, op);
for (const [name, op] of chosen) for (const line of await measure(name, op)) console.log(line);

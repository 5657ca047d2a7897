import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { inspect } from '../api.js';
import {
  type CalibrateOptions,
  type CalibrationProgress,
  type CalibrationResult,
  calibrate,
  mergeRanges,
  type RangesResult,
} from '../calibrate.js';
import type { Samples } from '../data/samples.js';
import { NarrowcastError } from '../errors.js';
import { type CalibrationMethod, observers } from '../generated/describe.js';
import { addCalibrationOptions, type CalibrationFlags, samplesFrom } from './calibration-data.js';
import { fedTable, rangesTable, warningsText } from './calibration-text.js';
import { dataFilesOf, openFile } from './model-files.js';
import { OutputFiles } from './output-files.js';
import { ProgressLine } from './progress-line.js';
import { bytesText, countText } from './text.js';
import { workersOf } from './workers-option.js';

const help = `
To compute with integers, a runtime must know from where to where the values inside a model run. That is measured:
the model runs in float on some samples of what it will see, and the extremes of every value are written to a file of
ranges. A hundred samples will do, if they are like what the model meets in use, prepared as for its training.

What a file holds:
  pictures      .jpg .png .webp: a sample each; --preset says how pixels become numbers
  arrays        .npy; .npz with an array for each input. The first axis counts samples when the model takes one at a time
  tables        .csv: a row a sample
  token ids     .jsonl: a line a sample, as {"input_ids": [101, 7592], "attention_mask": [1, 1]} or a bare list
  sound         .wav: -1 to 1, one channel, cut into the length that the model takes
  ONNX tests    folders with input_0.pb, input_1.pb: a sample each
Files are taken in the order of their paths; what cannot be read is left out with a warning.

Examples:
  $ narrowcast calibrate model.onnx --calibration pictures/ --preset imagenet
  $ narrowcast calibrate model.tflite --calibration pictures.zip --preset tf --samples 200 --method percentile
  $ narrowcast calibrate bert.onnx --calibration sentences.jsonl -o bert.ranges.json
  $ narrowcast calibrate model.onnx --calibration image=pictures/ scale=scale.npy
  $ narrowcast calibrate model.onnx --calibration x.npy --shard 0/2 -o a.json     on one machine, 1/2 on another, then
  $ narrowcast calibrate --merge a.json b.json -o ranges.json                     the same bytes as without shards

Exit codes: 0 done, 1 internal error, 2 wrong use, 3 model invalid or unsupported, 4 calibration data missing, unreadable
or unlike what the model takes, 130 interrupted.
`;

interface Flags extends CalibrationFlags {
  output?: string;
  overwrite?: boolean;
  json?: boolean;
  quiet?: boolean;
  merge?: string[];
  shard?: [number, number];
  workers?: number;
  method?: CalibrationMethod;
  percentile?: number;
  winograd: boolean;
}

const usage = (message: string, where: string): NarrowcastError => new NarrowcastError('usage', message, where);

function shardOf(text: string): [number, number] {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const shard: [number, number] = [Number(index), Number(count)];
  if (!(shard[0] < shard[1])) throw new InvalidArgumentError('It is i/n, from 0/n to n-1/n.');
  return shard;
}

function percentileOf(text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!(number > 0 && number <= 100)) throw new InvalidArgumentError('It is a number of percent, above 0, up to 100.');
  return number;
}

/** How far it is, in words: done of total, time left. */
function progressOf({ phase, done, total, secondsLeft }: CalibrationProgress) {
  const part = total === undefined || total === 0 ? 0 : done / total;
  if (phase !== 'samples') return { phase, item: '', fraction: phase === 'loading' ? part / 10 : 1 };
  const left = secondsLeft === undefined ? '' : `, ${Math.ceil(secondsLeft)} s left`;
  return { phase: `samples ${done}/${total ?? '?'}${left}`, item: '', fraction: 0.1 + 0.9 * part };
}

const targetOf = (model: string, { output }: Flags): string =>
  resolve(output ?? join(dirname(model), `${basename(model, extname(model))}.ranges.json`));

async function measure(model: string, flags: Flags, signal: AbortSignal) {
  const externalData = dataFilesOf(model);
  const samples = await samplesFrom(flags, await inspect(await openFile(model), { externalData, signal }));
  const progress = flags.quiet ? undefined : new ProgressLine(basename(model));
  const { method, percentile, workers, shard, signature, winograd } = flags;
  const given = { method, percentile, workers, shard, signature };
  const options: CalibrateOptions = {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    winograd,
    externalData,
    signal,
    ...(progress === undefined ? {} : { onProgress: (state) => progress.update(progressOf(state)) }),
  };
  try {
    return { samples, result: await calibrate(await openFile(model), samples, options) };
  } catch (error) {
    // Why nothing could be read is what one needs to know.
    if (!flags.quiet) process.stderr.write(warningsText(samples.warnings(), []));
    throw error;
  } finally {
    progress?.clear();
  }
}

async function write(target: string, { ranges }: RangesResult, files: OutputFiles): Promise<void> {
  await files.begin(target);
  await files.write(new TextEncoder().encode(ranges));
  await files.commit();
}

interface Outcome {
  result: RangesResult & Partial<CalibrationResult>;
  samples?: Samples;
  model: string | null;
  target: string;
  elapsed_ms: number;
}

function tell({ result, samples, model, target, elapsed_ms }: Outcome, flags: Flags): void {
  const fed = samples?.fed() ?? [];
  const dataWarnings = samples?.warnings() ?? [];
  if (flags.json) {
    const told = {
      schema_version: 1,
      model,
      output: target,
      samples: result.samples,
      ...(samples === undefined ? {} : { available: samples.available, fed }),
      values: result.values,
      warnings: [
        ...dataWarnings,
        ...result.warnings.map(({ kind, name, scope }) => ({ kind, message: '', where: name, scope })),
      ],
      elapsed_ms,
      ...(result.workers === undefined ? {} : { workers: result.workers, peak_bytes: result.heapBytes }),
    };
    process.stdout.write(`${JSON.stringify(told)}\n`);
    return;
  }
  if (!flags.quiet) {
    const of = samples === undefined ? '' : ` of ${samples.available}`;
    const memory = result.heapBytes === undefined ? '' : `; memory: ${bytesText(result.heapBytes)} at most`;
    process.stderr.write(`  ${countText(result.samples, 'sample')}${of}, ${countText(result.values.length, 'value')}`);
    process.stderr.write(` in ${(elapsed_ms / 1000).toFixed(1)} s${memory}\n`);
    process.stderr.write(`${fedTable(fed)}${rangesTable(result.values)}${warningsText(dataWarnings, result.warnings)}`);
  }
  process.stdout.write(`${target}\n`);
}

async function mergeFiles(paths: string[], flags: Flags): Promise<RangesResult> {
  const texts: string[] = [];
  for (const path of paths) texts.push(await readFile(path, 'utf8'));
  return mergeRanges(texts, flags.percentile === undefined ? {} : { percentile: flags.percentile });
}

async function calibrateModel(model: string | undefined, flags: Flags, signal: AbortSignal): Promise<void> {
  const { merge } = flags;
  const started = performance.now();
  if (merge !== undefined) {
    if (model !== undefined || flags.calibration !== undefined) {
      throw usage('--merge takes files of ranges alone: neither a model nor samples.', '--merge');
    }
    if (flags.output === undefined) throw usage('Say with -o where the merged ranges go.', '-o');
  } else if (model === undefined) throw usage('A model is missing.', '<model>');
  else if (flags.calibration === undefined) {
    throw new NarrowcastError('calibration', 'Samples are missing: give files or a folder.', '--calibration');
  }
  const target = targetOf(model ?? '', flags);
  const files = new OutputFiles(merge ?? [model as string], flags.overwrite ?? false);
  await files.check(target);
  try {
    const done = merge ? { result: await mergeFiles(merge, flags) } : await measure(model as string, flags, signal);
    await write(target, done.result, files);
    const elapsed_ms = Math.round(performance.now() - started);
    tell({ ...done, model: model === undefined ? null : resolve(model), target, elapsed_ms }, flags);
  } finally {
    await files.discard();
  }
}

export function makeCalibrateCommand(signal: AbortSignal): Command {
  const methods = observers.map(({ name }) => name);
  const command = new Command('calibrate')
    .summary('measure the ranges of a model on samples')
    .description('Runs a model in float on samples and writes the ranges of its values, which integers need.')
    .argument('[model]', 'a model file; data files beside it are found by themselves');
  return addCalibrationOptions(command)
    .optionsGroup('What is measured:')
    .addOption(new Option('--method <name>', 'how ranges are chosen (default: min-max)').choices(methods))
    .option('--percentile <p>', 'what the method percentile keeps (default: 99.999)', percentileOf)
    .option('--signature <key>', 'the signature of a TFLite model that is run (default: its main graph)')
    .option('--no-winograd', 'exact 3x3 convolutions: slower, about 1e-5 closer')
    .optionsGroup('How it runs:')
    .option('--workers <n>', 'how many run at once, each with the whole model', workersOf)
    .option('--shard <i/n>', 'run every n-th sample, from the i-th on', shardOf)
    .option('--merge <file...>', 'make one file of those of all shards, instead of running anything')
    .optionsGroup('Where it goes:')
    .option('-o, --output <file.json>', 'the ranges (default: model.ranges.json beside model.onnx)')
    .option('--overwrite', 'replace an output that exists already')
    .option('--json', 'print exactly one JSON object: what was fed, every range, warnings')
    .option('-q, --quiet', 'nothing but errors and the path of the output')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', help)
    .action((model: string | undefined, flags: Flags) => calibrateModel(model, flags, signal));
}

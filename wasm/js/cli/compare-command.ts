import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { inspect } from '../api.js';
import { type CompareOptions, type CompareProgress, compare } from '../compare.js';
import { readLabels } from '../data/labels.js';
import { NarrowcastError } from '../errors.js';
import { addCalibrationOptions, type CalibrationFlags, samplesFrom } from './calibration-data.js';
import { fedTable, warningsText } from './calibration-text.js';
import { exitCodes } from './failure.js';
import { addGateOptions, type GateFlags, judgementText } from './gate-options.js';
import { dataFilesOf, openFile } from './model-files.js';
import { ProgressLine } from './progress-line.js';
import { workersOf } from './workers-option.js';

const help = `
Both models run on the same samples, in float32 and with the codes that the narrowed file holds. For every value of the
same name: signal to noise in decibels (6 dB more is half the error), worst first; where the noise begins is where
to look. For every output also its decisions: the largest of each row (of the channels, in ONNX's images), integers
as they are.

Examples:
  $ narrowcast compare model.onnx model.int8.onnx --data pictures/ --preset imagenet
  $ narrowcast compare model.onnx model.int8.onnx --data x.npy --labels y.csv --max-drop 0.5
  $ narrowcast compare model.onnx model.int8.onnx --data x.npy --min-sqnr 20 --json

Exit codes: 0 done, 1 internal error, 2 wrong use, 3 model invalid or unsupported, 4 samples missing, unreadable or unlike
what the models take, 5 a limit of --min-sqnr or --max-drop was not kept, 130 interrupted.
`;

interface Flags extends CalibrationFlags, GateFlags {
  data?: string[];
  workers?: number;
  winograd: boolean;
  json?: boolean;
  quiet?: boolean;
}

const progressOf = ({ phase, done, total }: CompareProgress) => {
  const part = total === undefined || total === 0 ? 0 : done / total;
  return phase === 'loading'
    ? { phase, item: '', fraction: part / 10 }
    : { phase: `samples ${done}/${total ?? '?'}`, item: '', fraction: 0.1 + 0.9 * part };
};

async function compareFiles(float: string, narrowed: string, flags: Flags, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  const { data, calibration = data, labels, minSqnr, maxDrop, workers, winograd, signature } = flags;
  if (calibration === undefined) {
    throw new NarrowcastError('calibration', 'Samples are missing: give files or a folder.', '--data');
  }
  const externalData = dataFilesOf(float);
  const { data: _, labels: __, minSqnr: ___, maxDrop: ____, ...sampleFlags } = flags;
  const model = await inspect(await openFile(float), { externalData, signal });
  const samples = await samplesFrom({ ...sampleFlags, calibration }, model);
  const progress = flags.quiet ? undefined : new ProgressLine(basename(narrowed));
  const given = { minSqnr, maxDrop, workers, signature };
  const options: CompareOptions = {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(labels === undefined ? {} : { labels: readLabels(await readFile(labels, 'utf8'), labels, samples) }),
    data: samples,
    winograd,
    externalData,
    narrowedData: dataFilesOf(narrowed),
    signal,
    ...(progress === undefined ? {} : { onProgress: (state) => progress.update(progressOf(state)) }),
  };
  const result = await compare(await openFile(float), await openFile(narrowed), options).finally(() =>
    progress?.clear(),
  );
  const { heapBytes, workers: ran, ...judgement } = result;
  if (flags.json) {
    const told = {
      schema_version: 1,
      float: resolve(float),
      narrowed: resolve(narrowed),
      ...judgement,
      fed: samples.fed(),
      warnings: samples.warnings(),
      elapsed_ms: Math.round(performance.now() - started),
      workers: ran,
      peak_bytes: heapBytes,
    };
    process.stdout.write(`${JSON.stringify(told)}\n`);
  } else if (!flags.quiet) {
    process.stderr.write(`${fedTable(samples.fed())}${warningsText(samples.warnings(), [])}`);
    process.stdout.write(judgementText(judgement));
  }
  for (const sentence of result.failed) process.stderr.write(`  failed:   ${sentence}\n`);
  return result.failed.length > 0 ? exitCodes.quality : exitCodes.ok;
}

export function makeCompareCommand(signal: AbortSignal, done: (exit: number) => void): Command {
  const command = new Command('compare')
    .summary('say how far a narrowed model is from the float one')
    .description('Runs a float model and what was narrowed of it on the same samples and compares every value.')
    .argument('<float>', 'the float model; data files beside it are found by themselves')
    .argument('<narrowed>', 'what was narrowed of it');
  addCalibrationOptions(command, '--data')
    .addOption(new Option('--calibration <path...>', 'the same as --data').hideHelp())
    .option('--signature <key>', 'the signature of a TFLite model that is run (default: its main graph)')
    .optionsGroup('How much may be lost:');
  return addGateOptions(command)
    .optionsGroup('How it runs:')
    .option('--workers <n>', 'how many run at once, each with both models', workersOf)
    .option('--no-winograd', 'exact 3x3 convolutions: slower, about 1e-5 closer')
    .option('--json', 'print exactly one JSON object: every output and value')
    .option('-q, --quiet', 'nothing but errors and limits that were not kept')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', help)
    .action(async (float: string, narrowed: string, flags: Flags) =>
      done(await compareFiles(float, narrowed, flags, signal)),
    );
}

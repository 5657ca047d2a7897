import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { writeNpz } from '../data/npy.js';
import { type LoadedModel, type LoadOptions, loadModel, type NodeProfile, type RunResult } from '../model.js';
import type { Tensor, TensorLike } from '../tensor.js';
import { dataFilesOf, openFile } from './model-files.js';
import { OutputFiles } from './output-files.js';
import { meanProfile, profileText } from './profile-text.js';
import { gatherInputs } from './run-inputs.js';
import { bytesText, shapeText, tableText } from './text.js';

const help = `
Without --inputs the model is fed with made-up numbers: floats from 0 to 1, everything else 0 or 1, always the same for
the same --seed. That shows whether it runs and how fast; what it says means nothing then.

Arrays are NumPy's files: numpy.save('x.npy', a) writes one, numpy.savez('in.npz', x=a, y=b) several under their names.

Examples:
  $ narrowcast run model.onnx                                  does it run, and what comes out?
  $ narrowcast run model.onnx --inputs x=picture.npy -o out.npz
  $ narrowcast run model.onnx --inputs in.npz --json
  $ narrowcast run model.onnx --shape x=1x3x224x224            for sizes that the model leaves open
  $ narrowcast run model.onnx --repeat 20 --profile            how fast is it, and which nodes take the time?

Exit codes: 0 done, 1 internal error, 2 wrong use, 3 model invalid or unsupported, 130 interrupted.
`;

interface Flags {
  inputs?: string[];
  shape?: string[];
  seed?: number;
  output?: string;
  overwrite?: boolean;
  repeat: number;
  profile?: boolean;
  winograd: boolean;
  signature?: string;
  json?: boolean;
}

interface Measured {
  result: RunResult;
  median_ms: number;
  profile: NodeProfile[] | undefined;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function positive(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) throw new InvalidArgumentError('It must be at least 1.');
  return number;
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

function medianOf(times: number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}

async function measure(
  model: LoadedModel,
  inputs: Record<string, TensorLike>,
  flags: Flags,
  signal: AbortSignal,
): Promise<Measured> {
  const options = { profile: flags.profile ?? false, signal };
  const times: number[] = [];
  const profiles: NodeProfile[][] = [];
  // The first of several runs settles shapes and memory; it is not counted.
  if (flags.repeat > 1) await model.run(inputs, options);
  for (;;) {
    const before = performance.now();
    const result = await model.run(inputs, options);
    times.push(performance.now() - before);
    if (result.profile !== undefined) profiles.push(result.profile.nodes);
    if (times.length < flags.repeat) continue;
    return { result, median_ms: medianOf(times), profile: flags.profile ? meanProfile(profiles) : undefined };
  }
}

// float16 is told as numbers; JSON has none that are not finite.
function valueAt({ dtype, data }: Tensor, i: number): number {
  const value = Number(data[i]);
  if (dtype === 'bfloat16') return new Float32Array(Uint32Array.of(value << 16).buffer)[0] ?? 0;
  if (dtype !== 'float16') return value;
  const [exponent, fraction] = [(value >> 10) & 31, value & 1023];
  const size =
    exponent === 31
      ? fraction === 0
        ? Number.POSITIVE_INFINITY
        : Number.NaN
      : exponent === 0
        ? fraction * 2 ** -24
        : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return value & 0x8000 ? -size : size;
}

function rangeOf(tensor: Tensor): { min: number | null; max: number | null } {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < tensor.data.length; i += 1) {
    const value = valueAt(tensor, i);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min: Number.isFinite(min) ? min : null, max: Number.isFinite(max) ? max : null };
}

const numberText = (value: number | null): string => (value === null ? '' : String(Number(value.toPrecision(6))));

async function write(outputs: Record<string, Tensor>, target: string, files: OutputFiles): Promise<void> {
  await files.begin(target);
  await files.write(writeNpz(outputs));
  await files.commit();
}

async function runModel(path: string, flags: Flags, signal: AbortSignal): Promise<void> {
  const target = flags.output === undefined ? undefined : resolve(flags.output);
  const files = new OutputFiles([path], flags.overwrite ?? false);
  if (target !== undefined) await files.check(target);
  const options: LoadOptions = { winograd: flags.winograd, externalData: dataFilesOf(path), signal };
  if (flags.signature !== undefined) options.signature = flags.signature;
  const model = await loadModel(await openFile(path), options);
  try {
    const inputs = await gatherInputs(model.inputs, flags);
    const measured = await measure(model, inputs, flags, signal);
    if (target !== undefined) await write(measured.result.outputs, target, files);
    tell(path, target, flags, measured);
  } finally {
    model.dispose();
    await files.discard();
  }
}

function tell(path: string, target: string | undefined, flags: Flags, { result, median_ms, profile }: Measured): void {
  const outputs = Object.entries(result.outputs).map(([name, tensor]) => ({
    name,
    dtype: tensor.dtype,
    shape: tensor.shape,
    ...rangeOf(tensor),
  }));
  if (flags.json) {
    const told = {
      schema_version: 1,
      model: resolve(path),
      outputs,
      median_ms,
      repeat: flags.repeat,
      peak_bytes: result.heapBytes,
      output: target ?? null,
      ...(profile === undefined ? {} : { profile }),
    };
    process.stdout.write(`${JSON.stringify(told)}\n`);
    return;
  }
  const rows = outputs.map(({ name, dtype, shape, min, max }) => [
    name,
    dtype,
    shapeText(shape),
    numberText(min),
    numberText(max),
  ]);
  process.stdout.write(tableText(['output', 'type', 'shape', ' smallest', ' largest'], rows));
  const runs = flags.repeat === 1 ? 'one run' : `median of ${flags.repeat} runs`;
  process.stderr.write(`  ${runs}: ${median_ms.toFixed(2)} ms; memory: ${bytesText(result.heapBytes)} at most\n`);
  if (target !== undefined) process.stderr.write(`  written: ${target}\n`);
  if (profile !== undefined) process.stderr.write(profileText(profile));
}

export function makeRunCommand(signal: AbortSignal): Command {
  return new Command('run')
    .summary('run a model in float, and measure it')
    .description('Runs an ONNX or TFLite model in float32 and tells what comes out and how long it takes.')
    .argument('<model>', 'a model file; data files beside it are found by themselves')
    .optionsGroup('What goes in:')
    .option('--inputs <file...>', 'name=file.npy for each input, or one file.npz (default: made-up numbers)')
    .option(
      '--shape <name=sizes>',
      'the shape of a made-up input, as x=1x3x224x224. May be given several times.',
      collect,
    )
    .option('--seed <n>', 'other made-up numbers (default: 1)', wholeNumber)
    .option('--signature <key>', 'the signature of a TFLite model that is run (default: its main graph)')
    .optionsGroup('What comes out:')
    .option('-o, --output <file.npz>', 'write the outputs as arrays')
    .option('--overwrite', 'replace an output file that exists already')
    .option('--json', 'print exactly one JSON object: the outputs with their range, the time, the memory')
    .optionsGroup('How it runs:')
    .option('--repeat <n>', 'run it n times after a first one and tell the median', positive, 1)
    .option('--profile', 'measure every node')
    .option('--no-winograd', 'exact 3x3 convolutions: slower, about 1e-5 closer')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', help)
    .action((path: string, flags: Flags) => runModel(path, flags, signal));
}

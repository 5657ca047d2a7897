// The command line as a function: arguments in, exit code out.
import { readFile } from 'node:fs/promises';
import { Command, CommanderError } from 'commander';
import { NarrowcastError } from '../errors.js';
import { makeCalibrateCommand } from './calibrate-command.js';
import { makeCompareCommand } from './compare-command.js';
import { makeDescribeCommand } from './describe-command.js';
import { asFailure, exitCodeOf, exitCodes, failureJson, failureText } from './failure.js';
import { makeInspectCommand } from './inspect-command.js';
import { makeQuantizeCommand } from './quantize-command.js';
import { makeRunCommand } from './run-command.js';

const help = `
New to this? A trained model stores its weights as 32-bit floats. Narrowing stores them in 16, 8 or 4 bits, so that
the model downloads faster and needs less memory; the report says what that costs. Nothing leaves this machine.

  $ narrowcast inspect model.onnx     what is it, and how small could it be?
  $ narrowcast model.onnx             write model.int8.onnx, a quarter of the size
  $ narrowcast run model.onnx         run it: what comes out, and how fast?
  $ narrowcast calibrate model.onnx --calibration samples/     measure the ranges of its values
  $ narrowcast compare model.onnx model.int8.onnx --data samples/     what did it cost, value by value?
  $ narrowcast quantize --help        every option, with examples; run --help likewise
`;

async function version(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function makeProgram(signal: AbortSignal, done: (exit: number) => void): Command {
  const program = new Command('narrowcast')
    .description('Narrows trained models: float32 in, int8, int4 or float16 out; and runs them.')
    .usage('<model...> [options]  |  <command> [options]')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', help);
  program.addCommand(makeQuantizeCommand(signal, done), { isDefault: true });
  program.addCommand(makeInspectCommand(signal));
  program.addCommand(makeRunCommand(signal));
  program.addCommand(makeCalibrateCommand(signal));
  program.addCommand(makeCompareCommand(signal, done));
  program.addCommand(makeDescribeCommand());
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ outputError: () => {} });
  }
  return program;
}

function failureOf(thrown: unknown): NarrowcastError | undefined {
  if (!(thrown instanceof CommanderError)) return asFailure(thrown);
  if (thrown.exitCode === 0) return undefined;
  return new NarrowcastError('usage', thrown.message.replace(/^error: /, ''));
}

/** Aborts on the first SIGINT or SIGTERM, so that temporary files are removed; a second one kills. */
function listenForSignals(controller: AbortController): () => void {
  const stop = () => controller.abort();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop);
  return () => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, stop);
  };
}

export async function run(args: string[]): Promise<number> {
  const controller = new AbortController();
  const unlisten = listenForSignals(controller);
  let exit: number = exitCodes.ok;
  const program = makeProgram(controller.signal, (code) => {
    exit = code;
  });
  try {
    program.version(await version(), '-V, --version', 'show the version');
    await program.parseAsync(args.length === 0 ? ['--help'] : args, { from: 'user' });
    return exit;
  } catch (thrown) {
    const error = failureOf(thrown);
    if (error === undefined) return exitCodes.ok;
    process.stderr.write(failureText(error));
    if (args.includes('--json')) process.stdout.write(`${JSON.stringify(failureJson(error))}\n`);
    return exitCodeOf(error);
  } finally {
    unlisten();
  }
}

// Errors as the user sees them: what happened, where, what to do, and the code; and the exit code they lead to.
import { type ErrorCode, NarrowcastError } from '../errors.js';

export const exitCodes = {
  ok: 0,
  internal: 1,
  usage: 2,
  model: 3,
  calibration: 4,
  quality: 5,
  wouldNotHelp: 6,
  interrupted: 130,
} as const;

const advice: Record<ErrorCode, readonly [exit: number, whatToDo: string]> = {
  internal: [exitCodes.internal, 'This is a bug in narrowcast: please report it, with the model if you can share it.'],
  usage: [exitCodes.usage, 'narrowcast quantize --help (or run, inspect, describe) shows every option with examples.'],
  malformed: [exitCodes.model, 'Check that the file is complete (a download, or Git LFS?), or export it again.'],
  unsupported: [
    exitCodes.model,
    'narrowcast describe lists what is supported, inspect what this model needs; narrowing: --exclude leaves a part out.',
  ],
  missing_file: [exitCodes.model, 'Put the data file into the folder of the model, under the name the model uses.'],
  out_of_memory: [exitCodes.internal, 'The engine holds up to 4 GB: a smaller model, or more free memory, is needed.'],
  calibration: [
    exitCodes.calibration,
    'Look at the files you calibrate with: the help of quantize says what they can be.',
  ],
  quality: [
    exitCodes.quality,
    'Keep in float what the report names (--exclude), give more samples, or allow more; --keep-going writes the result all the same.',
  ],
  would_not_help: [
    exitCodes.wouldNotHelp,
    '--dry-run --keep-going -v lists every weight with its reason; --keep-going alone writes the result all the same.',
  ],
  cancelled: [exitCodes.interrupted, 'Nothing was written.'],
  engine_trap: [
    exitCodes.internal,
    'This is a bug in narrowcast: please report it, with the model if you can share it.',
  ],
};

const fileFaults: Record<string, string> = {
  ENOENT: 'There is no such file or folder.',
  EACCES: 'Permission is denied.',
  EPERM: 'Permission is denied.',
  ENOSPC: 'There is no space left on the device.',
  EROFS: 'The file system is read-only.',
  EISDIR: 'This is a folder.',
  ENOTDIR: 'A part of the path is not a folder.',
};

/** Whatever was thrown, as the error that is told. */
export function asFailure(thrown: unknown): NarrowcastError {
  if (thrown instanceof NarrowcastError) return thrown;
  const error = thrown as NodeJS.ErrnoException;
  if (error?.name === 'AbortError') return new NarrowcastError('cancelled', 'Interrupted.');
  const fault = error?.code === undefined ? undefined : fileFaults[error.code];
  if (fault !== undefined) return new NarrowcastError('usage', fault, error.path ?? '', { cause: error });
  return new NarrowcastError('internal', String(error?.stack ?? thrown));
}

export const exitCodeOf = (error: NarrowcastError): number => advice[error.code][0];

export const failureJson = ({ code, number, message, where }: NarrowcastError, model?: string): object => ({
  schema_version: 1,
  ...(model === undefined ? {} : { model }),
  error: { code, number, message, where, what_to_do: advice[code][1] },
});

export function failureText(error: NarrowcastError, model?: string): string {
  const red = process.stderr.hasColors?.() ? (text: string) => `\u001b[31m${text}\u001b[39m` : (text: string) => text;
  const subject = model === undefined ? '' : `${model}: `;
  const where = error.where === '' ? '' : `\n  where:      ${error.where}`;
  return `${red('error:')} ${subject}${error.message}${where}\n  what to do: ${advice[error.code][1]}\n  code:       ${error.code}\n`;
}

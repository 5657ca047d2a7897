// Calibration data that will not do. A file that cannot be read is left out when there are others.
import { NarrowcastError } from '../errors.js';

const leftOut = new WeakSet<object>();

export const wrongData = (message: string, where: string): NarrowcastError =>
  new NarrowcastError('calibration', message, where);

/** As `wrongData`, but the sample can do without. */
export function unreadable(message: string, where: string, cause?: unknown): NarrowcastError {
  const error = new NarrowcastError('calibration', message, where, { cause });
  leftOut.add(error);
  return error;
}

export const isUnreadable = (error: unknown): error is NarrowcastError =>
  typeof error === 'object' && error !== null && leftOut.has(error);

/** What `read` gives; whatever goes wrong in it says that the file cannot be read. */
export async function reading<T>(where: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof NarrowcastError) {
      const isFile = error.code !== 'calibration' && error.code !== 'out_of_memory' && error.code !== 'engine_trap';
      throw isFile ? unreadable(error.message, where, error) : error;
    }
    if ((error as Error)?.name === 'AbortError') throw error;
    throw unreadable(`This file cannot be read: ${(error as Error)?.message ?? error}.`, where, error);
  }
}

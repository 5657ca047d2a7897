// Files that are read: the model, and the data files in its folder.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, win32 } from 'node:path';
import { NarrowcastError } from '../errors.js';
import type { StreamedBytes } from '../source.js';

const chunkBytes = 1 << 20;

export async function openFile(path: string): Promise<StreamedBytes> {
  const { size } = await stat(path).then((found) => {
    if (!found.isFile()) throw new NarrowcastError('usage', 'This is not a file.', path);
    return found;
  });
  return { size, stream: () => createReadStream(path, { highWaterMark: chunkBytes }) };
}

/** Where a data file lies. Names come from the model: none may lead out of its folder. */
export function dataPath(model: string, name: string): string {
  if (isAbsolute(name) || win32.isAbsolute(name) || name.split(/[\\/]/).includes('..')) {
    throw new NarrowcastError(
      'malformed',
      'The model asks for a data file outside its own folder, which is refused.',
      name,
    );
  }
  return join(dirname(model), name);
}

/** Gives the engine the data files it asks for; it says itself which one is missing. */
export const dataFilesOf =
  (model: string) =>
  async (name: string): Promise<StreamedBytes | undefined> => {
    const path = dataPath(model, name);
    return openFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
  };

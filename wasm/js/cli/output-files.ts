// Files that are written: each under a temporary name in its folder, renamed when all of them are complete.
import { constants, type Stats } from 'node:fs';
import { copyFile, type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { NarrowcastError } from '../errors.js';

const statOrNothing = (path: string): Promise<Stats | undefined> =>
  stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

export class OutputFiles {
  readonly #inputs: string[];
  readonly #overwrite: boolean;
  // In the order in which they take their names.
  readonly #temporary = new Map<string, string>();
  #open: FileHandle | undefined;

  constructor(inputs: string[], overwrite: boolean) {
    this.#inputs = inputs;
    this.#overwrite = overwrite;
  }

  /** Throws when the path may not be written: an input, or there already. */
  async check(target: string): Promise<void> {
    const there = await statOrNothing(target);
    if (there === undefined) return;
    if (there.isDirectory()) throw new NarrowcastError('usage', 'The output is a folder.', target);
    for (const input of this.#inputs) {
      const other = await statOrNothing(input);
      if (other !== undefined && other.ino === there.ino && other.dev === there.dev) {
        throw new NarrowcastError('usage', 'The output is the input, which is never overwritten.', target);
      }
    }
    if (!this.#overwrite) {
      throw new NarrowcastError('usage', 'The output exists already; --overwrite replaces it.', target);
    }
  }

  async #temporaryFor(target: string): Promise<string> {
    await this.check(target);
    await mkdir(dirname(target), { recursive: true });
    const name = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
    this.#temporary.set(resolve(target), name);
    return name;
  }

  /** Begins a file; the one before it ends. */
  async begin(target: string): Promise<void> {
    await this.#end();
    this.#open = await open(await this.#temporaryFor(target), 'w');
  }

  async write(chunk: Uint8Array): Promise<void> {
    await this.#open?.writeFile(chunk);
  }

  async copy(source: string, target: string): Promise<void> {
    await copyFile(source, await this.#temporaryFor(target), constants.COPYFILE_FICLONE);
  }

  async writeJson(target: string, value: unknown): Promise<void> {
    await this.begin(target);
    await this.write(new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`));
  }

  async #end(): Promise<void> {
    await this.#open?.close();
    this.#open = undefined;
  }

  /** Gives all files their names, the last one begun first: the model appears when its data files are there. */
  async commit(): Promise<string[]> {
    await this.#end();
    const done = [...this.#temporary];
    for (const [target, temporary] of done.toReversed()) {
      await rename(temporary, target);
      this.#temporary.delete(target);
    }
    return done.map(([target]) => target);
  }

  /** Removes what has not been committed. */
  async discard(): Promise<void> {
    await this.#end();
    for (const temporary of this.#temporary.values()) await rm(temporary, { force: true });
    this.#temporary.clear();
  }
}

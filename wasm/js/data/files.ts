// What samples are read from: files under a name, those inside of archives among them.
import { unzipSync } from 'fflate';
import { type ByteSource, openSource } from '../source.js';
import { reading, wrongData } from './errors.js';

/** A file that is opened when it is needed. */
export interface DataFile {
  /** With its ending, which says what it holds; a path where there are folders, with /. */
  name: string;
  /** The model's input that it is for; may be left out where the model has one, or the file says it. */
  input?: string;
  data: ByteSource | (() => ByteSource | Promise<ByteSource>);
}

/** A `File` of a browser, or bytes and a name. */
export type DataSource = DataFile | (Blob & { readonly name: string; readonly webkitRelativePath?: string });

export const kinds = {
  jpg: 'picture',
  jpeg: 'picture',
  png: 'picture',
  webp: 'picture',
  npy: 'npy',
  npz: 'npz',
  csv: 'csv',
  jsonl: 'jsonl',
  wav: 'wav',
  pb: 'pb',
  zip: 'zip',
} as const;
/** What a file of samples holds. */
export type Kind = (typeof kinds)[keyof typeof kinds];

/** By the name's ending; undefined for files that hold no samples. */
export function kindOf(name: string): Kind | undefined {
  const ending = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(kinds, ending) ? kinds[ending as keyof typeof kinds] : undefined;
}

export async function bytesOf(file: DataFile): Promise<Uint8Array> {
  return reading(file.name, async () => {
    const { size, chunks } = openSource(typeof file.data === 'function' ? await file.data() : file.data);
    const bytes = new Uint8Array(size);
    let at = 0;
    for await (const chunk of chunks()) {
      if (at + chunk.length > size) break;
      bytes.set(chunk, at);
      at += chunk.length;
    }
    if (at !== size) throw new Error(`it has ${at} bytes instead of ${size}`);
    return bytes;
  });
}

/** The first bytes, up to `count`. */
export async function headOf(file: DataFile, count: number): Promise<Uint8Array> {
  return reading(file.name, async () => {
    const { size, chunks } = openSource(typeof file.data === 'function' ? await file.data() : file.data);
    const head = new Uint8Array(Math.min(size, count));
    let at = 0;
    for await (const chunk of chunks()) {
      const part = chunk.subarray(0, head.length - at);
      head.set(part, at);
      at += part.length;
      if (at === head.length) break;
    }
    return head.subarray(0, at);
  });
}

export function asFile(source: DataSource): DataFile {
  if ('data' in source) return source;
  return { name: source.webkitRelativePath || source.name, data: source };
}

const mostBytes = 2 ** 31;

/** The archive whose bytes are held: one at a time. */
export class ArchiveShelf {
  #name = '';
  #bytes: Promise<Uint8Array> | undefined;

  #bytesOf(archive: DataFile): Promise<Uint8Array> {
    if (this.#bytes === undefined || this.#name !== archive.name) {
      this.#name = archive.name;
      this.#bytes = bytesOf(archive);
    }
    return this.#bytes;
  }

  /** The files of an archive that hold samples, in the archive's order. */
  async filesOf(archive: DataFile): Promise<DataFile[]> {
    const bytes = await this.#bytesOf(archive);
    const names: string[] = [];
    await reading(archive.name, () => {
      unzipSync(bytes, {
        filter: ({ name }) => {
          names.push(name);
          return false;
        },
      });
    });
    const wanted = names.filter((name) => kindOf(name) !== undefined && !/(^|\/)(__MACOSX\/|\.)/.test(name));
    return wanted.map((name) => ({
      name: `${archive.name}/${name}`,
      ...(archive.input === undefined ? {} : { input: archive.input }),
      data: async () => this.#extract(await this.#bytesOf(archive), name),
    }));
  }

  #extract(bytes: Uint8Array, wanted: string): Promise<Uint8Array> {
    const filter = ({ name, originalSize }: { name: string; originalSize: number }): boolean => {
      if (name !== wanted) return false;
      if (originalSize > mostBytes) throw wrongData('This file is larger than 2 GB when it is unpacked.', wanted);
      return true;
    };
    const found = unzipSync(bytes, { filter })[wanted];
    return found === undefined ? Promise.reject(new Error(`${wanted} is not there any more`)) : Promise.resolve(found);
  }
}

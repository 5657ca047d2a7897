import { readFile } from 'node:fs/promises';

export const loadWasm = (): Promise<Uint8Array<ArrayBuffer>> =>
  readFile(new URL('./narrowcast.wasm', import.meta.url)) as Promise<Buffer<ArrayBuffer>>;

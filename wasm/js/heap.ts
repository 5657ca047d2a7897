// The only file that touches the engine's memory. Memory may grow at any call and leave old views without bytes, so a
// view is made anew for every copy and never kept.
import type { EngineModule } from './engine-module.js';
import { NarrowcastError } from './errors.js';
import type { ByteStream } from './source.js';

const addressSpace = 2 ** 32;

/** Copies a file into a buffer that the engine owns, chunk by chunk: a streamed file never exists twice. */
export async function copyIn(
  module: EngineModule,
  allocate: (size: number) => number,
  name: string,
  source: ByteStream,
  onBytes: (count: number) => void,
): Promise<void> {
  const { size } = source;
  const pointer = size < addressSpace ? allocate(size) : 0;
  if (pointer === 0) {
    throw new NarrowcastError('out_of_memory', `There is no room for the ${size} bytes of the file.`, name);
  }
  let offset = 0;
  for await (const chunk of source.chunks()) {
    if (offset + chunk.length > size) break;
    module.HEAPU8.set(chunk, pointer + offset);
    offset += chunk.length;
    onBytes(chunk.length);
  }
  if (offset !== size) {
    throw new NarrowcastError(
      'usage',
      `The file changed its size while it was read: ${size} bytes were announced.`,
      name,
    );
  }
}

/** Copies bytes to where the engine wants them. */
export const putIn = (module: EngineModule, pointer: number, bytes: Uint8Array): void =>
  module.HEAPU8.set(bytes, pointer);

/** Copies bytes that the engine made. */
export const copyOut = (module: EngineModule, pointer: number, size: number): Uint8Array<ArrayBuffer> =>
  module.HEAPU8.slice(pointer, pointer + size);

export const heapBytes = (module: EngineModule): number => module.HEAPU8.length;

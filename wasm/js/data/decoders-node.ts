// The picture decoders' engines, from the packages' own files: their glue would ask the network.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { PictureKind } from './pictures.js';

const { resolve } = createRequire(import.meta.url);
const files: Record<PictureKind, string> = {
  jpeg: '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm',
  png: '@jsquash/png/codec/pkg/squoosh_png_bg.wasm',
  webp: '@jsquash/webp/codec/dec/webp_dec.wasm',
};

export const decoderEngine = async (kind: PictureKind): Promise<WebAssembly.Module | undefined> =>
  WebAssembly.compile((await readFile(resolve(files[kind]))) as Buffer<ArrayBuffer>);

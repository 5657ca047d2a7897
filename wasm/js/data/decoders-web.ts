import type { PictureKind } from './pictures.js';

// The decoders find their engines beside themselves, where bundlers put them.
export const decoderEngine = async (_kind: PictureKind): Promise<WebAssembly.Module | undefined> => undefined;

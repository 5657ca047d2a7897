import modelUrl from '../../models/digits.onnx?url';
import samplesUrl from '../../models/digits.zip?url';
import type { GivenFile } from './engine/given-files.ts';

export const sampleName = 'digits.onnx';

async function load(url: string, name: string): Promise<GivenFile> {
  const response = await fetch(url);
  return { path: name, file: new File([await response.blob()], name) };
}

/** The model that comes with the page, and samples for it. */
export const loadSample = (): Promise<GivenFile[]> =>
  Promise.all([load(modelUrl, sampleName), load(samplesUrl, 'digits.zip')]);

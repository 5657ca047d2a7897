import onnxUrl from '../../models/digits.onnx?url';
import tfliteUrl from '../../models/digits.tflite?url';
import samplesUrl from '../../models/digits.zip?url';
import type { GivenFile } from './engine/given-files.ts';

interface SampleModel {
  name: string;
  format: string;
  url: string;
}

/** The models that come with the page: the same one in both formats. */
export const sampleModels: readonly SampleModel[] = [
  { name: 'digits.onnx', format: 'ONNX', url: onnxUrl },
  { name: 'digits.tflite', format: 'TFLite', url: tfliteUrl },
];

async function load(url: string, name: string): Promise<GivenFile> {
  const response = await fetch(url);
  return { path: name, file: new File([await response.blob()], name) };
}

/** One of them, and samples for it. */
export const loadSample = ({ name, url }: SampleModel): Promise<GivenFile[]> =>
  Promise.all([load(url, name), load(samplesUrl, 'digits.zip')]);

import url from '../../models/digits.onnx?url';

export const sampleName = 'digits.onnx';

/** The model that comes with the page. */
export async function loadSample(): Promise<File> {
  const response = await fetch(url);
  return new File([await response.blob()], sampleName);
}

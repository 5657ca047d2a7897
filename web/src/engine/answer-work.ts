// What the float model says of a few samples, before anything is narrowed.
import { type FileOptions, loadModel, type Tensor } from 'narrowcast';
import { answerOf } from './answer.ts';
import { openData, openOnce, previewedOf } from './data-work.ts';
import type { DataRequest, ModelAnswer, ModelFiles } from './protocol.ts';

const asked = 5;

export async function askFloat(
  files: ModelFiles,
  request: DataRequest,
  options: FileOptions & { signal: AbortSignal },
): Promise<ModelAnswer[]> {
  const samples = await openData(request);
  const model = await loadModel(files.model, options);
  try {
    const answers: ModelAnswer[] = [];
    for (const index of previewedOf(samples.count)) {
      if (answers.length >= asked) break;
      const sample = await samples.read(index);
      if (sample === undefined) continue;
      const { outputs } = await model.run(sample, { signal: options.signal });
      const { place, file } = samples.sourceOf(index);
      answers.push({ place, file, outputs: Object.entries(outputs).map(([name, tensor]) => answerOf(name, tensor)) });
    }
    return answers;
  } finally {
    model.dispose();
  }
}

/** One sample, for a runtime that is not the engine. Undefined when it cannot be read. */
export async function readSample(
  request: DataRequest,
  index: number,
  isKept: boolean,
): Promise<Record<string, Tensor> | undefined> {
  return (await (isKept ? openData : openOnce)(request)).read(index);
}

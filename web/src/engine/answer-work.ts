// What the float model says of a few samples, before anything is narrowed.
import { type FileOptions, loadModel, type Tensor } from 'narrowcast';
import { openData, previewedOf } from './data-work.ts';
import type { DataRequest, ModelAnswer, ModelFiles, OutputAnswer } from './protocol.ts';

const asked = 5;
const best = 3;

/** Shares of scores: as they are when they are shares already, else by the exponential function. */
function sharesOf(scores: number[]): number[] {
  const sum = scores.reduce((total, score) => total + score, 0);
  if (scores.every((score) => score >= 0 && score <= 1) && sum <= 1.01) return scores;
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const whole = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / whole);
}

export function answerOf(name: string, { shape, data, dtype }: Tensor): OutputAnswer {
  const numbers = dtype === 'float16' || dtype === 'bfloat16' ? [] : Array.from(data, Number);
  const [min, max] = numbers.reduce(
    ([low, high], number) => [Math.min(low, number), Math.max(high, number)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const told = { name, shape: [...shape], min, max };
  // One row of scores is a choice among classes; anything else is told by its numbers.
  const isChoice = numbers.length > 1 && numbers.length === shape.at(-1) && /^float/.test(dtype);
  if (!isChoice) return told;
  const shares = sharesOf(numbers);
  const top = numbers
    .map((_, index) => ({ index, share: shares[index] ?? 0 }))
    .sort((a, b) => b.share - a.share || a.index - b.index)
    .slice(0, best);
  return { ...told, top };
}

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

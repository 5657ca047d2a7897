// What an output says, as people read it.
import type { Tensor } from 'narrowcast';
import type { OutputAnswer } from './protocol.ts';

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

const isBits = (dtype: string): boolean => dtype === 'float16' || dtype === 'bfloat16';

export function answerOf(name: string, { shape, data, dtype }: Tensor): OutputAnswer {
  const numbers = isBits(dtype) ? [] : Array.from(data, Number);
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

/** The largest difference of two outputs' numbers; undefined when they cannot be compared. */
export function largestDifference(one: Tensor, other: Tensor): number | undefined {
  if (one.data.length !== other.data.length || isBits(one.dtype) || isBits(other.dtype)) return undefined;
  let most = 0;
  for (let i = 0; i < one.data.length; i += 1) {
    most = Math.max(most, Math.abs(Number(one.data[i]) - Number(other.data[i])));
  }
  return most;
}

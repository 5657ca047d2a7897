// What a model says: its likeliest classes, or the numbers of its output.
import type { OutputAnswer } from '../engine/protocol.ts';
import { percentText, shortNumber } from '../words/numbers.ts';
import { Bar } from './bars.tsx';

/** The output that says most: a choice, where there is one. */
export const chosenOutput = (outputs: OutputAnswer[]): OutputAnswer | undefined =>
  outputs.find(({ top }) => top !== undefined) ?? outputs[0];

interface TopAnswersProps {
  outputs: OutputAnswer[];
  classes: readonly string[];
  kind: 'f' | 'q';
}

export const TopAnswers = ({ outputs, classes, kind }: TopAnswersProps) => {
  const output = chosenOutput(outputs);
  if (output === undefined) return null;
  if (output.top === undefined) {
    return (
      <p class="meta">
        <span class="mono">{output.name}</span> {output.shape.join(' × ')}: from {shortNumber(output.min)} to{' '}
        {shortNumber(output.max)}
      </p>
    );
  }
  return (
    <ul class="ans">
      {output.top.map(({ index, share }) => (
        <li key={index}>
          <span class="name">{classes[index] ?? `class ${index}`}</span>
          <span>{percentText(share)}</span>
          <Bar kind={kind} share={share} />
        </li>
      ))}
    </ul>
  );
};

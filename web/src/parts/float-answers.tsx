// Does the model get these right before it is narrowed? If not, it was fed with the wrong numbers.
import { useState } from 'preact/hooks';
import type { DataLook, ModelAnswer, OutputAnswer } from '../engine/protocol.ts';
import type { Opened } from '../state.ts';
import { useAnswers } from '../use-answers.ts';
import type { Narrowcast } from '../use-narrowcast.ts';
import { percentText } from '../words/numbers.ts';
import { Bar } from './bars.tsx';
import { FileButton } from './file-button.tsx';
import { Thumb } from './sample-thumbs.tsx';

const shortNumber = (value: number): string => String(Number(value.toPrecision(3)));

const lastPart = (path: string): string => path.split('/').at(-1) ?? path;

/** The output that says most: a choice, where there is one. */
const chosenOutput = ({ outputs }: ModelAnswer): OutputAnswer | undefined =>
  outputs.find(({ top }) => top !== undefined) ?? outputs[0];

const Said = ({ answer, classes }: { answer: ModelAnswer; classes: string[] }) => {
  const output = chosenOutput(answer);
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
          <Bar kind="f" share={share} />
        </li>
      ))}
    </ul>
  );
};

const pictureAt = (look: DataLook | undefined, place: number) =>
  look?.previews
    .find((preview) => preview.place === place)
    ?.seen.map(({ picture }) => picture)
    .find((picture) => picture !== undefined);

interface FloatAnswersProps {
  page: Narrowcast;
  opened: Opened;
}

export const FloatAnswers = ({ page, opened }: FloatAnswersProps) => {
  const { answers, isAsking, ask } = useAnswers(page, opened);
  const [classes, setClasses] = useState<string[]>([]);
  const { look } = page.samples;
  const given = answers !== undefined && 'answers' in answers ? answers.answers : [];
  const isChoice = given.some((answer) => chosenOutput(answer)?.top !== undefined);
  if (answers === undefined && !isAsking && ask === undefined) return null;
  return (
    <section aria-labelledby="gate">
      <div class="sec-head">
        <h2 id="gate">Does the float model get these right?</h2>
        <span class="meta" role="status">
          {isAsking ? 'Asking it' : ''}
        </span>
      </div>
      <p class="meta">
        Its own answers, before anything is narrowed. If they look wrong, the preset is the first suspect: what is
        narrowed on wrong numbers stays wrong.
      </p>
      {ask !== undefined && (
        <button class="btn small" type="button" onClick={ask}>
          Run it on five
        </button>
      )}
      {answers !== undefined && 'reason' in answers && (
        <div class="note warn">
          <span>It does not run here: {answers.reason}</span>
        </div>
      )}
      {given.length > 0 && (
        <div class="card">
          <ul class="gate-grid">
            {given.map((answer) => {
              const picture = pictureAt(look, answer.place);
              return (
                <li key={answer.place}>
                  {picture === undefined ? (
                    <p class="small mono name">
                      {lastPart(answer.file)}, {answer.place + 1}
                    </p>
                  ) : (
                    <Thumb picture={picture} name={lastPart(answer.file)} />
                  )}
                  <Said answer={answer} classes={classes} />
                </li>
              );
            })}
          </ul>
          {isChoice && (
            <div class="row gap">
              <FileButton
                kind="small"
                accept=".txt,.csv"
                onFiles={([file]) =>
                  void file?.file.text().then((text) => setClasses(text.split(/\r?\n/).map((line) => line.trim())))
                }
              >
                Add class names
              </FileButton>
              <span class="meta">A name a line, from class 0 on.</span>
            </div>
          )}
        </div>
      )}
    </section>
  );
};

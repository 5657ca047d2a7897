// Does the model get these right before it is narrowed? If not, it was fed with the wrong numbers.
import { useState } from 'preact/hooks';
import type { GivenFile } from '../engine/given-files.ts';
import type { DataLook } from '../engine/protocol.ts';
import type { Opened } from '../state.ts';
import { useAnswers } from '../use-answers.ts';
import type { Narrowcast } from '../use-narrowcast.ts';
import { classNames } from '../words/class-names.ts';
import { FileButton } from './file-button.tsx';
import { Thumb } from './sample-thumbs.tsx';
import { chosenOutput, TopAnswers } from './top-answers.tsx';

const lastPart = (path: string): string => path.split('/').at(-1) ?? path;

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
  const { look, classes, setClasses } = page.samples;
  const [problem, setProblem] = useState('');
  const given = answers !== undefined && 'answers' in answers ? answers.answers : [];
  const isChoice = given.some((answer) => chosenOutput(answer.outputs)?.top !== undefined);
  const readNames = async (given: GivenFile | undefined): Promise<void> => {
    if (given === undefined) return;
    try {
      setClasses(classNames(await given.file.text()));
      setProblem('');
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
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
                  <TopAnswers outputs={answer.outputs} classes={classes} kind="f" />
                </li>
              );
            })}
          </ul>
          {isChoice && (
            <div class="row gap">
              <FileButton kind="small" accept=".txt,.csv,.json" onFiles={([file]) => void readNames(file)}>
                Add class names
              </FileButton>
              <span class="meta" role="status">
                {problem || 'A name a line, from class 0 on; lines of number and name; or JSON.'}
              </span>
            </div>
          )}
        </div>
      )}
    </section>
  );
};

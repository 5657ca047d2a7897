// For those who do not know what to choose: three questions.
import type { Description } from 'narrowcast';
import { useState } from 'preact/hooks';
import { type Answers, adviceOn, places, type Want, type Where, wants } from '../recipe/advice.ts';
import type { Opened } from '../state.ts';
import type { Narrowcast } from '../use-narrowcast.ts';

interface QuestionProps<T extends string> {
  title: string;
  name: string;
  choices: [value: T, title: string, hint?: string][];
  value: T;
  onValue: (value: T) => void;
}

function Question<T extends string>({ title, name, choices, value, onValue }: QuestionProps<T>) {
  return (
    <fieldset class="question">
      <legend>{title}</legend>
      <div class="choices">
        {choices.map(([choice, text, hint]) => (
          <label key={choice} class="choice">
            <input type="radio" name={name} checked={choice === value} onChange={() => onValue(choice)} />
            <span>
              {text}
              {hint !== undefined && <small>{hint}</small>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface AdviceProps {
  page: Narrowcast;
  description: Description;
  opened: Opened;
}

export const Advice = ({ page, description, opened }: AdviceProps) => {
  const { wish, setWish, samples } = page;
  const [answers, setAnswers] = useState<Answers>({
    where: 'unknown',
    hasSamples: samples.request !== undefined,
    want: 'smallest',
  });
  const advice = adviceOn(answers, wish, opened.inspection, description);
  const isChosen = advice !== undefined && JSON.stringify(advice.wish) === JSON.stringify(wish);
  const answer = (changed: Partial<Answers>): void => {
    const next = { ...answers, ...changed };
    setAnswers(next);
    const found = adviceOn(next, wish, opened.inspection, description);
    if (found !== undefined) setWish(found.wish);
  };
  return (
    <details class="advice">
      <summary>Not sure? Three questions lead to a technique</summary>
      <div class="card stack">
        <Question<Where>
          title="Where will it run?"
          name="where"
          choices={Object.entries(places).map(([key, { title, hint }]) => [key as Where, title, hint])}
          value={answers.where}
          onValue={(where) => answer({ where })}
        />
        <Question<'yes' | 'no'>
          title="Do you have 20 or more typical inputs?"
          name="have"
          choices={[
            ['yes', 'Yes, I have samples'],
            ['no', 'No'],
          ]}
          value={answers.hasSamples ? 'yes' : 'no'}
          onValue={(have) => answer({ hasSamples: have === 'yes' })}
        />
        <Question<Want>
          title="What matters more?"
          name="want"
          choices={Object.entries(wants).map(([key, title]) => [key as Want, title])}
          value={answers.want}
          onValue={(want) => answer({ want })}
        />
        <div class="note good" role="status">
          {advice !== undefined && (
            <>
              <b>{advice.technique.title}</b>
              <span>
                {advice.reason} {isChosen && 'It is chosen below; you can change anything.'}
              </span>
              {!isChosen && (
                <span>
                  <button class="btn small" type="button" onClick={() => setWish(advice.wish)}>
                    Choose it
                  </button>
                </span>
              )}
            </>
          )}
        </div>
      </div>
    </details>
  );
};

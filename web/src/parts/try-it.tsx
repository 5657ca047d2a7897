// Does it work on mine? Both models on one sample, side by side, in the runtime that will execute them.
import { useState } from 'preact/hooks';
import type { Narrowcast } from '../use-narrowcast.ts';
import type { Side, Trial, TrialDesk } from '../use-trial.ts';
import { msText, shortNumber, sizeText, timesText } from '../words/numbers.ts';
import { FileButton } from './file-button.tsx';
import { Thumb } from './sample-thumbs.tsx';
import { chosenOutput, TopAnswers } from './top-answers.tsx';

interface SideCardProps {
  title: string;
  side: Side;
  classes: readonly string[];
  kind: 'f' | 'q';
}

const SideCard = ({ title, side, classes, kind }: SideCardProps) => (
  <section class={`card ${kind}`} aria-label={title}>
    <h3 class="row between">
      {title} <span class="meta">{msText(side.median)}</span>
    </h3>
    <TopAnswers outputs={side.outputs} classes={classes} kind={kind} />
    <p class="meta gap-s">
      middle half of the runs {shortNumber(side.middle[0])} to {msText(side.middle[1])}
    </p>
  </section>
);

function verdictOf({ float, narrowed, largest }: Trial): string {
  const [one, other] = [chosenOutput(float.outputs)?.top, chosenOutput(narrowed.outputs)?.top];
  const difference = largest === undefined ? '' : ` The largest difference of any number is ${shortNumber(largest)}.`;
  if (one === undefined || other === undefined) return difference.trim() || 'The outputs cannot be compared.';
  const isSame = one[0]?.index === other[0]?.index;
  return `${isSame ? 'The same answer.' : 'Another answer.'}${difference}`;
}

/** Only what the machine's own unrest does not explain. */
function speedOf({ float, narrowed }: Trial): string {
  const ratio = float.median / narrowed.median;
  if (narrowed.middle[1] < float.middle[0]) return `${timesText(ratio)} times as fast here`;
  if (narrowed.middle[0] > float.middle[1]) return `${timesText(1 / ratio)} times slower here`;
  return 'No difference in speed that could be told here';
}

interface TryItProps {
  page: Narrowcast;
  desk: TrialDesk;
}

export const TryIt = ({ page, desk }: TryItProps) => {
  const [picked, setPicked] = useState<number>();
  const { state, title, runtimeBytes } = desk;
  const previews = page.samples.look?.previews ?? [];
  const isBusy = state.at === 'busy';
  return (
    <section aria-labelledby="try-h" class="gap-xl">
      <div class="sec-head">
        <h2 id="try-h">Try both</h2>
        <span class="meta" role="status">
          {state.at === 'busy' ? state.text : ''}
        </span>
      </div>
      <p class="meta">
        In {title}, on one sample: {sizeText(runtimeBytes)} are fetched from this site the first time. One thread; the
        median of up to 20 measurements, warm.
      </p>
      <div class="row gap-s">
        {previews.slice(0, 5).map((preview) => {
          const picture = preview.seen.find((one) => one.picture !== undefined)?.picture;
          const name = preview.file.split('/').at(-1) ?? String(preview.place);
          return (
            <button
              key={preview.index}
              class="sample-pick"
              type="button"
              aria-pressed={picked === preview.index}
              disabled={isBusy}
              onClick={() => {
                setPicked(preview.index);
                desk.trySample(preview.index);
              }}
            >
              {picture === undefined ? `Sample ${preview.place + 1}` : <Thumb picture={picture} name={`Try ${name}`} />}
            </button>
          );
        })}
        <FileButton
          kind="small"
          onFiles={(files) => {
            setPicked(undefined);
            desk.tryFile(files);
          }}
        >
          Try a file of yours
        </FileButton>
      </div>
      {state.at === 'failed' && (
        <div class="note bad gap" role="alert">
          <h3>It could not be tried</h3>
          <span>{state.reason}</span>
        </div>
      )}
      {state.at === 'done' && (
        <div class="gap stack">
          <div class="try">
            <SideCard title="Float" side={state.trial.float} classes={page.samples.classes} kind="f" />
            <SideCard title="Narrowed" side={state.trial.narrowed} classes={page.samples.classes} kind="q" />
          </div>
          <div class="note" role="status">
            <b>{speedOf(state.trial)}</b>
            <span>{verdictOf(state.trial)}</span>
          </div>
        </div>
      )}
    </section>
  );
};

import type { Description } from 'narrowcast';
import { useState } from 'preact/hooks';
import { NodeVerdicts } from '../parts/node-verdicts.tsx';
import { ResultTiles } from '../parts/result-tiles.tsx';
import { download } from '../parts/save.tsx';
import { fileName, TakeAway } from '../parts/take-away.tsx';
import { WeightTable } from '../parts/weight-table.tsx';
import { withKept } from '../recipe/keep.ts';
import { techniqueOf, techniquesOf } from '../recipe/techniques.ts';
import type { Opened, Outcome } from '../state.ts';
import type { Narrowcast } from '../use-narrowcast.ts';
import { counted, secondsText, sizeText } from '../words/numbers.ts';
import { finding } from '../words/result.ts';

interface ResultScreenProps {
  page: Narrowcast;
  description: Description;
  opened: Opened;
  outcome: Outcome;
}

export const ResultScreen = ({ page, description, opened, outcome }: ResultScreenProps) => {
  const { narrowed } = outcome;
  const { report } = narrowed;
  // Boxes that are ticked here change nothing until the work is done again.
  const [wish, setWish] = useState(outcome.wish);
  const changed = JSON.stringify(wish) !== JSON.stringify(outcome.wish);
  const technique = techniqueOf(outcome.wish, techniquesOf(description), description);
  const main = narrowed.files.find(({ name }) => name === '');
  const redo = (): void => {
    page.setWish(wish);
    page.run(wish);
  };
  return (
    <>
      <div class="result-head">
        <div>
          <h1 tabIndex={-1}>{finding(report)}</h1>
          <p class="meta gap-s">
            {opened.files.model.name}: {technique?.title ?? 'your own settings'}, in {secondsText(narrowed.elapsedMs)}.
            Errors are those of the weights; what they do to the answers depends on your inputs.
          </p>
        </div>
        <div class="row">
          <button class="btn" type="button" onClick={() => page.show({ at: 'model' })}>
            Change settings
          </button>
          {main !== undefined && (
            <button class="btn primary" type="button" onClick={() => download(main.blob, fileName(outcome, main.name))}>
              Download {sizeText(main.blob.size)}
            </button>
          )}
        </div>
      </div>
      <ResultTiles report={report} model={opened.inspection} />
      <p class="row gap-s">
        <span class="key">float model</span>
        <span class="key q">narrowed</span>
      </p>
      {report.warnings.map((warning) => (
        <div key={warning} class="note warn gap">
          <span>{warning}</span>
        </div>
      ))}
      <section aria-labelledby="weights-h" class="gap-l">
        <div class="sec-head">
          <h2 id="weights-h">Where the error comes from</h2>
          <span class="key w">10 % or more of the weight</span>
        </div>
        <div class="boxed">
          <WeightTable report={report} wish={wish} onKeep={(name, keep) => setWish(withKept(wish, name, keep))} />
          {changed && (
            <section class="redo" aria-label="Redo with changes">
              <span>
                <b>Change what is kept in float</b>
                <br />
                {counted(Array.isArray(wish.exclude) ? wish.exclude.length : 0, 'pattern')} in all. The result is made
                anew.
              </span>
              <span class="row">
                <button class="btn" type="button" onClick={() => setWish(outcome.wish)}>
                  Clear
                </button>
                <button class="btn primary" type="button" onClick={redo}>
                  Redo
                </button>
              </span>
            </section>
          )}
        </div>
        <p class="meta gap-s">
          Error is the root mean square difference to the float weight, as a share of its own root mean square; SQNR is
          the same in decibels.
        </p>
      </section>
      <NodeVerdicts report={report} />
      <TakeAway outcome={outcome} description={description} model={opened.files.model.name} />
    </>
  );
};

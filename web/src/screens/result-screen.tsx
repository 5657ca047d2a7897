import type { Description } from 'narrowcast';
import { useMemo, useState } from 'preact/hooks';
import { BetterInFloat } from '../parts/better-in-float.tsx';
import { NodeVerdicts } from '../parts/node-verdicts.tsx';
import { ResultTiles } from '../parts/result-tiles.tsx';
import { download } from '../parts/save.tsx';
import { fileName, TakeAway } from '../parts/take-away.tsx';
import { TryIt } from '../parts/try-it.tsx';
import { ValueDetail } from '../parts/value-detail.tsx';
import { ValueTable } from '../parts/value-table.tsx';
import { WeightTable } from '../parts/weight-table.tsx';
import { keptCount, withKept } from '../recipe/keep.ts';
import { lastRanged, rangeCount } from '../recipe/ranges.ts';
import { techniqueOf, techniquesOf } from '../recipe/techniques.ts';
import type { Wish } from '../recipe/wish.ts';
import type { Opened, Outcome } from '../state.ts';
import type { Narrowcast } from '../use-narrowcast.ts';
import { useTrial } from '../use-trial.ts';
import { counted, secondsText, sizeText } from '../words/numbers.ts';
import { finding, isInteger, worstDecisions } from '../words/result.ts';
import { valueRows } from '../words/values.ts';

interface ResultScreenProps {
  page: Narrowcast;
  description: Description;
  opened: Opened;
  outcome: Outcome;
}

interface KeepProps {
  outcome: Outcome;
  wish: Wish;
  onWish: (wish: Wish) => void;
  onRedo: (wish: Wish) => void;
}

function changesText(wish: Wish): string {
  const ranges = rangeCount(wish);
  const kept = `${counted(keptCount(wish), 'name')} in float`;
  return ranges === 0 ? kept : `${kept}, ${counted(ranges, 'range')} stated`;
}

/** What is ticked or moved changes nothing until the work is done again. */
const RedoBar = ({ outcome, wish, onWish, onRedo, of }: KeepProps & { of: 'values' | 'weights' }) =>
  JSON.stringify(wish) === JSON.stringify(outcome.wish) ? null : (
    <section class="redo" aria-label={`Redo with other ${of}`}>
      <span>
        <b>{rangeCount(wish) === 0 ? 'Keep them in float' : 'Redo with what you chose'}</b>
        <br />
        {changesText(wish)}. The result is made {outcome.samples === undefined ? 'anew' : 'and judged anew'}.
      </span>
      <span class="row">
        <button class="btn" type="button" onClick={() => onWish(outcome.wish)}>
          Clear
        </button>
        <button class="btn primary" type="button" onClick={() => onRedo(wish)}>
          Redo
        </button>
      </span>
    </section>
  );

const Values = (props: KeepProps) => {
  const { outcome, wish, onWish, onRedo } = props;
  const { report } = outcome.narrowed;
  const rows = useMemo(() => valueRows(report), [report]);
  // Whoever stated a range looks at what came of it.
  const [picked, setPicked] = useState(() => lastRanged(outcome.wish));
  const place = Math.max(
    0,
    rows.findIndex(({ name }) => name === picked),
  );
  const row = rows[place];
  const go = (to: number) => (rows[to] === undefined ? undefined : () => setPicked(rows[to]?.name));
  return (
    <div class="bench">
      <section aria-labelledby="values-h">
        <div class="sec-head">
          <h2 id="values-h">Where the error comes from</h2>
          <span class="key w">10 % or more of the value</span>
        </div>
        <div class="boxed">
          <ValueTable
            rows={rows}
            picked={row?.name}
            wish={wish}
            onPick={setPicked}
            onKeep={(node, keep) => onWish(withKept(wish, node, keep))}
          />
          <RedoBar {...props} of="values" />
        </div>
        <p class="meta gap-s">
          Error is the root mean square difference to the float model, as a share of the value’s own root mean square,
          everything before it narrowed too; SQNR is the same in decibels.
        </p>
      </section>
      {row !== undefined && (
        <ValueDetail
          row={row}
          target={report.target}
          wish={wish}
          asked={outcome.wish}
          onWish={onWish}
          onRedo={onRedo}
          onPrevious={go(place - 1)}
          onNext={go(place + 1)}
        />
      )}
    </div>
  );
};

const Weights = (props: KeepProps) => {
  const { outcome, wish, onWish } = props;
  const { report } = outcome.narrowed;
  return (
    <>
      <div class="boxed">
        <WeightTable report={report} wish={wish} onKeep={(name, keep) => onWish(withKept(wish, name, keep))} />
        <RedoBar {...props} of="weights" />
      </div>
      <p class="meta gap-s">
        Error is the root mean square difference to the float weight, as a share of its own root mean square; SQNR is
        the same in decibels.
      </p>
    </>
  );
};

const howJudged = ({ narrowed: { report }, samples }: Outcome): string => {
  const { judged } = report;
  if (judged !== undefined) {
    return `Compared with the float model on ${counted(judged.samples, 'sample')}${
      isInteger(report) ? ' of those that it was calibrated with' : ''
    }.`;
  }
  return samples === undefined
    ? 'Errors are those of the weights; what they do to the answers depends on your inputs.'
    : 'It was not compared with the float model.';
};

export const ResultScreen = ({ page, description, opened, outcome }: ResultScreenProps) => {
  const { narrowed } = outcome;
  const { report } = narrowed;
  const [wish, setWish] = useState(outcome.wish);
  const desk = useTrial(page, opened, outcome);
  const technique = techniqueOf(outcome.wish, techniquesOf(description), description);
  const main = narrowed.files.find(({ name }) => name === '');
  const redo = (changed: Wish): void => {
    page.setWish(changed);
    page.run(changed);
  };
  const keeping = { outcome, wish, onWish: setWish, onRedo: redo };
  return (
    <>
      <div class="result-head">
        <div>
          <h1 tabIndex={-1}>{finding(report)}</h1>
          <p class="meta gap-s">
            {opened.files.model.name}: {technique?.title ?? 'your own settings'}, in {secondsText(narrowed.elapsedMs)}.{' '}
            {howJudged(outcome)}
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
      <ResultTiles report={report} model={opened.inspection} desk={desk} />
      <p class="row gap-s">
        <span class="key">float model</span>
        <span class="key q">narrowed</span>
        {report.judged !== undefined && worstDecisions(report)?.decisions === report.judged.samples && (
          <span class="key ci-key">likely range</span>
        )}
      </p>
      <BetterInFloat report={report} wish={outcome.wish} onRedo={redo} />
      {report.warnings.length > 0 && (
        <ul class="note warn gap">
          {report.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      {isInteger(report) ? (
        <Values {...keeping} />
      ) : (
        <section aria-labelledby="weights-h" class="gap-l">
          <div class="sec-head">
            <h2 id="weights-h">Where the error comes from</h2>
            <span class="key w">10 % or more of the weight</span>
          </div>
          <Weights {...keeping} />
        </section>
      )}
      <NodeVerdicts report={report} />
      {isInteger(report) && (
        <details class="gap">
          <summary id="weights-h">Every weight</summary>
          <Weights {...keeping} />
        </details>
      )}
      {desk !== undefined && <TryIt page={page} desk={desk} />}
      <TakeAway page={page} outcome={outcome} description={description} model={opened.files.model.name} />
    </>
  );
};

import type { Inspection, Report } from 'narrowcast';
import {
  counted,
  decibelText,
  errorShare,
  grouped,
  percentText,
  sized,
  sizeText,
  timesText,
} from '../words/numbers.ts';
import {
  bytesAfter,
  bytesBefore,
  integerNodes,
  isInteger,
  likelyShare,
  narrowedOf,
  noiseText,
  worstDecisions,
  worstWeight,
} from '../words/result.ts';
import { Bar, TwoBars } from './bars.tsx';
import { Tile } from './tile.tsx';

interface ResultTilesProps {
  report: Report;
  model: Inspection;
}

const SizeTile = ({ report }: { report: Report }) => {
  const { input_bytes: before, output_bytes: after } = report;
  const now = sized(after, before);
  const narrowed = narrowedOf(report);
  return (
    <Tile
      title="Size"
      was={sized(before).value}
      value={now.value}
      unit={now.unit}
      meta={`the narrowed weights ${sizeText(bytesBefore(narrowed))} to ${sizeText(bytesAfter(narrowed))}`}
    >
      <TwoBars share={after / before} />
    </Tile>
  );
};

const TimesTile = ({ report: { input_bytes: before, output_bytes: after } }: { report: Report }) => (
  <Tile
    title="Times smaller"
    value={timesText(before / after)}
    meta={`${percentText(after / before)} of the size is left`}
  >
    <Bar kind="q" share={after / before} />
  </Tile>
);

const WeightsTile = ({ report, model }: ResultTilesProps) => {
  const narrowed = narrowedOf(report);
  const share = bytesBefore(narrowed) / Math.max(1, model.float_bytes);
  return (
    <Tile
      title="Weights narrowed"
      value={String(narrowed.length)}
      unit={`of ${report.values.length}`}
      meta={`${percentText(share)} of the float bytes; small constants rarely pay`}
    >
      <Bar kind="q" share={share} />
    </Tile>
  );
};

const IntegersTile = ({ report }: { report: Report }) => {
  const integers = integerNodes(report);
  const count = report.nodes.length;
  return (
    <Tile
      title="Ops in integers"
      value={grouped(integers)}
      unit={`of ${grouped(count)}`}
      meta={`on ${report.target}; ${count === integers ? 'none stays' : `${grouped(count - integers)} stay`} in float`}
    >
      <Bar kind="q" share={integers / Math.max(1, count)} />
    </Tile>
  );
};

const WorstWeightTile = ({ report }: { report: Report }) => {
  const worst = worstWeight(report);
  if (worst === undefined) {
    return <Tile title="Worst SQNR" value="exact" meta="every narrowed weight reads back as it was" />;
  }
  return (
    <Tile
      title="Worst SQNR"
      value={decibelText(worst.db)}
      unit="dB"
      meta={
        <>
          <span class="mono">{worst.weight.name}</span>, an error of {percentText(errorShare(worst.db))}
        </>
      }
    />
  );
};

/** How often the narrowed model says what it should: with answers, the right thing; without, what the float model says. */
const AnswersTile = ({ report }: { report: Report }) => {
  const accuracy = report.judged?.accuracy;
  if (accuracy !== undefined) {
    const { before, after, labels } = accuracy;
    return (
      <Tile
        title="Accuracy"
        was={percentText(before / labels)}
        value={percentText(after / labels)}
        meta={`${counted(labels, 'right answer')} known; a small change can be chance`}
      >
        <TwoBars share={after / Math.max(1, before)} />
      </Tile>
    );
  }
  const decided = worstDecisions(report);
  if (decided === undefined) {
    const most = Math.max(0, ...(report.judged?.outputs ?? []).map(({ max_error }) => max_error));
    return (
      <Tile title="Largest error" value={String(Number(most.toPrecision(3)))} meta="of any number in the outputs" />
    );
  }
  const { same, decisions, name } = decided;
  // Several decisions of one sample stand and fall together: they are no sample of their own.
  const range = decisions === report.judged?.samples ? likelyShare(same, decisions) : undefined;
  const likely =
    range === undefined ? '' : `; between ${percentText(range[0])} and ${percentText(range[1])} for samples like these`;
  return (
    <Tile
      title="Same answer"
      value={grouped(same)}
      unit={`of ${grouped(decisions)}`}
      meta={`at ${name}, ${percentText(same / decisions)}${likely}`}
    >
      <Bar kind="q" share={same / decisions} {...(range === undefined ? {} : { range })} />
    </Tile>
  );
};

const NoiseTile = ({ report }: { report: Report }) => {
  const outputs = report.judged?.outputs ?? [];
  const [worst] = outputs.toSorted(
    (a, b) =>
      Number(b.unlike !== undefined) - Number(a.unlike !== undefined) ||
      (a.sqnr_db ?? Number.POSITIVE_INFINITY) - (b.sqnr_db ?? Number.POSITIVE_INFINITY),
  );
  if (worst === undefined) return null;
  const [value = '', unit = ''] = noiseText(worst).split(' ');
  const error = typeof worst.sqnr_db === 'number' ? `, an error of ${percentText(errorShare(worst.sqnr_db))}` : '';
  return (
    <Tile
      title="Signal to noise"
      value={value}
      unit={unit}
      meta={
        <>
          at <span class="mono">{worst.name}</span>, end to end{error}
        </>
      }
    />
  );
};

export const ResultTiles = ({ report, model }: ResultTilesProps) => {
  const isJudged = report.judged !== undefined;
  return (
    <section aria-labelledby="tiles">
      <h2 class="vh" id="tiles">
        Before and after
      </h2>
      <div class="tiles">
        <SizeTile report={report} />
        {isInteger(report) ? <IntegersTile report={report} /> : !isJudged && <TimesTile report={report} />}
        {!isInteger(report) && <WeightsTile report={report} model={model} />}
        {isJudged && <AnswersTile report={report} />}
        {isJudged && <NoiseTile report={report} />}
        {!isJudged && <WorstWeightTile report={report} />}
        {!isJudged && isInteger(report) && <TimesTile report={report} />}
      </div>
    </section>
  );
};

import type { Inspection, OutputJudgement, Report } from 'narrowcast';
import type { TrialDesk } from '../use-trial.ts';
import {
  counted,
  decibelText,
  errorShare,
  grouped,
  percentText,
  shortNumber,
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
import { LatencyTile } from './latency-tile.tsx';
import { Tile } from './tile.tsx';

interface ResultTilesProps {
  report: Report;
  model: Inspection;
  /** Undefined where no runtime of the format runs here. */
  desk: TrialDesk | undefined;
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

const WeightsTile = ({ report, model }: Omit<ResultTilesProps, 'desk'>) => {
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

/** The output with the most noise; one that cannot be compared before all others. */
function noisiest(report: Report): OutputJudgement | undefined {
  const [worst] = (report.judged?.outputs ?? []).toSorted(
    (a, b) =>
      Number(b.unlike !== undefined) - Number(a.unlike !== undefined) ||
      (a.sqnr_db ?? Number.POSITIVE_INFINITY) - (b.sqnr_db ?? Number.POSITIVE_INFINITY),
  );
  return worst;
}

const errorText = ({ sqnr_db: db }: OutputJudgement): string =>
  typeof db === 'number' ? `, an error of ${percentText(errorShare(db))}` : '';

const Noise = ({ report }: { report: Report }) => {
  const worst = noisiest(report);
  return worst === undefined ? null : (
    <>
      ; {noiseText(worst)} at <span class="mono">{worst.name}</span>
      {errorText(worst)}
    </>
  );
};

const NoiseTile = ({ report }: { report: Report }) => {
  const worst = noisiest(report);
  if (worst === undefined) return null;
  const [value = '', unit = ''] = noiseText(worst).split(' ');
  return (
    <Tile
      title="Signal to noise"
      value={value}
      unit={unit}
      meta={
        <>
          at <span class="mono">{worst.name}</span>, end to end{errorText(worst)}; no number is off by more than{' '}
          {shortNumber(Math.max(0, ...(report.judged?.outputs ?? []).map(({ max_error }) => max_error)))}
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
        meta={
          <>
            {counted(labels, 'right answer')} known; a small change can be chance
            <Noise report={report} />
          </>
        }
      >
        <TwoBars share={after / Math.max(1, before)} />
      </Tile>
    );
  }
  const decided = worstDecisions(report);
  if (decided === undefined) return <NoiseTile report={report} />;
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
      meta={
        <>
          at {name}, {percentText(same / decisions)}
          {likely}
          <Noise report={report} />
        </>
      }
    >
      <Bar kind="q" share={same / decisions} {...(range === undefined ? {} : { range })} />
    </Tile>
  );
};

/** Four: size, speed, what it says, what was narrowed. */
export const ResultTiles = ({ report, model, desk }: ResultTilesProps) => (
  <section aria-labelledby="tiles">
    <h2 class="vh" id="tiles">
      Before and after
    </h2>
    <div class="tiles">
      <SizeTile report={report} />
      {desk?.measureTimes === undefined ? <TimesTile report={report} /> : <LatencyTile desk={desk} />}
      {report.judged === undefined ? <WorstWeightTile report={report} /> : <AnswersTile report={report} />}
      {isInteger(report) ? <IntegersTile report={report} /> : <WeightsTile report={report} model={model} />}
    </div>
  </section>
);

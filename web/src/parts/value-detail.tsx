// The chosen value: how its numbers are spread, and what the codes keep of them.
import type { ValueJudgement } from 'narrowcast';
import { grouped, percentText } from '../words/numbers.ts';
import { noiseText } from '../words/result.ts';
import type { ValueRow } from '../words/values.ts';

const shortNumber = (value: number): string => String(Number(value.toPrecision(3)));

type Histogram = NonNullable<ValueJudgement['histogram']>;

const plotWidth = 480;
const plotHeight = 132;

interface PlotProps {
  name: string;
  histogram: Histogram;
  range: readonly [number, number];
  clipped: number;
}

/** Bars as one path for what the codes reach and one for what they do not. */
function barsOf(
  { min, max, counts }: Histogram,
  range: readonly [number, number],
): { inside: string; outside: string } {
  const most = Math.log1p(Math.max(...counts));
  const step = plotWidth / counts.length;
  const paths = { inside: '', outside: '' };
  for (const [i, count] of counts.entries()) {
    if (count === 0) continue;
    const height = Math.max(1, (plotHeight * Math.log1p(count)) / most);
    const middle = min + ((i + 0.5) * (max - min)) / counts.length;
    const side = middle < range[0] || middle > range[1] ? 'outside' : 'inside';
    const [x, width, tall] = [(i * step).toFixed(1), (step * 0.85).toFixed(1), height.toFixed(1)];
    paths[side] += `M${x} ${plotHeight}v-${tall}h${width}v${tall}z`;
  }
  return paths;
}

const ticksAt = [0, 0.25, 0.5, 0.75, 1];

const Plot = ({ name, histogram, range, clipped }: PlotProps) => {
  const { min, max } = histogram;
  const { inside, outside } = barsOf(histogram, range);
  const at = (value: number): string =>
    (max > min ? Math.min(plotWidth, Math.max(0, ((value - min) / (max - min)) * plotWidth)) : 0).toFixed(1);
  const told = `The codes reach from ${shortNumber(range[0])} to ${shortNumber(range[1])}; ${percentText(clipped)} of the numbers lie outside.`;
  return (
    <>
      <figure class="chart bare" role="img" aria-label={`How often numbers occur in ${name}, log scale. ${told}`}>
        <svg
          class="plot stretch"
          viewBox={`0 0 ${plotWidth} ${plotHeight}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          <path class="out" d={outside} />
          <path class="in" d={inside} />
          <path class="axis" d={`M0 ${plotHeight}H${plotWidth}`} />
          <path class="clip" d={`M${at(range[0])} 0V${plotHeight}`} />
          <path class="clip" d={`M${at(range[1])} 0V${plotHeight}`} />
        </svg>
      </figure>
      <div class="ticks" aria-hidden="true">
        {ticksAt.map((share) => (
          <span key={share}>{shortNumber(min + share * (max - min))}</span>
        ))}
      </div>
    </>
  );
};

const AsTable = ({ histogram: { min, max, counts } }: { histogram: Histogram }) => {
  const step = (max - min) / counts.length;
  return (
    <details class="small">
      <summary>As a table</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scroll low" tabIndex={0} aria-label="Histogram as a table">
        <table>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col" class="num">
                Numbers
              </th>
            </tr>
          </thead>
          <tbody>
            {counts.map((count, i) => (
              <tr key={i}>
                <td>{shortNumber(min + i * step)}</td>
                <td>{shortNumber(min + (i + 1) * step)}</td>
                <td class="num">{grouped(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
};

const Facts = ({ row: { activation, judged } }: { row: ValueRow }) => (
  <dl class="facts gap">
    {activation !== undefined && (
      <>
        <div>
          <dt>scale</dt>
          <dd>{shortNumber(activation.scale)}</dd>
        </div>
        <div>
          <dt>zero_point</dt>
          <dd>{activation.zero_point}</dd>
        </div>
      </>
    )}
    {judged !== undefined && (
      <>
        <div>
          <dt>clipped</dt>
          <dd>{percentText(judged.share_clipped)}</dd>
        </div>
        <div>
          <dt>SQNR</dt>
          <dd>{noiseText(judged)}</dd>
        </div>
        <div>
          <dt>largest error</dt>
          <dd>{shortNumber(judged.max_error)}</dd>
        </div>
      </>
    )}
  </dl>
);

interface ValueDetailProps {
  row: ValueRow;
  target: string;
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
}

export const ValueDetail = ({ row, target, onPrevious, onNext }: ValueDetailProps) => {
  const { name, activation, judged, node, op, reason } = row;
  const histogram = judged?.histogram;
  return (
    <section class="card detail" aria-labelledby="value-h">
      <div class="row between">
        <h2 id="value-h" class="mono name" aria-live="polite">
          {name}
        </h2>
        <span class="row">
          <button class="btn small" type="button" disabled={onPrevious === undefined} onClick={onPrevious}>
            Previous
          </button>
          <button class="btn small" type="button" disabled={onNext === undefined} onClick={onNext}>
            Next
          </button>
        </span>
      </div>
      <section class="gap" aria-labelledby="spread-h">
        <div class="row between">
          <h3 id="spread-h">Its numbers</h3>
          {histogram !== undefined && <span class="meta">log scale</span>}
        </div>
        {histogram !== undefined && activation !== undefined ? (
          <>
            <Plot name={name} histogram={histogram} range={activation.range} clipped={judged?.share_clipped ?? 0} />
            <p class="small gap-s">
              Codes reach from {shortNumber(activation.range[0])} to {shortNumber(activation.range[1])}; samples showed{' '}
              {shortNumber(activation.seen[0])} to {shortNumber(activation.seen[1])}.
            </p>
          </>
        ) : (
          <p class="meta">No histogram was taken.</p>
        )}
        <Facts row={row} />
        {histogram !== undefined && <AsTable histogram={histogram} />}
      </section>
      <section aria-labelledby="forecast-h">
        <h3 id="forecast-h">On {target}</h3>
        <dl class="pairs">
          <div>
            <dt>Made by</dt>
            <dd>{node === undefined ? 'an op in float, or the caller' : `${node} (${op})`}</dd>
          </div>
          <div>
            <dt>Forecast</dt>
            <dd>{reason}</dd>
          </div>
          {activation !== undefined && activation.like !== name && (
            <div>
              <dt>Scale of</dt>
              <dd class="mono">{activation.like}</dd>
            </div>
          )}
        </dl>
      </section>
    </section>
  );
};

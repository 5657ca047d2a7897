// How a value's numbers are spread, with the ends of what its codes reach as handles.
import type { ValueJudgement } from 'narrowcast';
import type { Range } from '../recipe/ranges.ts';
import { percentText, shortNumber } from '../words/numbers.ts';

export type Histogram = NonNullable<ValueJudgement['histogram']>;

const plotWidth = 480;
const plotHeight = 132;
const ticksAt = [0, 0.25, 0.5, 0.75, 1];
// From zero to either end.
const handleSteps = 200;

/** From where to where it is drawn: all numbers, all that codes reach, and zero, which they always reach. */
const spanOf = ({ min, max }: Histogram, range: Range): Range => [
  Math.min(0, min, range[0]),
  Math.max(0, max, range[1]),
];

const middlesOf = ({ min, max, counts }: Histogram): number[] =>
  counts.map((_, i) => min + ((i + 0.5) * (max - min)) / counts.length);

/** About which share of the numbers lies outside, as far as the bars tell. */
export function shareOutside(histogram: Histogram, range: Range): number {
  let [outside, all] = [0, 0];
  for (const [i, middle] of middlesOf(histogram).entries()) {
    const count = histogram.counts[i] ?? 0;
    all += count;
    if (middle < range[0] || middle > range[1]) outside += count;
  }
  return all === 0 ? 0 : outside / all;
}

/** Bars as one path for what the codes reach and one for what they do not. */
function barsOf(histogram: Histogram, range: Range, at: (value: number) => number): Record<string, string> {
  const { min, max, counts } = histogram;
  const most = Math.log1p(Math.max(...counts));
  const step = Math.max(2, (at(max) - at(min)) / counts.length);
  const paths = { inside: '', outside: '' };
  for (const [i, middle] of middlesOf(histogram).entries()) {
    const count = counts[i] ?? 0;
    if (count === 0) continue;
    const height = Math.max(1, (plotHeight * Math.log1p(count)) / most);
    const side = middle < range[0] || middle > range[1] ? 'outside' : 'inside';
    const x = Math.max(0, at(middle) - step / 2);
    const [from, width, tall] = [x.toFixed(1), (step * 0.85).toFixed(1), height.toFixed(1)];
    paths[side] += `M${from} ${plotHeight}v-${tall}h${width}v${tall}z`;
  }
  return paths;
}

interface HandleProps {
  label: string;
  /** The end of the span that it can go to, zero being the other. */
  end: number;
  value: number;
  /** Zero is out of reach where the other end of the range is there already. */
  reachesZero: boolean;
  /** Where it can go, as shares of the plot. */
  place: Range;
  onMove: (value: number) => void;
}

const Handle = ({ label, end, value, reachesZero, place, onMove }: HandleProps) => {
  const side = Math.sign(end);
  const least = side * (reachesZero ? 0 : 1);
  const move = (to: number): void =>
    onMove(Math.abs(to) === handleSteps ? end : Number(((end * Math.abs(to)) / handleSteps).toPrecision(4)));
  return (
    <input
      type="range"
      class="handle"
      style={{ '--from': place[0], '--share': place[1] - place[0] }}
      aria-label={label}
      aria-valuetext={shortNumber(value)}
      min={Math.min(least, side * handleSteps)}
      max={Math.max(least, side * handleSteps)}
      value={Math.round((value / Math.abs(end)) * handleSteps)}
      onInput={(event) => move(Number(event.currentTarget.value))}
    />
  );
};

interface ValuePlotProps {
  name: string;
  histogram: Histogram;
  /** What the codes of the result reach. */
  made: Range;
  /** What they shall reach. */
  range: Range;
  clipped: number;
  onRange: (range: Range) => void;
}

export const ValuePlot = ({ name, histogram, made, range, clipped, onRange }: ValuePlotProps) => {
  const [min, max] = spanOf(histogram, made);
  const share = (value: number): number => (max > min ? Math.min(1, Math.max(0, (value - min) / (max - min))) : 0);
  const at = (value: number): number => share(value) * plotWidth;
  const { inside, outside } = barsOf(histogram, range, at);
  const told = `The codes reach from ${shortNumber(range[0])} to ${shortNumber(range[1])}; ${percentText(clipped)} of the numbers lie outside.`;
  const zero = share(0);
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
          {range.map((end, i) => (
            <path key={i} class="clip" d={`M${at(end).toFixed(1)} 0V${plotHeight}`} />
          ))}
        </svg>
      </figure>
      <div class="handles">
        {min < 0 && (
          <Handle
            label={`Codes of ${name} reach from`}
            end={min}
            value={range[0]}
            reachesZero={range[1] > 0}
            place={[0, zero]}
            onMove={(to) => onRange([to, range[1]])}
          />
        )}
        {max > 0 && (
          <Handle
            label={`Codes of ${name} reach to`}
            end={max}
            value={range[1]}
            reachesZero={range[0] < 0}
            place={[zero, 1]}
            onMove={(to) => onRange([range[0], to])}
          />
        )}
      </div>
      <div class="ticks" aria-hidden="true">
        {ticksAt.map((part) => (
          <span key={part}>{shortNumber(min + part * (max - min))}</span>
        ))}
      </div>
    </>
  );
};

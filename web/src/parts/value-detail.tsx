// The chosen value: how its numbers are spread, and what the codes keep of them.
import { type Range, rangeOf, withRange } from '../recipe/ranges.ts';
import type { Wish } from '../recipe/wish.ts';
import { grouped, percentText, shortNumber } from '../words/numbers.ts';
import { noiseText } from '../words/result.ts';
import type { ValueRow } from '../words/values.ts';
import { type Histogram, shareOutside, ValuePlot } from './value-plot.tsx';

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

interface SpreadProps {
  row: ValueRow;
  wish: Wish;
  /** What the result was made with. */
  asked: Wish;
  onWish: (wish: Wish) => void;
  onRedo: (wish: Wish) => void;
}

const reach = (range: Range): string => `${shortNumber(range[0])} to ${shortNumber(range[1])}`;

/** The plot, and what becomes of a range that is moved in it: that of the value whose scale counts. */
const Spread = ({ row: { name, activation, judged }, wish, asked, onWish, onRedo }: SpreadProps) => {
  const histogram = judged?.histogram;
  if (histogram === undefined || activation === undefined) return <p class="meta">No histogram was taken.</p>;
  const { like, range: made, seen } = activation;
  const stated = rangeOf(wish, like);
  const before = rangeOf(asked, like);
  const isMoved = JSON.stringify(stated) !== JSON.stringify(before);
  const range = isMoved && stated !== undefined ? stated : made;
  const clipped = isMoved && stated !== undefined ? shareOutside(histogram, stated) : (judged?.share_clipped ?? 0);
  const shared = like === name ? '' : ` It is the range of ${like}, too.`;
  return (
    <>
      <ValuePlot
        name={name}
        histogram={histogram}
        made={made}
        range={range}
        clipped={clipped}
        onRange={(to) => onWish(withRange(wish, like, to))}
      />
      <p class="small gap-s">
        Codes reach from {reach(made)}; samples showed {reach(seen)}. Move the handles to state another range.
        {shared}
      </p>
      {(isMoved || stated !== undefined) && (
        <div class="row between gap-s chosen-range">
          <output class="small">
            {stated === undefined
              ? 'Chosen: what samples show.'
              : `Chosen: ${reach(stated)}, with ${isMoved ? 'about ' : ''}${percentText(clipped)} of the numbers outside.`}
          </output>
          <span class="row">
            {stated !== undefined && (
              <button class="btn small" type="button" onClick={() => onWish(withRange(wish, like, undefined))}>
                Let samples decide
              </button>
            )}
            {isMoved && (
              <button class="btn small primary" type="button" onClick={() => onRedo(wish)}>
                Redo<span class="vh"> with this range</span>
              </button>
            )}
          </span>
        </div>
      )}
    </>
  );
};

interface ValueDetailProps extends SpreadProps {
  target: string;
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
}

export const ValueDetail = ({ row, target, onPrevious, onNext, ...changing }: ValueDetailProps) => {
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
        <Spread row={row} {...changing} />
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

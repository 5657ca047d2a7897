// When the answers suffer: the nodes that the search found to be better left in float.
import type { Report } from 'narrowcast';
import { withAllKept } from '../recipe/keep.ts';
import type { Wish } from '../recipe/wish.ts';
import { counted, decibelText, grouped } from '../words/numbers.ts';

const mostNamed = 8;

interface BetterInFloatProps {
  report: Report;
  wish: Wish;
  onRedo: (wish: Wish) => void;
}

export const BetterInFloat = ({ report, wish, onRedo }: BetterInFloatProps) => {
  const keep = report.judged?.keep_float;
  if (keep === undefined) return null;
  const { nodes, of, reached_db: reached, target_db: wanted, runs, stopped } = keep;
  if (nodes.length === 0) {
    return (
      <div class="note bad gap">
        <h2>The outputs keep less than {wanted} dB</h2>
        <span>
          {stopped
            ? 'You stopped the search for ops that are better in float before it found them.'
            : `No set of ops was found without which they keep more, in ${counted(runs, 'try').replace('trys', 'tries')}. Are the samples what the model expects?`}
        </span>
      </div>
    );
  }
  return (
    <div class="note warn gap">
      <h2>
        Better with {grouped(nodes.length)} of {counted(of, 'op')} in float
      </h2>
      <span>
        The outputs then keep {reached === null ? 'everything' : `${decibelText(reached)} dB`}:{' '}
        {nodes.slice(0, mostNamed).map((name, i) => (
          <>
            {i > 0 && ', '}
            <code>{name}</code>
          </>
        ))}
        {nodes.length > mostNamed && ` and ${grouped(nodes.length - mostNamed)} more`}.
        {stopped && ' You stopped the search: fewer may be enough.'}
      </span>
      <span>
        <button class="btn small primary" type="button" onClick={() => onRedo(withAllKept(wish, nodes))}>
          Keep {nodes.length === 1 ? 'it' : 'them'} in float and redo
        </button>
      </span>
    </div>
  );
};

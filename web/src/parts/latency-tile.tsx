import type { TrialDesk } from '../use-trial.ts';
import { msText, shortNumber, sizeText } from '../words/numbers.ts';
import { TwoBars } from './bars.tsx';
import { Tile } from './tile.tsx';

/** How long both models take in the runtime that will execute them, which is fetched when somebody asks. */
export const LatencyTile = ({ desk }: { desk: TrialDesk }) => {
  const { state, times, title, runtimeBytes, measureTimes } = desk;
  if (times === undefined) {
    const isBusy = state.at === 'busy';
    return (
      <Tile
        title="Latency, here"
        value={
          <button class="btn small" type="button" disabled={isBusy} onClick={measureTimes}>
            {isBusy ? 'Measuring' : 'Measure'}
          </button>
        }
        meta={
          state.at === 'failed'
            ? `It could not be measured: ${state.reason}`
            : `both models in ${title}; ${sizeText(runtimeBytes)} are fetched from this site the first time`
        }
      />
    );
  }
  const { float, narrowed } = times;
  const { median, middle, measurements } = narrowed;
  return (
    <Tile
      title="Latency, here"
      was={shortNumber(float.median)}
      value={shortNumber(median)}
      unit="ms"
      meta={`median of ${measurements} in ${title}, warm, one thread; middle half ${shortNumber(middle[0])} to ${msText(middle[1])}`}
    >
      <TwoBars share={median / float.median} />
    </Tile>
  );
};

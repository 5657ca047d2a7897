import type { Inspection, Report } from 'narrowcast';
import { decibelText, errorShare, percentText, sized, sizeText, timesText } from '../words/numbers.ts';
import { bytesAfter, bytesBefore, narrowedOf, worstWeight } from '../words/result.ts';
import { Bar, TwoBars } from './bars.tsx';
import { Tile } from './tile.tsx';

interface ResultTilesProps {
  report: Report;
  model: Inspection;
}

export const ResultTiles = ({ report, model }: ResultTilesProps) => {
  const { input_bytes: before, output_bytes: after, values } = report;
  const narrowed = narrowedOf(report);
  const worst = worstWeight(report);
  const now = sized(after, before);
  const weightBytes = bytesBefore(narrowed);
  return (
    <section aria-labelledby="tiles">
      <h2 class="vh" id="tiles">
        Before and after
      </h2>
      <div class="tiles">
        <Tile
          title="Size"
          was={sized(before).value}
          value={now.value}
          unit={now.unit}
          meta={`the narrowed weights ${sizeText(weightBytes)} to ${sizeText(bytesAfter(narrowed))}`}
        >
          <TwoBars share={after / before} />
        </Tile>
        <Tile
          title="Times smaller"
          value={timesText(before / after)}
          meta={`${percentText(after / before)} of the size is left`}
        >
          <Bar kind="q" share={after / before} />
        </Tile>
        <Tile
          title="Weights narrowed"
          value={String(narrowed.length)}
          unit={`of ${values.length}`}
          meta={`${percentText(weightBytes / Math.max(1, model.float_bytes))} of the float bytes; small constants rarely pay`}
        >
          <Bar kind="q" share={weightBytes / Math.max(1, model.float_bytes)} />
        </Tile>
        {worst === undefined ? (
          <Tile title="Worst SQNR" value="exact" meta="every narrowed weight reads back as it was" />
        ) : (
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
        )}
      </div>
    </section>
  );
};

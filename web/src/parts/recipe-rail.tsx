// The recipe so far, what it would give, and the one primary action.
import type { Description } from 'narrowcast';
import { commandParts, commandText } from '../recipe/command.ts';
import type { Technique } from '../recipe/techniques.ts';
import { settingOf, type Wish } from '../recipe/wish.ts';
import type { Opened } from '../state.ts';
import type { Estimate } from '../use-estimates.ts';
import { errorShare, percentText, sizeText, timesText } from '../words/numbers.ts';
import { worstWeight } from '../words/result.ts';
import { TwoBars } from './bars.tsx';
import { CopyButton } from './save.tsx';

interface RecipeRailProps {
  description: Description;
  opened: Opened;
  wish: Wish;
  technique: Technique | undefined;
  estimate: Estimate | undefined;
  onRun: () => void;
  onOther: () => void;
}

const Prediction = ({ estimate, bytes }: { estimate: Estimate | undefined; bytes: number }) => {
  if (estimate === undefined || 'reason' in estimate) {
    return (
      <div class="predict">
        <p class="small">{estimate?.reason ?? 'The size is told by the run.'}</p>
      </div>
    );
  }
  const { report } = estimate;
  const after = report.output_bytes;
  const worst = worstWeight(report);
  return (
    <div class="predict">
      <div class="row between small">
        <span>Size</span>
        <b>{sizeText(after)}</b>
      </div>
      <TwoBars share={after / bytes} />
      <p class="meta gap-s">
        from {sizeText(bytes)}, {timesText(bytes / after)} times smaller
        {worst !== undefined && `; error of the worst weight ${percentText(errorShare(worst.db))}`}
      </p>
    </div>
  );
};

export const RecipeRail = ({ description, opened, wish, technique, estimate, onRun, onOther }: RecipeRailProps) => {
  const { files, inspection } = opened;
  const told = description.recipe.filter(({ key }) => key in wish && !(key in (technique?.sets ?? {})));
  const command = commandText(commandParts(files.model.name, wish, description));
  return (
    <aside class="rail" aria-label="Recipe so far">
      <div class="recipe">
        <h2>Recipe so far</h2>
        <dl>
          <div>
            <dt>Model</dt>
            <dd>{files.model.name}</dd>
          </div>
          {inspection.external_files.length > 0 && (
            <div>
              <dt>Data files</dt>
              <dd>{inspection.external_files.join(', ')}</dd>
            </div>
          )}
          <div>
            <dt>Technique</dt>
            <dd>{technique?.title ?? 'your own settings'}</dd>
          </div>
          {told.map((setting) => (
            <div key={setting.key}>
              <dt>{setting.key.replaceAll('_', ' ')}</dt>
              <dd>{[settingOf(wish, setting)].flat().join(', ')}</dd>
            </div>
          ))}
        </dl>
        <Prediction estimate={estimate} bytes={inspection.bytes} />
        <details class="small">
          <summary>The same as a command</summary>
          <div class="code">
            <pre>{command}</pre>
            <CopyButton text={command} what="the command" />
          </div>
        </details>
        <div class="actions bar-bottom">
          <button class="btn primary" type="button" onClick={onRun}>
            Narrow the model
          </button>
          <button class="btn only-wide" type="button" onClick={onOther}>
            Another model
          </button>
        </div>
      </div>
    </aside>
  );
};

// The recipe so far, what it would give, and the one primary action.
import type { Description } from 'narrowcast';
import { memoryOf } from '../memory.ts';
import { commandParts, commandText } from '../recipe/command.ts';
import type { Technique } from '../recipe/techniques.ts';
import { settingOf } from '../recipe/wish.ts';
import type { Opened } from '../state.ts';
import type { Estimate } from '../use-estimates.ts';
import type { Narrowcast } from '../use-narrowcast.ts';
import type { SampleDesk } from '../use-samples.ts';
import { counted, errorShare, grouped, percentText, sizeText, timesText } from '../words/numbers.ts';
import { worstWeight } from '../words/result.ts';
import { TwoBars } from './bars.tsx';
import { CopyButton } from './save.tsx';

interface RecipeRailProps {
  page: Narrowcast;
  description: Description;
  opened: Opened;
  technique: Technique | undefined;
  estimate: Estimate | undefined;
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

function samplesText({ request, look, problem, wish }: SampleDesk): string {
  if (request === undefined) return 'none yet';
  if (problem !== undefined) return 'cannot be used';
  if (look === undefined) return 'being read';
  const chosen = look.available > look.count ? ` of ${grouped(look.available)}, seed ${wish.seed ?? 0}` : '';
  return `${look.available > look.count ? grouped(look.count) : counted(look.count, 'sample')}${chosen}`;
}

const Row = ({ title, text }: { title: string; text: string }) => (
  <div>
    <dt>{title}</dt>
    <dd>{text}</dd>
  </div>
);

const Actions = ({ page, technique }: Pick<RecipeRailProps, 'page' | 'technique'>) => {
  const { view, samples } = page;
  const isMissing = technique?.needsSamples === true && samples.request === undefined;
  const toSamples = () => page.show({ at: 'data' });
  if (view.at === 'data') {
    return (
      <div class="actions bar-bottom">
        <button
          class="btn primary"
          type="button"
          disabled={isMissing || samples.problem !== undefined}
          onClick={() => page.run()}
        >
          Narrow the model
        </button>
        <button class="btn only-wide" type="button" onClick={() => page.show({ at: 'model' })}>
          Change the technique
        </button>
      </div>
    );
  }
  return (
    <div class="actions bar-bottom">
      <button class="btn primary" type="button" onClick={isMissing ? toSamples : () => page.run()}>
        {isMissing ? 'Choose samples' : 'Narrow the model'}
      </button>
      {!isMissing && (
        <button class="btn" type="button" onClick={toSamples}>
          {samples.request === undefined ? 'Add samples' : 'See the samples'}
        </button>
      )}
      <button class="btn only-wide" type="button" onClick={() => page.show({ at: 'drop' })}>
        Another model
      </button>
    </div>
  );
};

export const RecipeRail = ({ page, description, opened, technique, estimate }: RecipeRailProps) => {
  const { wish, samples } = page;
  const { files, inspection } = opened;
  const told = description.recipe.filter(({ key }) => key in wish && !(key in (technique?.sets ?? {})));
  const used = samples.request === undefined ? undefined : samples;
  const command = commandText(commandParts(files.model.name, wish, description, used));
  const memory = memoryOf(inspection.bytes);
  return (
    <aside class="rail" aria-label="Recipe so far">
      <div class="recipe">
        <h2>Recipe so far</h2>
        <dl>
          <Row title="Model" text={files.model.name} />
          {inspection.external_files.length > 0 && (
            <Row title="Data files" text={inspection.external_files.join(', ')} />
          )}
          <Row title="Technique" text={technique?.title ?? 'your own settings'} />
          {told.map((setting) => (
            <Row
              key={setting.key}
              title={setting.key.replaceAll('_', ' ')}
              text={[settingOf(wish, setting)].flat().join(', ')}
            />
          ))}
          {(technique?.needsSamples === true || used !== undefined) && (
            <Row title="Samples" text={samplesText(samples)} />
          )}
          {used !== undefined && (
            <Row
              title="Memory"
              text={`about ${sizeText(memory.calibrationBytes)} in ${counted(memory.workers, 'worker')}, samples on top`}
            />
          )}
        </dl>
        <Prediction estimate={estimate} bytes={inspection.bytes} />
        <details class="small">
          <summary>The same as a command</summary>
          <div class="code">
            <pre>{command}</pre>
            <CopyButton text={command} what="the command" />
          </div>
        </details>
        <Actions page={page} technique={technique} />
      </div>
    </aside>
  );
};

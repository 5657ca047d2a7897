import type { Description } from 'narrowcast';
import { Advice } from '../parts/advice.tsx';
import { InputsOutputs, SummaryTiles } from '../parts/model-facts.tsx';
import { NoticeNote } from '../parts/note.tsx';
import { OpTable } from '../parts/op-table.tsx';
import { RecipeRail } from '../parts/recipe-rail.tsx';
import { SettingsForm } from '../parts/settings-form.tsx';
import { TargetChoice } from '../parts/target-choice.tsx';
import { Techniques } from '../parts/techniques.tsx';
import { techniqueOf, techniquesOf, withTechnique } from '../recipe/techniques.ts';
import type { Opened } from '../state.ts';
import { keyOf, useEstimates } from '../use-estimates.ts';
import type { Narrowcast } from '../use-narrowcast.ts';

interface ModelScreenProps {
  page: Narrowcast;
  description: Description;
  opened: Opened;
}

const leadOf = ({ inspection }: Opened): string => {
  if (inspection.already_quantized) {
    return 'A model that is quantized in part already. What is float in it can still be narrowed.';
  }
  return 'A float model, nothing quantized yet.';
};

export const ModelScreen = ({ page, description, opened }: ModelScreenProps) => {
  const { wish, setWish } = page;
  const techniques = techniquesOf(description);
  const technique = techniqueOf(wish, techniques, description);
  // What is chosen first: it is looked at first.
  const wishes = [wish, ...techniques.map((one) => withTechnique(wish, one, description))].filter(
    (one) => techniqueOf(one, techniques, description)?.needsSamples !== true,
  );
  const estimates = useEstimates(page.engine, opened, wishes);
  const estimate = estimates.get(keyOf(wish));
  const { inspection } = opened;
  return (
    <div class="cols">
      <div class="main">
        <div class="head">
          <h1 tabIndex={-1}>{opened.files.model.name}</h1>
          <p class="lead">{leadOf(opened)}</p>
        </div>
        <NoticeNote notice={page.notice} />
        {inspection.already_quantized && (
          <div class="note warn problem">
            <h2>This model holds quantized weights already</h2>
            <span>
              Narrowing it again can only lose precision. Start from the float model it was made of, if you have it.
            </span>
          </div>
        )}
        <section aria-labelledby="sum">
          <h2 class="vh" id="sum">
            Summary
          </h2>
          <SummaryTiles model={inspection} />
        </section>
        <section aria-labelledby="tech">
          <div class="sec-head">
            <h2 id="tech">How shall it be narrowed?</h2>
            <span class="meta">sizes are of dry runs on this model</span>
          </div>
          <Advice page={page} description={description} opened={opened} />
          <Techniques
            description={description}
            techniques={techniques}
            wish={wish}
            onWish={setWish}
            estimates={estimates}
            model={inspection}
          />
          {technique?.needsSamples === true && (
            <TargetChoice description={description} opened={opened} wish={wish} onWish={setWish} />
          )}
          <details class="gap">
            <summary>More: all settings</summary>
            <SettingsForm description={description} wish={wish} onWish={setWish} />
          </details>
        </section>
        <InputsOutputs model={inspection} />
        <OpTable
          model={inspection}
          needsSamples={technique?.needsSamples === true}
          report={estimate !== undefined && 'report' in estimate ? estimate.report : undefined}
        />
      </div>
      <RecipeRail page={page} description={description} opened={opened} technique={technique} estimate={estimate} />
    </div>
  );
};

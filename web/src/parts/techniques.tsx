import type { Description, Inspection } from 'narrowcast';
import { chosenTarget, type TargetOption } from '../recipe/target.ts';
import { type Technique, techniqueOf, withTechnique } from '../recipe/techniques.ts';
import type { Wish } from '../recipe/wish.ts';
import { type Estimate, type Estimates, keyOf } from '../use-estimates.ts';
import { counted, grouped, percentText, sizeText } from '../words/numbers.ts';
import { Bar } from './bars.tsx';

interface TechniquesProps {
  description: Description;
  techniques: Technique[];
  wish: Wish;
  onWish: (wish: Wish) => void;
  estimates: Estimates;
  model: Inspection;
}

interface PredictionProps {
  technique: Technique;
  target: TargetOption | undefined;
  estimate: Estimate | undefined;
  model: Inspection;
}

const Prediction = ({ technique, target, estimate, model }: PredictionProps) => {
  if (technique.needsSamples) {
    const counts = target?.counts;
    if (counts === undefined) return <span class="meta predicted">told by the run, from samples</span>;
    const { integer_nodes: integers, nodes } = counts;
    return (
      <span class="predicted">
        <span class="small">
          <b>{grouped(integers)}</b> <span class="meta">of {counted(nodes, 'op')} in integers</span>
        </span>
        <Bar kind="q" share={integers / Math.max(1, nodes)} />
      </span>
    );
  }
  const { bytes } = model;
  if (estimate === undefined) return <span class="meta predicted">not measured yet</span>;
  if ('reason' in estimate) return <span class="meta predicted">{estimate.reason}</span>;
  const { output_bytes: after } = estimate.report;
  return (
    <span class="predicted">
      <span class="small">
        <b>{sizeText(after)}</b> <span class="meta">{percentText(after / bytes)} of now</span>
      </span>
      <Bar kind="q" share={after / bytes} />
    </span>
  );
};

/** The choice that matters most, a row each. */
export const Techniques = ({ description, techniques, wish, onWish, estimates, model }: TechniquesProps) => {
  const target = chosenTarget(wish, description, model);
  const chosen = techniqueOf(wish, techniques, description);
  return (
    <fieldset class="question">
      <legend class="vh">Technique</legend>
      <div class="choices rows">
        {techniques.map((technique) => {
          const would = withTechnique(wish, technique, description);
          return (
            <label key={technique.key} class="choice">
              <input
                type="radio"
                name="technique"
                value={technique.key}
                checked={technique === chosen}
                onChange={() => onWish(would)}
              />
              <span class="told">
                <b>{technique.title}</b> {technique.isDefault && <span class="chip pick">default</span>}
                <small>{technique.brings}</small>
              </span>
              <Prediction technique={technique} target={target} estimate={estimates.get(keyOf(would))} model={model} />
            </label>
          );
        })}
      </div>
    </fieldset>
  );
};

// The runtime that a model of integers is for: what it turns into integer kernels decides what is narrowed.
import type { Description } from 'narrowcast';
import { useId } from 'preact/hooks';
import { chosenTarget, targetOptions, targetSetting } from '../recipe/target.ts';
import { type Wish, withValue } from '../recipe/wish.ts';
import type { Opened } from '../state.ts';

interface TargetChoiceProps {
  description: Description;
  opened: Opened;
  wish: Wish;
  onWish: (wish: Wish) => void;
}

export const TargetChoice = ({ description, opened, wish, onWish }: TargetChoiceProps) => {
  const id = useId();
  const setting = targetSetting(description);
  const chosen = chosenTarget(wish, description, opened.inspection);
  if (setting === undefined || chosen === undefined) return null;
  const { told, counts } = chosen;
  return (
    <div class="field target">
      <label for={id}>Runtime that it is for</label>
      <select
        id={id}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onWish(withValue(wish, setting, event.currentTarget.value))}
      >
        {targetOptions(description, opened.inspection).map(({ name }) => (
          <option key={name} selected={name === chosen.name}>
            {name}
          </option>
        ))}
      </select>
      <span class="hint" id={`${id}-hint`} aria-live="polite">
        {told?.sentence} {told?.verified === false && 'Not compared with the runtime itself yet. '}
        {counts !== undefined && `${counts.integer_nodes} of ${counts.nodes} ops compute in integers there.`}
      </span>
    </div>
  );
};

// Every setting the engine names, as the control its kind asks for. What a setting means, its sentence says.
import type { Description, RecipeSetting } from 'narrowcast';
import { useId } from 'preact/hooks';
import { settingOf, type Value, type Wish, withValue } from '../recipe/wish.ts';

const titleOf = (key: string): string => {
  const words = key.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

interface ControlProps {
  id: string;
  setting: RecipeSetting;
  value: Value;
  onValue: (value: Value) => void;
}

const Control = ({ id, setting, value, onValue }: ControlProps) => {
  const hint = `${id}-hint`;
  if (setting.kind === 'choice') {
    return (
      <select id={id} aria-describedby={hint} onChange={(event) => onValue(event.currentTarget.value)}>
        {setting.choices?.map((choice) => (
          <option key={choice} selected={choice === value}>
            {choice}
          </option>
        ))}
      </select>
    );
  }
  if (setting.kind === 'integer') {
    return (
      <input
        type="number"
        id={id}
        min="0"
        step="1"
        inputMode="numeric"
        aria-describedby={hint}
        value={String(value)}
        onChange={(event) => onValue(Number(event.currentTarget.value || setting.default))}
      />
    );
  }
  // Names may hold commas, so they stand on a line each.
  const names = (text: string): string[] =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  return (
    <textarea
      id={id}
      rows={2}
      spellcheck={false}
      placeholder="one on each line"
      aria-describedby={hint}
      value={Array.isArray(value) ? value.join('\n') : ''}
      onChange={(event) => onValue(names(event.currentTarget.value))}
    />
  );
};

interface SettingsFormProps {
  description: Description;
  wish: Wish;
  onWish: (wish: Wish) => void;
}

export const SettingsForm = ({ description, wish, onWish }: SettingsFormProps) => {
  const id = useId();
  const settings = description.recipe;
  const differing = settings.filter(({ key }) => key in wish).length;
  return (
    <div class="card stack">
      <div class="fields">
        {settings
          .filter(({ kind }) => kind !== 'bool')
          .map((setting) => (
            <div key={setting.key} class={`field of-${setting.kind}`}>
              <label for={`${id}-${setting.key}`}>{titleOf(setting.key)}</label>
              <Control
                id={`${id}-${setting.key}`}
                setting={setting}
                value={settingOf(wish, setting)}
                onValue={(value) => onWish(withValue(wish, setting, value))}
              />
              <span class="hint" id={`${id}-${setting.key}-hint`}>
                {setting.sentence}
              </span>
            </div>
          ))}
      </div>
      {settings
        .filter(({ kind }) => kind === 'bool')
        .map((setting) => (
          <label key={setting.key} class="check">
            <input
              type="checkbox"
              checked={settingOf(wish, setting) === true}
              onChange={(event) => onWish(withValue(wish, setting, event.currentTarget.checked))}
            />
            <span>
              {titleOf(setting.key)}
              <span class="hint">{setting.sentence}</span>
            </span>
          </label>
        ))}
      <div class="row">
        <button class="btn small" type="button" disabled={differing === 0} onClick={() => onWish({})}>
          Back to the defaults
        </button>
        <span class="meta">
          {differing === 0
            ? 'All as by default'
            : `${differing} ${differing === 1 ? 'setting differs' : 'settings differ'}`}
        </span>
      </div>
    </div>
  );
};

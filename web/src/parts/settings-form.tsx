// Every setting the engine names, as the control its kind asks for. What a setting means, its sentence says.
import type { Description, RecipeSetting } from 'narrowcast';
import { useId, useState } from 'preact/hooks';
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

const Choice = ({ id, setting, value, onValue }: ControlProps) => (
  <select id={id} aria-describedby={`${id}-hint`} onChange={(event) => onValue(event.currentTarget.value)}>
    {setting.choices?.map((choice) => (
      <option key={choice} selected={choice === value}>
        {choice}
      </option>
    ))}
  </select>
);

/**
 * Text as it is typed, and the value it stands for. The value follows every key, so that nothing moves when the field
 * is left; a value set elsewhere replaces the text.
 */
function useDraft<T extends Value>(value: T, parse: (text: string) => T, format: (value: T) => string) {
  const [draft, setDraft] = useState(format(value));
  const text = JSON.stringify(parse(draft)) === JSON.stringify(value) ? draft : format(value);
  return { text, setDraft };
}

const NumberField = ({ id, setting, value, onValue }: ControlProps) => {
  const parse = (text: string): number => Number(text === '' ? setting.default : text);
  const { text, setDraft } = useDraft(Number(value), parse, String);
  return (
    <input
      type="number"
      id={id}
      min="0"
      step={setting.kind === 'integer' ? '1' : 'any'}
      inputMode={setting.kind === 'integer' ? 'numeric' : 'decimal'}
      aria-describedby={`${id}-hint`}
      value={text}
      onInput={(event) => {
        setDraft(event.currentTarget.value);
        onValue(parse(event.currentTarget.value));
      }}
    />
  );
};

// Names may hold commas, so they stand on a line each.
const namesIn = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const Names = ({ id, value, onValue }: ControlProps) => {
  const names = Array.isArray(value) ? value.map(String) : [];
  const { text, setDraft } = useDraft(names, namesIn, (list) => list.join('\n'));
  return (
    <textarea
      id={id}
      rows={2}
      spellcheck={false}
      placeholder="one on each line"
      aria-describedby={`${id}-hint`}
      value={text}
      onInput={(event) => {
        setDraft(event.currentTarget.value);
        onValue(namesIn(event.currentTarget.value));
      }}
    />
  );
};

// Lists have no control: they come with a recipe that is dropped.
const controls = { choice: Choice, integer: NumberField, number: NumberField, names: Names };

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
          .flatMap((setting) => {
            const { kind } = setting;
            if (kind === 'bool' || kind === 'list' || kind === 'depth') return [];
            return [{ setting, Control: controls[kind] }];
          })
          .map(({ setting, Control }) => (
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

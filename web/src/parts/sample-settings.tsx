// How files become samples: guessed from the model, and all of it can be changed.
import type { Description } from 'narrowcast';
import { useId, useState } from 'preact/hooks';
import type { DataLook } from '../engine/protocol.ts';
import { type DataKey, type DataValue, type DataWish, kinds, textOf, withData } from '../recipe/data-wish.ts';

interface Field {
  key: DataKey;
  title: string;
  hint?: string;
}

interface ChoiceField extends Field {
  choices: readonly string[];
  /** What nothing chosen amounts to. */
  unset: string;
}

interface TextField extends Field {
  kind: keyof typeof kinds;
  placeholder: string;
}

interface ControlProps<T> {
  field: T;
  wish: DataWish;
  onWish: (wish: DataWish) => void;
}

const Choice = ({ field, wish, onWish }: ControlProps<ChoiceField>) => {
  const id = useId();
  const { key, title, hint, choices, unset } = field;
  const value = wish[key] as string | undefined;
  return (
    <div class="field long">
      <label for={id}>{title}</label>
      <select id={id} onChange={(event) => onWish(withData(wish, key, event.currentTarget.value || undefined))}>
        <option value="" selected={value === undefined}>
          {unset}
        </option>
        {choices.map((choice) => (
          <option key={choice} value={choice} selected={choice === value}>
            {choice}
          </option>
        ))}
      </select>
      {hint !== undefined && <span class="hint">{hint}</span>}
    </div>
  );
};

const Text = ({ field, wish, onWish }: ControlProps<TextField>) => {
  const id = useId();
  const { key, title, hint, kind, placeholder } = field;
  const { parse, sentence } = kinds[kind];
  const value = wish[key];
  const [draft, setDraft] = useState(value === undefined ? '' : textOf(value));
  const isWrong = draft.trim() !== '' && parse(draft.trim()) === undefined;
  // A value that is set elsewhere replaces the text.
  const isStale = !isWrong && JSON.stringify(parse(draft.trim())) !== JSON.stringify(value);
  const set = (text: string): void => {
    setDraft(text);
    const next: DataValue | undefined = parse(text.trim());
    // What is the same is not read again.
    if (JSON.stringify(next) !== JSON.stringify(value)) onWish(withData(wish, key, next));
  };
  return (
    <div class="field">
      <label for={id}>{title}</label>
      <input
        type="text"
        id={id}
        inputMode={kind === 'count' || kind === 'wholeNumber' ? 'numeric' : 'text'}
        placeholder={placeholder}
        aria-invalid={isWrong}
        aria-describedby={`${id}-hint`}
        value={isStale ? (value === undefined ? '' : textOf(value)) : draft}
        onInput={(event) => set(event.currentTarget.value)}
      />
      <span class={isWrong ? 'hint wrong' : 'hint'} id={`${id}-hint`}>
        {isWrong ? sentence : hint}
      </span>
    </div>
  );
};

interface SampleSettingsProps {
  description: Description;
  look: DataLook | undefined;
  hasSound: boolean;
  wish: DataWish;
  onWish: (wish: DataWish) => void;
}

const colours = (numbers: readonly number[]): string => numbers.map((x) => Number(x.toPrecision(4))).join(', ');

type Picture = DataLook['pictures'][number];

const choiceFields = (
  description: Description,
  { preset, guessed, layout, color, channels }: Picture,
): ChoiceField[] => [
  {
    key: 'preset',
    title: 'Preset',
    choices: description.image_presets.map(({ name }) => name),
    unset: guessed ? `${preset.name}, guessed` : 'guess it',
    hint: preset.sentence,
  },
  { key: 'layout', title: 'Layout', choices: ['nchw', 'nhwc'], unset: `${layout}, from the shape` },
  ...(channels === 1
    ? []
    : [{ key: 'color' as const, title: 'Colour order', choices: ['rgb', 'bgr'], unset: `${color}, of the preset` }]),
];

const moreChoices = (description: Description, { preset }: Picture): ChoiceField[] => [
  { key: 'fit', title: 'Fit', choices: description.image_fits, unset: `${preset.fit}, of the preset` },
  {
    key: 'interpolation',
    title: 'Interpolation',
    choices: description.image_interpolations,
    unset: `${preset.interpolation}, of the preset`,
  },
];

const moreTexts = ({ preset, height, width }: Picture): TextField[] => [
  { key: 'resize', title: 'Resize', kind: 'size', placeholder: 'by the fit', hint: 'the shorter side, or both' },
  {
    key: 'crop',
    title: 'Crop',
    kind: 'size',
    placeholder: height > 0 && width > 0 ? `${height}x${width}` : String(preset.size || 'none'),
    hint: 'the middle that is cut out',
  },
  {
    key: 'mean',
    title: 'Mean',
    kind: 'colours',
    placeholder: colours(preset.mean),
    hint: `after division by ${preset.divisor}`,
  },
  { key: 'std', title: 'Deviation', kind: 'colours', placeholder: colours(preset.std), hint: 'is divided by' },
];

const sampleTexts: TextField[] = [
  { key: 'samples', title: 'Samples', kind: 'count', placeholder: '128', hint: 'at most; 100 to 500 are enough' },
  { key: 'seed', title: 'Seed', kind: 'wholeNumber', placeholder: '0', hint: 'chooses which' },
  {
    key: 'judgeSamples',
    title: 'Judged',
    kind: 'count',
    placeholder: '16',
    hint: 'samples for the figures of the result',
  },
];

const sampleRate: TextField = {
  key: 'sampleRate',
  title: 'Sample rate',
  kind: 'count',
  placeholder: 'any',
  hint: 'in hertz; others are refused',
};

export const SampleSettings = ({ description, look, hasSound, wish, onWish }: SampleSettingsProps) => {
  const picture = look?.pictures[0];
  const shared = { wish, onWish };
  const texts = (fields: TextField[]) => fields.map((field) => <Text key={field.key} field={field} {...shared} />);
  const choices = (fields: ChoiceField[]) =>
    fields.map((field) => <Choice key={field.key} field={field} {...shared} />);
  return (
    <section class="gap" aria-label="How files become samples">
      {picture !== undefined && <div class="fields three">{choices(choiceFields(description, picture))}</div>}
      <details class="small">
        <summary>More: how many, {picture !== undefined && 'fit, mean, '}seed</summary>
        <div class="card fields three">
          {texts(hasSound ? [...sampleTexts, sampleRate] : sampleTexts)}
          {picture !== undefined && choices(moreChoices(description, picture))}
          {picture !== undefined && texts(moreTexts(picture))}
          <label class="check">
            <input
              type="checkbox"
              checked={wish.search !== false}
              onChange={(event) => onWish(withData(wish, 'search', event.currentTarget.checked ? undefined : false))}
            />
            <span>
              Look for what is better in float
              <span class="hint">
                Where the outputs keep less than 20 dB: up to 96 tries, which take a while with large models.
              </span>
            </span>
          </label>
        </div>
      </details>
    </section>
  );
};

// The recipe that the page puts together. Which settings there are, and which values they take, the engine says.
import type { Description, Recipe, RecipeSetting } from 'narrowcast';

export type Value = string | number | boolean | string[] | object[];

/** Only what differs from the defaults, as in a recipe's file. */
export type Wish = Readonly<Record<string, Value>>;

export const asRecipe = (wish: Wish): Recipe => wish as Recipe;

export function defaultOf({ kind, default: text }: RecipeSetting): Value {
  switch (kind) {
    case 'bool':
      return text === 'true';
    case 'integer':
    case 'number':
      return Number(text);
    case 'choice':
      return text;
    default:
      return [];
  }
}

export const settingOf = (wish: Wish, setting: RecipeSetting): Value => wish[setting.key] ?? defaultOf(setting);

const same = (a: Value, b: Value): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The wish with one more value; a value that is the default needs no saying. */
export function withValue(wish: Wish, setting: RecipeSetting, value: Value): Wish {
  const { [setting.key]: _, ...others } = wish;
  return same(value, defaultOf(setting)) ? others : { ...others, [setting.key]: value };
}

/** The wish in the order of the engine's settings, without what the engine does not know. */
export function tidied(wish: Wish, { recipe }: Description): Wish {
  return Object.fromEntries(
    recipe.flatMap((setting) => {
      const value = settingOf(wish, setting);
      return same(value, defaultOf(setting)) ? [] : [[setting.key, value]];
    }),
  );
}

/** Every setting spelt out, so that a saved recipe stays what it is when defaults change. */
export const completed = (wish: Wish, { recipe }: Description): Wish =>
  Object.fromEntries(recipe.map((setting) => [setting.key, settingOf(wish, setting)]));

/** A recipe file's text as a wish; throws a sentence when it is none. */
export function parseWish(text: string, description: Description): Wish {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Error('It is not JSON.');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new Error('It is not an object.');
  for (const [key, value] of Object.entries(parsed)) {
    if (key === '$schema') continue;
    const setting = description.recipe.find((known) => known.key === key);
    if (setting === undefined) throw new Error(`There is no setting “${key}”.`);
    const like = defaultOf(setting);
    if (typeof value !== typeof like || Array.isArray(value) !== Array.isArray(like)) {
      throw new Error(`The value of “${key}” is of the wrong kind.`);
    }
    if (setting.choices !== undefined && !setting.choices.includes(value)) {
      throw new Error(`“${key}” can be ${setting.choices.join(', ')}.`);
    }
  }
  return tidied(parsed as Wish, description);
}

// What follows from a recipe before an engine sees it.
import { NarrowcastError } from './errors.js';
import { type Recipe, recipeSettings, recipes } from './generated/describe.js';
import type { RecipeSetting } from './types.js';

function parsedDefault({ kind, default: text }: RecipeSetting): unknown {
  if (kind === 'choice') return text;
  if (kind === 'bool') return text === 'true';
  return kind === 'integer' || kind === 'number' ? Number(text) : [];
}

const schema = './node_modules/narrowcast/dist/recipe.schema.json';

/** The recipe with every setting spelt out, so that it stays what it is when defaults change. */
export const completeRecipe = (recipe: Recipe): Recipe => ({
  $schema: schema,
  ...(Object.fromEntries(recipeSettings.map((setting) => [setting.key, parsedDefault(setting)])) as Recipe),
  // One scale per tensor is a part of PyTorch's formula.
  ...(recipe.formula === 'torch' ? { per_channel: false } : {}),
  ...recipe,
});

/** One of our own recipes. */
export function builtInRecipe(name: string): Recipe {
  const found = recipes.find((known) => known.name === name);
  if (found !== undefined) return found.recipe;
  const names = recipes.map((known) => known.name).join(', ');
  throw new NarrowcastError('usage', `There is no recipe '${name}': known are ${names}, and files.`, 'recipe');
}

/**
 * With ranges, or samples to find them, the mode is full-integer where the recipe leaves it open; 4-bit weights are for
 * mode weight-only alone.
 */
export function withRanges(recipe: Recipe): Recipe {
  const { mode = 'auto', weights } = recipe;
  const isNarrow = weights === 'int4' || weights === 'uint4';
  return mode === 'auto' && !isNarrow ? { ...recipe, mode: 'full-integer' } : recipe;
}

/** What a narrowed model is called by default: `model.int8.onnx`; `hasRanges` says whether `withRanges` holds. */
export function outputName(model: string, recipe: Recipe, hasRanges = false): string {
  const { mode, weights } = completeRecipe(hasRanges ? withRanges(recipe) : recipe);
  const dot = model.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [model.slice(0, dot), model.slice(dot)] : [model, ''];
  return `${stem}.${mode === 'weight-only' || mode === 'auto' ? weights : mode}${extension}`;
}

// What follows from a recipe before an engine sees it.
import { type Recipe, recipeSettings } from './generated/describe.js';
import type { RecipeSetting } from './types.js';

function parsedDefault({ kind, default: text }: RecipeSetting): unknown {
  return { choice: text, bool: text === 'true', integer: Number(text), number: Number(text), names: [] }[kind];
}

/** The recipe with every setting spelt out, so that it stays what it is when defaults change. */
export const completeRecipe = (recipe: Recipe): Recipe => ({
  ...(Object.fromEntries(recipeSettings.map((setting) => [setting.key, parsedDefault(setting)])) as Recipe),
  ...recipe,
});

/** With ranges, or samples to find them, the mode is full-integer where the recipe leaves it open. */
export function withRanges(recipe: Recipe): Recipe {
  const { mode = 'auto' } = recipe;
  return mode === 'auto' ? { ...recipe, mode: 'full-integer' } : recipe;
}

/** What a narrowed model is called by default: `model.int8.onnx`; `hasRanges` says whether `withRanges` holds. */
export function outputName(model: string, recipe: Recipe, hasRanges = false): string {
  const { mode, weights } = completeRecipe(hasRanges ? withRanges(recipe) : recipe);
  const dot = model.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [model.slice(0, dot), model.slice(dot)] : [model, ''];
  return `${stem}.${mode === 'weight-only' || mode === 'auto' ? weights : mode}${extension}`;
}

// Options of a call, camelCase, into the recipe that the engine reads, snake_case.
import type { Gates } from './compare.js';
import type { CalibrationSamples } from './deal.js';
import { NarrowcastError } from './errors.js';
import { type Recipe, type RecipeName, type RecipeOptions, recipeKeys } from './generated/describe.js';
import { builtInRecipe, withRanges } from './recipe.js';
import type { ByteSource } from './source.js';
import type { Progress } from './types.js';

export type ExternalData =
  | Record<string, ByteSource>
  | ((name: string) => ByteSource | undefined | Promise<ByteSource | undefined>);

export interface FileOptions {
  /** The data files that the model refers to, by name, or a function that is asked for each of them. */
  externalData?: ExternalData;
  /** Stops the work between two steps; the promise then rejects with the signal's reason, as fetch does. */
  signal?: AbortSignal;
}

export interface CalibrationChoice {
  /** Samples of the model's inputs: the mode is then full-integer, unless another one is given. */
  calibration?: CalibrationSamples;
  /** What `calibrate` gave for this model, in place of samples. */
  ranges?: string;
  /** How many workers run samples, each with the whole model. Default: one less than the processors, at most 4. */
  workers?: number;
  /** How many samples there are, where the iterable does not say. */
  total?: number;
  /**
   * The key of a TFLite signature: samples have its inputs' names, and ops that it does not reach stay in float. Without
   * it the main graph runs.
   */
  signature?: string;
}

/** What is done with samples once the model is narrowed. */
export interface JudgeChoice extends Gates {
  /** Both models are run on the first samples, and the report says what was lost. Default: true, when there are samples. */
  judge?: boolean;
  /** How many samples are judged. Default: 16. */
  judgeSamples?: number;
  /** When an output keeps less than 20 dB: find the nodes that are better left in float. Default: true. */
  search?: boolean;
  /** Ends that search early; the model is given as it is, with what was found until then. */
  searchSignal?: AbortSignal;
}

export interface QuantizeOptions extends RecipeOptions, FileOptions, CalibrationChoice, JudgeChoice {
  /** A recipe, as its file holds it, or the name of one of ours; options of their own win over it. */
  recipe?: Recipe | RecipeName;
  /** What a new external data file is called, should the model keep its weights in one. */
  dataName?: string;
  onProgress?: (progress: Progress) => void;
}

const otherKeys: Record<keyof Omit<QuantizeOptions, keyof RecipeOptions>, true> = {
  externalData: true,
  signal: true,
  recipe: true,
  dataName: true,
  calibration: true,
  ranges: true,
  workers: true,
  total: true,
  signature: true,
  judge: true,
  judgeSamples: true,
  search: true,
  searchSignal: true,
  labels: true,
  minSqnr: true,
  maxDrop: true,
  onProgress: true,
};

export function recipeOf(options: QuantizeOptions): Recipe {
  const base = typeof options.recipe === 'string' ? builtInRecipe(options.recipe) : options.recipe;
  const recipe: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(options)) {
    if (key in otherKeys || value === undefined) continue;
    if (!(key in recipeKeys)) throw new NarrowcastError('usage', `There is no option '${key}'.`, key);
    recipe[recipeKeys[key as keyof typeof recipeKeys]] = value;
  }
  const hasRanges = options.calibration !== undefined || options.ranges !== undefined;
  return hasRanges ? withRanges(recipe as Recipe) : (recipe as Recipe);
}

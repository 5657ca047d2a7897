// The engine's recipe settings as command-line options, and back.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Recipe, recipeSettings } from '../generated/describe.js';
import type { RecipeSetting } from '../types.js';

const flagOf = (key: string): string => key.replaceAll('_', '-');
const nameOf = (key: string): string => key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function anyNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('It must be a number.');
  return number;
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];
// Names of ops have no commas; names of nodes, which globs match, may have.
const collectList = (value: string, before: string[] = []): string[] => [...before, ...value.split(',')];

function optionsOf(setting: RecipeSetting): Option[] {
  const flag = `--${flagOf(setting.key)}`;
  const fallback = setting.default === '' ? '' : ` (default: ${setting.default})`;
  const text = setting.sentence + fallback;
  switch (setting.kind) {
    case 'choice':
      return [new Option(`${flag} <choice>`, text).choices(setting.choices ?? [])];
    case 'integer':
      return [new Option(`${flag} <n>`, text).argParser(wholeNumber)];
    case 'number':
      return [new Option(`${flag} <x>`, text).argParser(anyNumber)];
    case 'bool':
      return setting.default === 'true'
        ? [new Option(flag, text), new Option(`--no-${flagOf(setting.key)}`, `The opposite of ${flag}.`)]
        : [new Option(flag, setting.sentence)];
    case 'names':
      return setting.key === 'op_types'
        ? [new Option(`${flag} <A,B>`, text).argParser(collectList)]
        : [new Option(`${flag} <glob>`, `${text} May be given several times.`).argParser(collect)];
    default:
      return []; // lists are for recipe files
  }
}

export function addRecipeOptions(command: Command): Command {
  for (const option of recipeSettings.flatMap(optionsOf)) command.addOption(option);
  return command;
}

/** The settings that were given on the command line; the others are left to the recipe file and the engine. */
export function givenRecipe(options: Record<string, unknown>): Recipe {
  const given = recipeSettings.map(({ key }) => [key, options[nameOf(key)]]).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Recipe;
}

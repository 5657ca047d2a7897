// Runtimes that a model can be for: those of its format.
import type { Description, Inspection, RecipeSetting, TargetDescription } from 'narrowcast';
import { defaultOf, settingOf, type Wish } from './wish.ts';

type Counts = Inspection['targets'][number];

export interface TargetOption {
  name: string;
  told: TargetDescription | undefined;
  /** How many ops would compute in integers there. */
  counts: Counts | undefined;
}

/** The default is for every format: it means the target that is called like the format, where there is one. */
function optionOf(name: string, setting: RecipeSetting, { targets }: Description, model: Inspection): TargetOption {
  const own = (one: string) => model.targets.find(({ target }) => target === one);
  const counts = own(name) ?? (name === defaultOf(setting) ? own(model.format) : undefined);
  return { name, told: targets.find((one) => one.name === (counts?.target ?? name)), counts };
}

export const targetSetting = ({ recipe }: Description): RecipeSetting | undefined =>
  recipe.find(({ key }) => key === 'target');

export function targetOptions(description: Description, model: Inspection): TargetOption[] {
  const setting = targetSetting(description);
  if (setting === undefined) return [];
  const names = [String(defaultOf(setting)), ...model.targets.map(({ target }) => target)];
  return [...new Set(names)].map((name) => optionOf(name, setting, description, model));
}

export function chosenTarget(wish: Wish, description: Description, model: Inspection): TargetOption | undefined {
  const setting = targetSetting(description);
  return setting === undefined ? undefined : optionOf(String(settingOf(wish, setting)), setting, description, model);
}

/** The wish without a target that runs no models of this format. */
export function forFormat(wish: Wish, model: Inspection): Wish {
  const { target, ...others } = wish;
  return target === undefined || model.targets.some((one) => one.target === target) ? wish : others;
}

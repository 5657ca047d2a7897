// The command line that does the same as the page: the same settings, the same names.
import type { Description } from 'narrowcast';
import { pathsOf } from '../engine/data-groups.ts';
import type { SamplesUsed } from '../state.ts';
import { dataFlags } from './data-wish.ts';
import { settingOf, type Wish } from './wish.ts';

const quoted = (text: string): string => (/^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

const sampleParts = ({ files, wish, labels }: SamplesUsed): string[] => [
  `--calibration ${pathsOf(files).map(quoted).join(' ')}`,
  ...dataFlags(wish).map(([flag, ...value]) => [flag, ...value.map(quoted)].join(' ')),
  ...(labels === undefined ? [] : [`--labels ${quoted(labels.name)}`]),
];

/** The arguments, a flag with its value each; a line each in the text below. */
export function commandParts(
  model: string,
  wish: Wish,
  description: Description,
  samples: SamplesUsed | undefined,
): string[] {
  const parts = [`npx narrowcast ${quoted(model.startsWith('-') ? `./${model}` : model)}`];
  for (const setting of description.recipe) {
    if (!(setting.key in wish) || setting.kind === 'list') continue;
    const flag = setting.key.replaceAll('_', '-');
    const value = settingOf(wish, setting);
    if (typeof value === 'boolean') parts.push(value ? `--${flag}` : `--no-${flag}`);
    else if (!Array.isArray(value)) parts.push(`--${flag} ${quoted(String(value))}`);
    else if (setting.key === 'op_types') parts.push(`--${flag} ${quoted(value.join(','))}`);
    else for (const one of value) parts.push(`--${flag} ${quoted(String(one))}`);
  }
  if (samples !== undefined) parts.push(...sampleParts(samples));
  // Lists have no flag: they are read from the recipe's file.
  if (description.recipe.some(({ key, kind }) => kind === 'list' && key in wish)) parts.push('--recipe recipe.json');
  return parts;
}

export const commandText = (parts: string[]): string => parts.join(' \\\n  ');

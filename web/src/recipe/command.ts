// The command line that does the same as the page: the same settings, the same names.
import type { Description } from 'narrowcast';
import { settingOf, type Wish } from './wish.ts';

const quoted = (text: string): string => (/^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** The arguments, a flag with its value each; a line each in the text below. */
export function commandParts(model: string, wish: Wish, description: Description): string[] {
  const parts = [`npx narrowcast ${quoted(model.startsWith('-') ? `./${model}` : model)}`];
  for (const setting of description.recipe) {
    if (!(setting.key in wish)) continue;
    const flag = setting.key.replaceAll('_', '-');
    const value = settingOf(wish, setting);
    if (typeof value === 'boolean') parts.push(value ? `--${flag}` : `--no-${flag}`);
    else if (!Array.isArray(value)) parts.push(`--${flag} ${quoted(String(value))}`);
    else if (setting.key === 'op_types') parts.push(`--${flag} ${quoted(value.join(','))}`);
    else for (const one of value) parts.push(`--${flag} ${quoted(one)}`);
  }
  return parts;
}

export const commandText = (parts: string[]): string => parts.join(' \\\n  ');

/** What the command line calls its output. */
export function outputName(model: string, wish: Wish, description: Description): string {
  const read = (key: string): string => {
    const setting = description.recipe.find((known) => known.key === key);
    return setting === undefined ? '' : String(settingOf(wish, setting));
  };
  const dot = model.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [model.slice(0, dot), model.slice(dot)] : [model, ''];
  return `${stem}.${read('mode') === 'float16' ? 'float16' : read('weights')}${extension}`;
}

// Settings in the page's address, behind the #: browsers do not send that part to anybody.
import type { Description } from 'narrowcast';
import { type DataWish, parseDataWish } from './data-wish.ts';
import { parseWish, type Wish } from './wish.ts';

const key = 'settings=';

export interface Settings {
  recipe: Wish;
  samples: DataWish;
}

export function linkTo({ recipe, samples }: Settings): string {
  const page = location.href.replace(/#.*$/, '');
  return `${page}#${key}${encodeURIComponent(JSON.stringify({ recipe, samples }))}`;
}

/** The settings that the address holds; undefined when it holds none. Throws a sentence when it holds nonsense. */
export function settingsIn(hash: string, description: Description): Settings | undefined {
  if (!hash.startsWith(`#${key}`)) return undefined;
  let parsed: { recipe?: unknown; samples?: unknown };
  try {
    parsed = JSON.parse(decodeURIComponent(hash.slice(key.length + 1)));
  } catch {
    throw new Error('What stands behind the # is cut off.');
  }
  const recipe = parseWish(JSON.stringify(parsed.recipe ?? {}), description);
  return { recipe, samples: parseDataWish(parsed.samples, description) };
}

// Writes wasm/js/generated/describe.ts from what the built engine says about itself: unions, option types, settings.
import { mkdir, readFile, writeFile } from 'node:fs/promises';

const root = new URL('../', import.meta.url);
const built = new URL('build/wasm/wasm/', root);
const target = new URL('wasm/js/generated/', root);

async function describe() {
  const { default: createEngineModule } = await import(new URL('narrowcast.js', built));
  const wasm = await WebAssembly.compile(await readFile(new URL('narrowcast.wasm', built)));
  const module = await createEngineModule({
    instantiateWasm(imports, receive) {
      WebAssembly.instantiate(wasm, imports).then(receive);
      return {};
    },
  });
  return JSON.parse(module.describe());
}

const camel = (key) => key.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
const upperCamel = (key) => camel(`_${key}`);
const quoted = (text) => `'${text.replaceAll("'", "\\'")}'`;
const typeOf = (setting) =>
  ({ bool: 'boolean', integer: 'number', number: 'number', names: 'string[]', choice: upperCamel(setting.key) })[
    setting.kind
  ];

const fields = (settings, nameOf) =>
  settings
    .map((s) => `  /** ${s.sentence} Default: ${s.default || 'none'}. */\n  ${nameOf(s.key)}?: ${typeOf(s)};`)
    .join('\n');

const { recipe, errors, formats, observers, image_presets, image_fits, image_interpolations } = await describe();
const unions = recipe
  .filter((s) => s.kind === 'choice')
  .map((s) => `export type ${upperCamel(s.key)} = ${s.choices.map(quoted).join(' | ')};`);
const text = `// Made by scripts/generate-types.mjs from the engine's own description.
import type { ImagePreset, RecipeSetting } from '../types.js';

${unions.join('\n')}

/** A recipe as its JSON file holds it. */
export interface Recipe {
  $schema?: string;
${fields(recipe, (key) => key)}
}

/** A recipe as the options of a call. */
export interface RecipeOptions {
${fields(recipe, camel)}
}

export const recipeKeys = ${JSON.stringify(Object.fromEntries(recipe.map((s) => [camel(s.key), s.key])), null, 2)} as const;

export const recipeSettings: RecipeSetting[] = ${JSON.stringify(recipe, null, 2)};

/** How ranges are chosen from what samples show. */
export type CalibrationMethod = ${observers.map(({ name }) => quoted(name)).join(' | ')};

export const observers = ${JSON.stringify(observers, null, 2)};

/** How pictures become numbers, by name. */
export type ImagePresetName = ${image_presets.map(({ name }) => quoted(name)).join(' | ')};
export type ImageFit = ${image_fits.map(quoted).join(' | ')};
export type ImageInterpolation = ${image_interpolations.map(quoted).join(' | ')};

export const imagePresets: (ImagePreset & { name: ImagePresetName })[] = ${JSON.stringify(image_presets, null, 2)};

export const imageFits: ImageFit[] = ${JSON.stringify(image_fits)};
export const imageInterpolations: ImageInterpolation[] = ${JSON.stringify(image_interpolations)};

export const formats = ${JSON.stringify(formats, null, 2)};

export const errorCodes = ${JSON.stringify(Object.fromEntries(errors.map((e) => [e.code, e.number])), null, 2)} as const;
`;
await mkdir(target, { recursive: true });
await writeFile(new URL('describe.ts', target), text);

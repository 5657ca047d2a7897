// From what the built engine says about itself: wasm/js/generated/describe.ts (unions, option types, settings) and
// dist/recipe.schema.json.
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
const choiceType = (setting) => setting.choices.map(quoted).join(' | ');
const partTypes = (parts) =>
  parts.map((s) => `/** ${s.sentence} */ ${s.key}?: ${s.kind === 'choice' ? choiceType(s) : typeOf(s)};`).join(' ');
function typeOf(setting) {
  const plain = { bool: 'boolean', integer: 'number', number: 'number', names: 'string[]', depth: '[number, number]' };
  if (setting.kind === 'list') return `{ ${partTypes(setting.parts)} }[]`;
  return plain[setting.kind] ?? upperCamel(setting.key);
}

// JSON Schema of a setting, for editors and validators.
function schemaOf({ kind, sentence, choices, parts, default: fallback }) {
  const kinds = {
    choice: () => ({ enum: choices }),
    bool: () => ({ type: 'boolean' }),
    integer: () => ({ type: 'integer' }),
    number: () => ({ type: 'number' }),
    names: () => ({ type: 'array', items: { type: 'string' } }),
    depth: () => ({ type: 'array', items: { type: 'integer' }, minItems: 2, maxItems: 2 }),
    list: () => ({ type: 'array', items: objectOf(parts) }),
  };
  return { description: fallback ? `${sentence} Default: ${fallback}.` : sentence, ...kinds[kind]() };
}
function objectOf(settings) {
  const properties = Object.fromEntries(settings.map((setting) => [setting.key, schemaOf(setting)]));
  return { type: 'object', properties, additionalProperties: false };
}
function recipeSchema(settings) {
  const schema = objectOf(settings);
  const properties = { $schema: { type: 'string' }, ...schema.properties };
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'A recipe of Narrowcast', ...schema, properties };
}

const fields = (settings, nameOf) =>
  settings
    .map((s) => `  /** ${s.sentence} Default: ${s.default || 'none'}. */\n  ${nameOf(s.key)}?: ${typeOf(s)};`)
    .join('\n');

const { recipe, recipes, errors, formats, observers, image_presets, image_fits, image_interpolations } =
  await describe();
const unions = recipe
  .filter((s) => s.kind === 'choice')
  .map((s) => `export type ${upperCamel(s.key)} = ${s.choices.map(quoted).join(' | ')};`);
const rows = (list) => `[\n${list.map((row) => `  ${JSON.stringify(row)}`).join(',\n')},\n]`;
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

export const recipeSettings: RecipeSetting[] = ${rows(recipe)};

/** Recipes of ours, by name. */
export type RecipeName = ${recipes.map(({ name }) => quoted(name)).join(' | ')};

export const recipes: { name: RecipeName; sentence: string; recipe: Recipe }[] = ${rows(recipes)};

/** How ranges are chosen from what samples show. */
export type CalibrationMethod = ${observers.map(({ name }) => quoted(name)).join(' | ')};

export const observers = ${rows(observers)};

/** How pictures become numbers, by name. */
export type ImagePresetName = ${image_presets.map(({ name }) => quoted(name)).join(' | ')};
export type ImageFit = ${image_fits.map(quoted).join(' | ')};
export type ImageInterpolation = ${image_interpolations.map(quoted).join(' | ')};

export const imagePresets: (ImagePreset & { name: ImagePresetName })[] = ${rows(image_presets)};

export const imageFits: ImageFit[] = ${JSON.stringify(image_fits)};
export const imageInterpolations: ImageInterpolation[] = ${JSON.stringify(image_interpolations)};

export const formats = ${rows(formats)};

export const errorCodes = ${JSON.stringify(Object.fromEntries(errors.map((e) => [e.code, e.number])), null, 2)} as const;
`;
await mkdir(target, { recursive: true });
await writeFile(new URL('describe.ts', target), text);
const dist = new URL('dist/', root);
await mkdir(dist, { recursive: true });
await writeFile(new URL('recipe.schema.json', dist), `${JSON.stringify(recipeSchema(recipe), null, 2)}\n`);

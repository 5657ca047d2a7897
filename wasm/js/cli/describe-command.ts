import { Command } from 'commander';
import { describe } from '../api.js';
import type { Description } from '../types.js';
import { tableText } from './text.js';

function descriptionText({ formats, recipe, recipes, image_presets, ops }: Description): string {
  const opRows = ops.flatMap(({ folder, ops: list }) =>
    list.map(({ domain, type, versions, has_weights, runs }) => [
      folder,
      domain ? `${domain}.${type}` : type,
      versions.join(' to '),
      has_weights ? 'yes' : '',
      runs ? 'yes' : '',
    ]),
  );
  return [
    `Formats: ${formats.map(({ name, extension }) => `${name} (${extension})`).join(', ')}\n\n`,
    'Settings of a recipe:\n',
    tableText(
      ['key', 'default', 'choices', 'what it says'],
      recipe.map((s) => [s.key, s.default, s.choices?.join(', ') ?? s.kind, s.sentence]),
    ),
    '\nRecipes of ours, for --recipe:\n',
    tableText(
      ['name', 'what it does'],
      recipes.map(({ name, sentence }) => [name, sentence]),
    ),
    '\nPresets for the pictures that a model is calibrated on:\n',
    tableText(
      ['name', 'what it does'],
      image_presets.map(({ name, sentence }) => [name, sentence]),
    ),
    '\nOps that are understood; all others are passed through as they are:\n',
    tableText(['family', 'op', 'versions', 'has weights', 'runs'], opRows),
  ].join('');
}

export function makeDescribeCommand(): Command {
  return new Command('describe')
    .summary('list formats, settings and ops that this version knows')
    .description('Lists the formats, recipe settings and ops that this version knows.')
    .option('--json', 'print exactly one JSON object')
    .helpOption('-h, --help', 'show this help')
    .action(async ({ json }: { json?: boolean }) => {
      const description = await describe();
      process.stdout.write(json ? `${JSON.stringify(description)}\n` : descriptionText(description));
    });
}

import { Command } from 'commander';
import { dryRun, inspect } from '../api.js';
import type { Recipe } from '../generated/describe.js';
import type { Inspection, ValueInfo } from '../types.js';
import { asFailure } from './failure.js';
import { dataFilesOf, openFile } from './model-files.js';
import { bytesText, countText, percentText, shapeText, tableText } from './text.js';

const wishes: Recipe[] = [{ weights: 'int8' }, { weights: 'int4' }, { mode: 'float16' }];

interface Estimate {
  recipe: Recipe;
  output_bytes: number | null;
  narrowed: number;
  /** Why there is nothing to gain. */
  reason: string;
}

async function estimate(path: string, recipe: Recipe, signal: AbortSignal): Promise<Estimate> {
  const options = { recipe, signal, externalData: dataFilesOf(path) };
  try {
    const { report } = await dryRun(await openFile(path), options);
    const narrowed = report.values.filter((value) => value.verdict === 'quantized').length;
    return { recipe, output_bytes: report.output_bytes, narrowed, reason: '' };
  } catch (thrown) {
    const error = asFailure(thrown);
    if (error.code !== 'would_not_help' && error.code !== 'usage') throw thrown;
    return { recipe, output_bytes: null, narrowed: 0, reason: error.message };
  }
}

const valueRows = (kind: string, values: ValueInfo[]): string[][] =>
  values.map(({ name, dtype, shape, dim_names }) => [kind, name, dtype, shapeText(shape, dim_names)]);

const missingText = ({ missing_ops: missing }: Inspection): string =>
  missing.length === 0 ? 'yes' : `no: ${missing.map(({ op, count }) => `${count} ${op}`).join(', ')}`;

function inspectionText(path: string, model: Inspection, estimates: Estimate[]): string {
  const opsets = model.opsets.map(({ domain, version }) => `${domain || 'ai.onnx'} ${version}`).join(', ');
  const facts = [
    ['format', `${model.format}${opsets ? `, opset ${opsets}` : ''}`],
    ['made by', model.producer || 'unknown'],
    ['size', `${bytesText(model.bytes)}, ${bytesText(model.float_bytes)} of it floats`],
    ['weights', countText(model.parameters, 'parameter')],
    ['graph', `${countText(model.nodes, 'node')} in ${countText(model.graphs, 'graph')}`],
    ['data files', model.external_files.join(', ') || 'none'],
    ['quantized already', model.already_quantized ? 'yes' : 'no'],
    ['runs here', missingText(model)],
  ];
  const ops = model.ops.toSorted((a, b) => b.count - a.count);
  const targets = estimates.map(({ recipe, output_bytes: bytes, narrowed, reason }) => [
    recipe.mode ?? recipe.weights ?? '',
    bytes === null ? 'nothing to gain' : bytesText(bytes),
    bytes === null ? '' : percentText(bytes, model.bytes),
    bytes === null ? reason : countText(narrowed, 'weight'),
  ]);
  const integers = model.targets.map(({ target, verified, integer_nodes: fastest, integer_kernels: all, nodes }) => [
    target,
    `${fastest} of ${nodes}`,
    String(all),
    verified ? '' : 'unverified',
  ]);
  return [
    `${path}\n`,
    tableText(['', ''], facts),
    '\n',
    tableText(
      ['', 'name', 'type', 'shape'],
      [...valueRows('input', model.inputs), ...valueRows('output', model.outputs)],
    ),
    '\n',
    tableText(
      [' count', 'op'],
      ops.map((op) => [String(op.count), op.domain ? `${op.domain}.${op.type}` : op.type]),
    ),
    ...(integers.length === 0
      ? []
      : [
          '\n  ops that full-integer would compute in integers\n',
          tableText(['target', 'by speed', 'with a kernel', ''], integers),
        ]),
    '\n  what it could become\n',
    tableText(['', ' size', ' of now', 'narrowed'], targets),
  ].join('');
}

export function makeInspectCommand(signal: AbortSignal): Command {
  return new Command('inspect')
    .summary('tell what a model is, whether it runs and what narrowing it would give')
    .description('Tells what a model is: inputs and outputs, ops, sizes, and how small each mode would make it.')
    .argument('<model>', 'a model file')
    .option('--json', 'print exactly one JSON object')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', '\nExample:\n  $ narrowcast inspect model.onnx\n')
    .action(async (path: string, { json }: { json?: boolean }) => {
      const model = await inspect(await openFile(path), { externalData: dataFilesOf(path), signal });
      const estimates: Estimate[] = [];
      for (const recipe of wishes) estimates.push(await estimate(path, recipe, signal));
      process.stdout.write(
        json ? `${JSON.stringify({ ...model, estimates })}\n` : inspectionText(path, model, estimates),
      );
    });
}

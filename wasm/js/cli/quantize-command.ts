import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { NarrowcastError } from '../errors.js';
import { type Recipe, recipes } from '../generated/describe.js';
import { builtInRecipe, withRanges } from '../recipe.js';
import { addCalibrationOptions, atLeastOne, type CalibrationFlags } from './calibration-data.js';
import { asFailure, exitCodeOf, exitCodes, failureJson, failureText } from './failure.js';
import { addGateOptions } from './gate-options.js';
import { checkFlags, type Outcome, type QuantizeFlags, quantizeFile } from './quantize-job.js';
import { addRecipeOptions, givenRecipe } from './recipe-options.js';
import { judgedText, nodeTable, summaryText, weightTable } from './summary.js';
import { bytesText } from './text.js';
import { workersOf } from './workers-option.js';

const help = `
What the modes do:
  weight-only  stores weights as 8-bit or 4-bit integers with a scale; the runtime widens them when it loads or runs
               the model. int8: a quarter of the size, hardly any loss. int4: an eighth, with some loss.
  float16      computes in half precision: half the size, practically no loss, faster where the hardware has it. Of a
               TFLite model, and of any with --storage, weights alone are stored so and widened at load.
  dynamic-range  as weight-only, and products are computed in integers: faster where they dominate. Activations are
               quantized as they come. ONNX: matrix products; TFLite: convolutions and recurrent layers too.
  full-integer stores and computes what the runtime (--target) can in integers. Samples of the model's input
               (--calibration) show which numbers each activation takes on.
  integer-only as full-integer, with inputs and outputs in integers too; lists what is in the way.
Without --mode it is full-integer where --calibration or --ranges is given, else dynamic-range; weight-only for 4-bit
weights. Inputs and outputs stay float32, unless --io says otherwise.

Examples:
  $ narrowcast model.onnx                               8-bit weights, products in integers, into model.int8.onnx
  $ narrowcast model.onnx --weights int4                4-bit weights into model.int4.onnx
  $ narrowcast model.onnx --mode weight-only            8-bit weights, everything computes as before
  $ narrowcast model.onnx --calibration photos/ --preset imagenet   full-integer, from pictures like those it will see
  $ narrowcast model.onnx --calibration x.npy --labels y.csv --max-drop 0.5   and refuse when half a point is lost
  $ narrowcast model.onnx --mode float16 -o half.onnx   half precision into half.onnx
  $ narrowcast model.onnx --exclude '*head*'            the head stays as it is
  $ narrowcast models/*.onnx -o narrowed/               all models into a folder
  $ narrowcast model.onnx --dry-run -v                  only tells what would happen, weight by weight

Exit codes: 0 done, 1 internal error, 2 wrong use, 3 model invalid or unsupported, 4 calibration data, 5 more was lost
than --min-sqnr or --max-drop allow (nothing is written, unless with --keep-going), 6 narrowing would not help, 130 interrupted.
`;

/** A file, or one of our own by its name. */
async function readRecipe(path: string): Promise<Recipe> {
  if (/^[\w-]+$/.test(path) && recipes.some(({ name }) => name === path)) return builtInRecipe(path);
  const text = await readFile(path, 'utf8');
  let recipe: unknown;
  try {
    recipe = JSON.parse(text);
  } catch (error) {
    throw new NarrowcastError('usage', `The recipe is not JSON: ${(error as Error).message}.`, path);
  }
  if (typeof recipe !== 'object' || recipe === null || Array.isArray(recipe)) {
    throw new NarrowcastError('usage', 'The recipe is not a JSON object.', path);
  }
  return recipe as Recipe;
}

function tell(outcome: Outcome, flags: QuantizeFlags): void {
  const failed = outcome.judged?.failed ?? [];
  for (const sentence of failed) process.stderr.write(`  failed:   ${sentence}\n`);
  if (flags.quiet) return;
  process.stderr.write(`${outcome.model}\n${summaryText(outcome, outcome.elapsed_ms)}${judgedText(outcome)}`);
  for (const path of outcome.data_files) process.stderr.write(`  data:     ${path}\n`);
  if (flags.verbose) {
    process.stderr.write(`  memory:   ${bytesText(outcome.peak_bytes)} at most\n${weightTable(outcome)}`);
    if (outcome.activations !== undefined) process.stderr.write(nodeTable(outcome));
  }
  if (flags.dryRun) process.stderr.write('  dry run:  nothing was written\n');
  else if (outcome.output === null) {
    process.stderr.write('  refused:  nothing was written; --keep-going writes it all the same\n');
  }
}

type Flags = QuantizeFlags & CalibrationFlags & { recipe?: string; ranges?: string; storage?: boolean };

async function recipeFrom(flags: Flags): Promise<Recipe> {
  const file = flags.recipe === undefined ? {} : await readRecipe(flags.recipe);
  const recipe = { ...file, ...givenRecipe({ ...flags }) };
  if (flags.storage && recipe.mode !== 'float16') {
    throw new NarrowcastError('usage', '--storage says how float16 is written: it needs --mode float16.', '--storage');
  }
  return recipe;
}

/** Runs all models; returns the exit code of the first that failed. */
async function quantizeAll(models: string[], flags: Flags, signal: AbortSignal): Promise<number> {
  checkFlags(models, flags);
  const ranges = flags.ranges === undefined ? undefined : await readFile(flags.ranges, 'utf8');
  const given = await recipeFrom(flags);
  const calibrates = ranges !== undefined || flags.calibration !== undefined;
  const recipe = calibrates ? withRanges(given) : given;
  const several = models.length > 1;
  const results: object[] = [];
  let exit: number = exitCodes.ok;
  for (const model of models) {
    // A folder for several models: one file name would be written again and again.
    const output = several && flags.output !== undefined ? { output: `${flags.output}/` } : {};
    try {
      const outcome = await quantizeFile(
        model,
        recipe,
        { ...flags, ...output, ...(ranges === undefined ? {} : { ranges }) },
        signal,
      );
      results.push(outcome);
      tell(outcome, flags);
      if ((outcome.judged?.failed.length ?? 0) > 0) exit ||= exitCodes.quality;
      if (!flags.json && outcome.output !== null) process.stdout.write(`${outcome.output}\n`);
    } catch (thrown) {
      const error = asFailure(thrown);
      exit ||= exitCodeOf(error);
      results.push(failureJson(error, model));
      process.stderr.write(failureText(error, model));
      if (signal.aborted) break;
    }
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(several ? { schema_version: 1, results } : results[0])}\n`);
  return exit;
}

export function makeQuantizeCommand(signal: AbortSignal, done: (exit: number) => void): Command {
  const command = new Command('quantize')
    .summary('narrow models (what narrowcast <model> does)')
    .description('Narrows trained ONNX and TFLite models: float32 weights in, int8, int4 or float16 out.')
    .argument('<model...>', 'model files; data files beside them are found by themselves')
    .optionsGroup('Where it goes:')
    .option('-o, --output <path>', 'output file, or a folder (default: model.int8.onnx beside model.onnx)')
    .option('--overwrite', 'replace an output that exists already')
    .option('--dry-run', 'do everything but the writing')
    .option('--report <file>', 'write the report: as .json, or as one .html file with tables and histograms')
    .option('--save-recipe <file.json>', 'write the settings to a file that --recipe reads')
    .optionsGroup('How it is narrowed:')
    .option(
      '--recipe <file.json>',
      `settings from a file, or one of ours: ${recipes.map(({ name }) => name).join(', ')}; options given here win`,
    )
    .option(
      '--ranges <file.json>',
      'what calibration found: the mode is then full-integer, unless --mode says another',
    );
  addGateOptions(
    addCalibrationOptions(addRecipeOptions(command))
      .optionsGroup('What it may lose, measured on the samples:')
      .option('--no-judge', 'do not run the narrowed model on samples')
      .option('--judge-samples <n>', 'how many samples are judged (default: 16)', atLeastOne)
      .option('--no-search', 'below 20 dB: do not look for the nodes that are better left in float'),
  )
    .option('--signature <key>', 'the signature of a TFLite model that the samples are of (default: its main graph)')
    .option('--workers <n>', 'how many run at once, each with the whole model', workersOf)
    .optionsGroup('What is told:')
    .option('--json', 'print exactly one JSON object: the report, or the error')
    .option('-q, --quiet', 'nothing but errors and the path of the output')
    .option('-v, --verbose', 'list every weight, with its noise and its reason; in integer modes every op too')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', help)
    .action(async (models: string[], flags: Flags) => done(await quantizeAll(models, flags, signal)));
  return command;
}

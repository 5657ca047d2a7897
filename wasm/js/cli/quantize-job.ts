// One model on the command line: its files, the narrowing, the report.
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { inspect } from '../api.js';
import { readLabels } from '../data/labels.js';
import type { Samples } from '../data/samples.js';
import { NarrowcastError } from '../errors.js';
import type { Recipe } from '../generated/describe.js';
import type { Sink } from '../narrow.js';
import type { QuantizeOptions } from '../options.js';
import { prepareAndNarrow } from '../quantize.js';
import { completeRecipe, outputName } from '../recipe.js';
import { reportHtml } from '../report-html.js';
import type { Report } from '../types.js';
import { type CalibrationFlags, samplesFrom } from './calibration-data.js';
import type { GateFlags } from './gate-options.js';
import { dataFilesOf, dataPath, openFile } from './model-files.js';
import { OutputFiles } from './output-files.js';
import { ProgressLine } from './progress-line.js';

export interface QuantizeFlags extends CalibrationFlags, GateFlags {
  judge?: boolean;
  judgeSamples?: number;
  search?: boolean;
  workers?: number;
  output?: string;
  report?: string;
  saveRecipe?: string;
  dryRun?: boolean;
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  overwrite?: boolean;
  /** The text of a range file. */
  ranges?: string;
}

export interface Outcome extends Report {
  model: string;
  /** Where the narrowed model is; null after a dry run, and when it loses more than is allowed. */
  output: string | null;
  /** Data files that belong to it. */
  data_files: string[];
  elapsed_ms: number;
  /** The most memory this process has held. */
  peak_bytes: number;
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** `output` is a file, or a folder when it is one or ends like one. */
export async function outputPath(model: string, output: string | undefined, recipe: Recipe): Promise<string> {
  const name = outputName(basename(model), recipe);
  if (output === undefined) return resolve(dirname(model), name);
  const folder = output.endsWith('/') || output.endsWith(sep) || (await isFolder(output));
  return folder ? resolve(output, name) : resolve(output);
}

async function keepDataFiles(files: OutputFiles, model: string, target: string, report: Report): Promise<string[]> {
  const places = report.external_files_kept.map((name) => ({
    from: resolve(dataPath(model, name)),
    to: resolve(dataPath(target, name)),
  }));
  for (const { from, to } of places) if (from !== to) await files.copy(from, to);
  return places.map(({ to }) => to);
}

async function writeReport(files: OutputFiles, path: string, outcome: Outcome): Promise<void> {
  if (!/\.html?$/i.test(path)) return files.writeJson(path, outcome);
  await files.begin(path);
  await files.write(new TextEncoder().encode(await reportHtml(outcome, basename(outcome.model))));
}

/** What is done with the samples beside calibrating. */
async function judgeOptions(flags: QuantizeFlags, samples: Samples | undefined): Promise<QuantizeOptions> {
  const { judge, judgeSamples, search, workers, minSqnr, maxDrop, signature, labels } = flags;
  const given = { judge, judgeSamples, search, workers, minSqnr, maxDrop, signature };
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(samples === undefined ? {} : { calibration: samples }),
    ...(labels === undefined || samples === undefined
      ? {}
      : { labels: readLabels(await readFile(labels, 'utf8'), labels, samples) }),
  };
}

export async function quantizeFile(
  model: string,
  recipe: Recipe,
  flags: QuantizeFlags,
  signal: AbortSignal,
): Promise<Outcome> {
  const started = performance.now();
  const target = await outputPath(model, flags.output, recipe);
  const inputs = [model];
  const files = new OutputFiles(inputs, flags.overwrite ?? false);
  const askFor = dataFilesOf(model);
  const progress = flags.quiet ? undefined : new ProgressLine(basename(model));
  const options: QuantizeOptions = {
    recipe,
    ...(flags.ranges === undefined ? {} : { ranges: flags.ranges }),
    signal,
    dataName: `${basename(target)}.data`,
    externalData: (name) => {
      inputs.push(dataPath(model, name));
      return askFor(name);
    },
    ...(progress === undefined ? {} : { onProgress: (state) => progress.update(state) }),
  };
  const source = await openFile(model);
  const samples =
    flags.calibration === undefined
      ? undefined
      : await samplesFrom(flags, await inspect(source, { signal, externalData: askFor }));
  Object.assign(options, await judgeOptions(flags, samples));
  const newData: string[] = [];
  let begun: string | undefined;
  const sink: Sink = async (chunk, { name }) => {
    if (begun !== name) {
      begun = name;
      const path = name === '' ? target : join(dirname(target), name);
      if (name !== '') newData.push(path);
      await files.begin(path);
    }
    await files.write(chunk);
  };
  try {
    if (!flags.dryRun) {
      for (const path of [target, flags.report, flags.saveRecipe]) if (path !== undefined) await files.check(path);
    }
    const result = await prepareAndNarrow(source, flags.dryRun ? undefined : sink, options);
    const isRefused = (result.report.judged?.failed.length ?? 0) > 0 && !result.recipe.keep_going;
    const isWritten = !flags.dryRun && !isRefused;
    const kept = !isWritten ? [] : await keepDataFiles(files, model, target, result.report);
    const outcome: Outcome = {
      ...result.report,
      model: resolve(model),
      output: isWritten ? target : null,
      data_files: isWritten ? [...newData, ...kept] : [],
      elapsed_ms: Math.round(performance.now() - started),
      peak_bytes: process.resourceUsage().maxRSS * 1024,
    };
    if (flags.dryRun) return outcome;
    if (isRefused) await files.discard();
    // Why it was refused is what one needs to know.
    if (flags.report !== undefined) await writeReport(files, flags.report, outcome);
    if (flags.saveRecipe !== undefined) await files.writeJson(flags.saveRecipe, completeRecipe(recipe));
    signal.throwIfAborted();
    await files.commit();
    return outcome;
  } finally {
    progress?.clear();
    await files.discard();
  }
}

/** Options that make no sense together, before any work. */
export function checkFlags(models: string[], flags: QuantizeFlags): void {
  if (models.length > 1 && flags.report !== undefined) {
    throw new NarrowcastError('usage', 'A report is about one model; --json prints those of several.', '--report');
  }
}

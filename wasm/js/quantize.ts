// Narrowing as a whole: ranges from samples, the model, and what it lost on the first of the samples.
import type { Samples } from './data/samples.js';
import type { CalibrationSamples } from './deal.js';
import { withEngine } from './engine.js';
import { NarrowcastError } from './errors.js';
import type { Recipe } from './generated/describe.js';
import { checkGates, defaultJudged, hasGates, judgedActivations, judgeNarrowed, Remembered } from './judge.js';
import { searchFloat } from './keep-float.js';
import { findRanges, Kept, narrow, type Sink, type StreamResult } from './narrow.js';
import { type QuantizeOptions, recipeOf } from './options.js';
import { makeTell, type Tell } from './progress.js';
import { targetDb } from './search.js';
import { Session } from './session.js';
import type { ByteSource } from './source.js';
import type { Report } from './types.js';

export interface Made extends StreamResult {
  recipe: Recipe;
}

async function judge(
  model: ByteSource,
  made: StreamResult,
  kept: Kept,
  options: QuantizeOptions,
  told: { recipe: Recipe; remembered: Remembered; tell: Tell },
): Promise<Report> {
  const { report } = made;
  const samples = await told.remembered.first();
  const compared = await judgeNarrowed(model, kept.narrowed(), report, samples, { options, tell: told.tell }).catch(
    (error: unknown) => {
      // The file is good for its runtime all the same.
      if (error instanceof NarrowcastError && error.code === 'unsupported' && !hasGates(options)) return error;
      throw error;
    },
  );
  if (compared instanceof NarrowcastError) {
    const why = `It was not judged, because it does not run here: ${compared.message}`;
    return { ...report, warnings: [...report.warnings, why] };
  }
  const { workers: _, heapBytes: __, ...judged } = compared;
  const isPoor = judged.outputs.some(
    ({ sqnr_db, unlike }) => unlike !== undefined || (sqnr_db !== null && sqnr_db < targetDb),
  );
  const isSearched = isPoor && report.mode === 'full-integer' && options.search !== false;
  const found = isSearched ? { keep_float: await searchFloat(model, samples, options, { ...told, report }) } : {};
  return {
    ...report,
    ...(report.activations === undefined ? {} : { activations: judgedActivations(report.activations, judged) }),
    judged: { ...judged, ...found },
  };
}

const areOpened = (samples: CalibrationSamples | undefined): samples is Samples =>
  samples !== undefined && 'fed' in samples && 'warnings' in samples;

/** The report, with what samples of `openSamples` say of what they held. */
function withFed(report: Report, samples: CalibrationSamples | undefined): Report {
  if (!areOpened(samples)) return report;
  const warnings = samples.warnings().map(({ message, where }) => `${where}: ${message}`);
  return { ...report, fed: samples.fed(), warnings: [...warnings, ...report.warnings] };
}

/** Narrows and judges; gates that are not passed are in the report only. */
export async function prepareAndNarrow(
  model: ByteSource,
  sink: Sink | undefined,
  options: QuantizeOptions,
): Promise<Made> {
  const recipe = recipeOf(options);
  checkGates(options);
  const { calibration, judgeSamples = defaultJudged } = options;
  const remembered =
    calibration === undefined || options.judge === false ? undefined : new Remembered(calibration, judgeSamples);
  const tell = makeTell(options.onProgress, calibration !== undefined);
  const known = await findRanges(
    model,
    remembered === undefined ? options : { ...options, calibration: remembered.samples },
    recipe,
    tell,
  );
  const kept = new Kept();
  const both: Sink | undefined =
    remembered === undefined
      ? sink
      : async (chunk, file) => {
          kept.take(chunk, file);
          await sink?.(chunk, file);
        };
  const made = await withEngine((lent) => narrow(new Session(lent), model, both, options, { recipe, known, tell }));
  const report =
    remembered === undefined ? made.report : await judge(model, made, kept, options, { recipe, remembered, tell });
  const { signature } = options;
  const told = signature === undefined || calibration === undefined ? report : { ...report, signature };
  return { ...made, report: withFed(told, calibration), recipe };
}

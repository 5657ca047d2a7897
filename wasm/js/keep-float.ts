// Looks for nodes to keep in float by narrowing a model in other ways and running what comes out.
import type { CalibrationSamples, Sample } from './deal.js';
import { withEngine } from './engine.js';
import { addFiles } from './files.js';
import type { Recipe } from './generated/describe.js';
import { dataOf, listed, type Remembered } from './judge.js';
import { runOnce } from './model.js';
import { findRanges, Kept, type Narrowed, narrow } from './narrow.js';
import type { QuantizeOptions } from './options.js';
import type { Tell } from './progress.js';
import { findKeepFloat, mostRuns, type Trial } from './search.js';
import { answerOf, Session } from './session.js';
import type { ByteSource } from './source.js';
import type { Judgement, KeepFloat, Report } from './types.js';

/** The outputs of both models on samples, in an engine of this thread. */
async function compareOutputs(
  model: ByteSource,
  narrowed: Narrowed,
  samples: Sample[],
  options: QuantizeOptions,
): Promise<Judgement> {
  return withEngine(async (lent) => {
    const session = new Session(lent);
    const { signal, externalData, signature = '' } = options;
    const stop = signal === undefined ? {} : { signal };
    await addFiles(session, model, { ...stop, ...(externalData === undefined ? {} : { externalData }) });
    const second = session.files;
    await addFiles(session, narrowed.model, { ...stop, externalData: dataOf(narrowed, options) });
    session.compare(second, JSON.stringify({ values: false, signature }));
    for (const [index, sample] of samples.entries()) {
      session.sample(index);
      await runOnce(session, sample, stop, () => {});
    }
    const states = JSON.stringify([session.observed()]);
    return answerOf(lent.guard(() => lent.module.judge(states, '{}'))) as Judgement;
  });
}

const mostSearched = 8;

/** Which nodes to leave in float. */
export async function searchFloat(
  model: ByteSource,
  samples: CalibrationSamples,
  options: QuantizeOptions,
  made: { recipe: Recipe; remembered: Remembered; tell: Tell; report: Report },
): Promise<KeepFloat> {
  const { recipe, remembered, tell, report } = made;
  tell('searching', 0, mostRuns, '');
  // Where a node stays in float, others need ranges that the whole plan did not.
  const again = { ...options, calibration: await remembered.again() };
  const known = await findRanges(model, again, recipe, () => {}, true);
  const some = (await listed(samples)).slice(0, mostSearched);
  let runs = 0;
  const trial: Trial = async ({ exclude = [], only }) => {
    tell('searching', runs, mostRuns, '');
    runs += 1;
    const kept = new Kept();
    const wish: Recipe = {
      ...recipe,
      keep_going: true,
      exclude: [...(recipe.exclude ?? []), ...exclude],
      ...(only === undefined ? {} : { only }),
    };
    await withEngine((lent) =>
      narrow(new Session(lent), model, (chunk, file) => kept.take(chunk, file), options, {
        recipe: wish,
        known,
        tell: () => {},
      }),
    );
    const { outputs } = await compareOutputs(model, kept.narrowed(), some, options);
    return Math.max(
      ...outputs.map(({ signal_power, noise_power, unlike }) =>
        unlike !== undefined ? Number.POSITIVE_INFINITY : noise_power === 0 ? 0 : noise_power / signal_power,
      ),
    );
  };
  // What widens a constant follows from who reads it.
  const nodes = report.nodes
    .filter(({ verdict, op }) => verdict === 'quantized' && op !== 'DEQUANTIZE')
    .map(({ name }) => name);
  return findKeepFloat(nodes, trial, options.searchSignal);
}

// Both models in the runtime that will execute them: what they say of one sample, and how fast.
import { modelInputs, type Tensor } from 'narrowcast';
import { useEffect, useRef, useState } from 'preact/hooks';
import { answerOf, largestDifference } from './engine/answer.ts';
import { findData } from './engine/find-data.ts';
import type { GivenFile } from './engine/given-files.ts';
import type { DataRequest, OutputAnswer } from './engine/protocol.ts';
import type { Opened, Outcome } from './state.ts';
import { Borders } from './try/codes.ts';
import { madeUpInputs } from './try/made-up.ts';
import type { Runtime, RuntimeModel, Tensors } from './try/protocol.ts';
import { runtimeFor } from './try/runtimes.ts';
import type { Narrowcast } from './use-narrowcast.ts';

export interface Side {
  outputs: OutputAnswer[];
  /** Of the runs that were timed, in milliseconds. */
  median: number;
  /** From where to where the middle half of the runs lies. */
  middle: [from: number, to: number];
  /** How many measurements these are. */
  measurements: number;
}

export interface Trial {
  float: Side;
  narrowed: Side;
  /** Of any number in outputs that both name. */
  largest: number | undefined;
}

export type TrialState =
  | { at: 'idle' }
  | { at: 'busy'; text: string }
  | { at: 'failed'; reason: string }
  | { at: 'done'; trial: Trial };

/** What is tried: a sample of the visitor's, or zeros, whose answers mean nothing. */
type Subject = { request: DataRequest; index: number } | 'zeros';

const quantile = (sorted: number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;

const median = (sorted: number[]): number => {
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
};

function sideOf(outputs: Tensors, times: number[]): Side {
  const sorted = times.toSorted((a, b) => a - b);
  return {
    outputs: Object.entries(outputs).map(([name, tensor]) => answerOf(name, tensor)),
    median: median(sorted),
    middle: [quantile(sorted, 0.25), quantile(sorted, 0.75)],
    measurements: times.length,
  };
}

const bytesOf = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());

async function floatModel({ files, inspection }: Opened): Promise<RuntimeModel> {
  const data: RuntimeModel['data'] = {};
  for (const name of inspection.external_files) {
    const file = findData(files.data, name);
    if (file !== undefined) data[name] = await bytesOf(file);
  }
  return { bytes: await bytesOf(files.model), data };
}

async function narrowedModel({ narrowed }: Outcome, float: RuntimeModel): Promise<RuntimeModel> {
  const data: RuntimeModel['data'] = {};
  for (const name of narrowed.report.external_files_kept)
    if (float.data[name] !== undefined) data[name] = float.data[name];
  let bytes = new Uint8Array();
  for (const { name, blob } of narrowed.files) {
    if (name === '') bytes = (await bytesOf(blob)) as Uint8Array<ArrayBuffer>;
    else data[name] = await bytesOf(blob);
  }
  return { bytes, data };
}

export interface TrialDesk {
  state: TrialState;
  /** The last that went well, whatever was tried: times hardly depend on it. */
  times: Trial | undefined;
  title: string;
  /** What is fetched before the first try, in bytes. */
  runtimeBytes: number;
  trySample(index: number): void;
  /** Times alone, on the first sample or on zeros; undefined where the model's sizes are open and there is no sample. */
  measureTimes: (() => void) | undefined;
  tryFile(given: GivenFile[]): void;
}

/** Undefined where no runtime of the format runs here. */
export function useTrial(page: Narrowcast, opened: Opened, outcome: Outcome): TrialDesk | undefined {
  const [state, setState] = useState<TrialState>({ at: 'idle' });
  const [times, setTimes] = useState<Trial>();
  const ready = useRef<Outcome>(undefined);
  const last = useRef<AbortController>(undefined);
  useEffect(() => () => last.current?.abort(), []);
  const named = runtimeFor(opened.inspection.format);
  if (named === undefined) return undefined;
  const { title, bytes: runtimeBytes, start } = named;

  const prepare = async (runtime: Runtime): Promise<void> => {
    if (ready.current === outcome) return;
    const float = await floatModel(opened);
    await runtime.open('float', float);
    await runtime.open('narrowed', await narrowedModel(outcome, float));
    ready.current = outcome;
  };

  const inputsOf = async (subject: Subject, signal: AbortSignal): Promise<Tensors> => {
    if (subject === 'zeros') return madeUpInputs(opened.inspection) ?? {};
    const { request, index } = subject;
    const sample = await page.engine.readSample(request, index, request === page.samples.request, signal);
    if (sample === undefined) throw new Error('The sample cannot be read.');
    return sample;
  };

  const measure = async (subject: Subject, signal: AbortSignal): Promise<Trial> => {
    const tell = (text: string): void => {
      if (!signal.aborted) setState({ at: 'busy', text });
    };
    tell('Reading the sample');
    const inputs = await inputsOf(subject, signal);
    const borders = new Borders(outcome.narrowed.report, outcome.wish.io, opened.inspection);
    tell(`Loading ${title} and both models`);
    const runtime = start();
    await prepare(runtime);
    tell('Running both, again and again');
    const float = await runtime.run('float', inputs);
    const narrowed = await runtime.run('narrowed', borders.encode(inputs));
    const outputs = borders.decode(narrowed.outputs);
    const differences = Object.entries(float.outputs).flatMap(([name, tensor]) => {
      const other: Tensor | undefined = outputs[name];
      const difference = other === undefined ? undefined : largestDifference(tensor, other);
      return difference === undefined ? [] : [difference];
    });
    return {
      float: sideOf(float.outputs, float.times),
      narrowed: sideOf(outputs, narrowed.times),
      largest: differences.length === 0 ? undefined : Math.max(...differences),
    };
  };

  const go = (subject: Subject): void => {
    last.current?.abort();
    const controller = new AbortController();
    last.current = controller;
    const { signal } = controller;
    measure(subject, signal).then(
      (trial) => {
        if (signal.aborted) return;
        setTimes(trial);
        setState(subject === 'zeros' ? { at: 'idle' } : { at: 'done', trial });
      },
      (error) =>
        !signal.aborted && setState({ at: 'failed', reason: error instanceof Error ? error.message : String(error) }),
    );
  };

  const { request, wish, look } = page.samples;
  const first = look?.previews[0]?.index;
  const hasFirst = request !== undefined && first !== undefined;
  const canMeasure = hasFirst || madeUpInputs(opened.inspection) !== undefined;
  const trySample = (index: number): void => {
    if (request !== undefined) go({ request, index });
  };
  return {
    state,
    times,
    title,
    runtimeBytes,
    trySample,
    measureTimes: canMeasure ? () => (hasFirst ? trySample(first) : go('zeros')) : undefined,
    tryFile: (given) =>
      go({ request: { inputs: modelInputs(opened.inspection), files: given.slice(0, 1), wish }, index: 0 }),
  };
}

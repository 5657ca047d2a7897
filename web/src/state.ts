import type { Inspection, Progress } from 'narrowcast';
import type { SampleFiles } from './engine/data-groups.ts';
import type { ModelFiles, Narrowed } from './engine/protocol.ts';
import type { DataWish } from './recipe/data-wish.ts';
import type { Wish } from './recipe/wish.ts';
import type { Problem } from './words/problem.ts';

export interface Opened {
  files: ModelFiles;
  inspection: Inspection;
}

/** A result, and what was asked for when it was made. */
export interface Outcome {
  narrowed: Narrowed;
  wish: Wish;
  name: string;
  /** The samples that it was calibrated with and judged on. */
  samples: SamplesUsed | undefined;
}

export interface SamplesUsed {
  files: SampleFiles;
  wish: DataWish;
  labels: File | undefined;
}

export type View =
  | { at: 'drop' }
  | { at: 'reading'; name: string }
  | { at: 'model' }
  | { at: 'data' }
  | { at: 'run'; progress: Progress | undefined; startedAt: number; workers: number }
  | { at: 'result'; outcome: Outcome };

export type Notice = { kind: 'problem'; problem: Problem } | { kind: 'told'; title: string; text: string } | undefined;

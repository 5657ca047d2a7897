// A run in phases: what each counts, how long it took, how much is left.
import type { Progress } from 'narrowcast';

export type PhaseName = Progress['phase'];

export interface Phase {
  name: PhaseName;
  title: string;
  unit: 'bytes' | 'weight' | 'sample' | 'try';
}

const phases: Phase[] = [
  { name: 'samples', title: 'Run the samples', unit: 'sample' },
  { name: 'reading', title: 'Read the model', unit: 'bytes' },
  { name: 'weights', title: 'Narrow the weights', unit: 'weight' },
  { name: 'writing', title: 'Write', unit: 'bytes' },
  { name: 'judging', title: 'Compare with the float model', unit: 'sample' },
  { name: 'searching', title: 'Look for what is better in float', unit: 'try' },
];

const ofSamples: PhaseName[] = ['samples', 'judging'];

/** Those that a run goes through; the search comes only where too much is lost. */
export const phasesOf = (hasSamples: boolean, now: PhaseName | undefined): Phase[] =>
  phases.filter(({ name }) => (name === 'searching' ? now === name : hasSamples || !ofSamples.includes(name)));

/** When phases began; the next one's beginning is the end of the one before. */
export class Clock {
  readonly #begun = new Map<PhaseName, number>();
  #last: PhaseName | undefined;
  readonly #ended = new Map<PhaseName, number>();

  see(phase: PhaseName, now: number): void {
    if (phase === this.#last) return;
    if (this.#last !== undefined) this.#ended.set(this.#last, now);
    if (!this.#begun.has(phase)) this.#begun.set(phase, now);
    this.#last = phase;
  }

  elapsedMs(phase: PhaseName, now: number): number | undefined {
    const begun = this.#begun.get(phase);
    return begun === undefined ? undefined : (this.#ended.get(phase) ?? now) - begun;
  }
}

// Before this, a guess would be one of chance.
const leastMs = 1000;
const leastShare = 0.03;

/** Milliseconds that are left when a part of the work took so long; undefined while it cannot be told. */
export function leftMs(elapsedMs: number, share: number): number | undefined {
  if (elapsedMs < leastMs || !(share >= leastShare)) return undefined;
  return (elapsedMs * (1 - share)) / share;
}

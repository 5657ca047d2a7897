// Which nodes to keep in float so that a narrowed model keeps its answers: few, and found in a bounded number of runs.
import type { KeepFloat } from './types.js';

/** Decibels that the outputs should keep: below, answers change. */
export const targetDb = 20;
/** So much more is aimed at: runtimes round otherwise here and there. */
const roomDb = 2;
const firstGroups = 12;
/** It may be done earlier. */
export const mostRuns = 96;
// What is left for the choice among the groups, once they are ranked.
const reservedRuns = 56;
// A group whose noise is a smaller part of what is allowed is not looked into.
const worthSplitting = 0.05;

/** Narrows but for `exclude`, or only `only`, and says what part of the worst output's power is noise. */
export type Trial = (wish: { exclude?: string[]; only?: string[] }) => Promise<number>;

interface Group {
  nodes: string[];
  /** Noise of the outputs when only these are in integers, as a part of the signal. */
  noise: number;
}

/** What leaving out gains for each node that is left out. */
const perNode = ({ nodes, noise }: Group): number => noise / nodes.length;

const decibelsOf = (noise: number): number | null => (noise === 0 ? null : -10 * Math.log10(noise));
const allowed = 10 ** (-(targetDb + roomDb) / 10);

function cut(nodes: string[], parts: number): string[][] {
  const count = Math.min(parts, nodes.length);
  return Array.from({ length: count }, (_, i) =>
    nodes.slice(Math.floor((i * nodes.length) / count), Math.floor(((i + 1) * nodes.length) / count)),
  );
}

interface Found {
  kept: Group[];
  noise: number;
}

/** Thrown between two runs. */
class Stopped extends Error {}

class Search {
  runs = 0;
  /** Measured alone. */
  groups: Group[] = [];
  /** The smallest set that was enough until now. */
  found: Found | undefined;
  readonly #trial: Trial;
  readonly #signal: AbortSignal | undefined;

  constructor(trial: Trial, signal: AbortSignal | undefined) {
    this.#trial = trial;
    this.#signal = signal;
  }

  async #run(wish: Parameters<Trial>[0]): Promise<number> {
    if (this.#signal?.aborted) throw new Stopped();
    this.runs += 1;
    return this.#trial(wish);
  }

  async #measure(nodes: string[]): Promise<Group> {
    return { nodes, noise: await this.#run({ only: nodes }) };
  }

  /** The noisiest group is halved until it is one node or runs are used up. */
  async rank(nodes: string[]): Promise<void> {
    const { groups } = this;
    for (const part of cut(nodes, firstGroups)) groups.push(await this.#measure(part));
    for (;;) {
      groups.sort((a, b) => b.noise - a.noise);
      const at = groups.findIndex(({ nodes: list, noise }) => list.length > 1 && noise > worthSplitting * allowed);
      if (at < 0 || this.runs + 2 > mostRuns - reservedRuns) break;
      const [group] = groups.splice(at, 1) as [Group];
      for (const half of cut(group.nodes, 2)) groups.push(await this.#measure(half));
    }
    groups.sort((a, b) => perNode(b) - perNode(a));
  }

  async #try(kept: Group[]): Promise<boolean> {
    const noise = await this.#run({ exclude: kept.flatMap(({ nodes }) => nodes) });
    if (!(noise <= allowed)) return false;
    this.found = { kept, noise };
    return true;
  }

  /** The fewest of the first groups without which the rest is good enough. */
  async prefix(): Promise<void> {
    if (!(await this.#try(this.groups))) return;
    let [low, high] = [0, this.groups.length];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (await this.#try(this.groups.slice(0, middle))) high = middle;
      else low = middle;
    }
  }

  /**
   * Takes back what turns out not to be needed: halves, then quarters and so on, those that gain least first (as in
   * delta debugging: Zeller and Hildebrandt, 2002).
   */
  async thin(): Promise<void> {
    let kept = this.found?.kept ?? [];
    for (let size = Math.ceil(kept.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let end = kept.length; end > 0 && kept.length > 1; end -= size) {
        if (this.runs >= mostRuns) return;
        const without = kept.toSpliced(Math.max(0, end - size), Math.min(size, end));
        if (without.length > 0 && (await this.#try(without))) kept = without;
      }
    }
  }
}

/**
 * `nodes` are those that compute in integers, in their order. `signal` ends the search between two runs, with what was
 * found until then.
 */
export async function findKeepFloat(nodes: string[], trial: Trial, signal?: AbortSignal): Promise<KeepFloat> {
  const search = new Search(trial, signal);
  const names = [...new Set(nodes)];
  let stopped = {};
  try {
    await search.rank(names);
    await search.prefix();
    await search.thin();
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    stopped = { stopped: true };
  }
  const { runs, groups, found } = search;
  const alone = groups
    .filter(({ noise }) => noise > 0)
    .toSorted((a, b) => perNode(b) - perNode(a))
    .slice(0, firstGroups)
    .map(({ nodes: list, noise }) => ({ nodes: list, sqnr_db: Number.isFinite(noise) ? decibelsOf(noise) : null }));
  return {
    target_db: targetDb,
    reached_db: found === undefined ? null : decibelsOf(found.noise),
    nodes: (found?.kept ?? [])
      .flatMap(({ nodes: list }) => list)
      .toSorted((a, b) => names.indexOf(a) - names.indexOf(b)),
    of: names.length,
    runs,
    alone,
    ...stopped,
  };
}

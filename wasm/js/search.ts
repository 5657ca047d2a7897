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

class Search {
  runs = 0;
  readonly #trial: Trial;

  constructor(trial: Trial) {
    this.#trial = trial;
  }

  #run(wish: Parameters<Trial>[0]): Promise<number> {
    this.runs += 1;
    return this.#trial(wish);
  }

  async #measure(nodes: string[]): Promise<Group> {
    return { nodes, noise: await this.#run({ only: nodes }) };
  }

  /** Groups that were measured alone: the noisiest is halved until it is one node or runs are used up. */
  async rank(nodes: string[]): Promise<Group[]> {
    const groups: Group[] = [];
    for (const part of cut(nodes, firstGroups)) groups.push(await this.#measure(part));
    for (;;) {
      groups.sort((a, b) => b.noise - a.noise);
      const at = groups.findIndex(({ nodes: list, noise }) => list.length > 1 && noise > worthSplitting * allowed);
      if (at < 0 || this.runs + 2 > mostRuns - reservedRuns) return groups.sort((a, b) => perNode(b) - perNode(a));
      const [group] = groups.splice(at, 1) as [Group];
      for (const half of cut(group.nodes, 2)) groups.push(await this.#measure(half));
    }
  }

  /** The fewest of the first groups without which the rest is good enough; undefined: not even without all. */
  async prefix(groups: Group[]): Promise<{ kept: Group[]; noise: number } | undefined> {
    let [low, high] = [0, groups.length];
    let noise = await this.#run({ exclude: groups.flatMap(({ nodes }) => nodes) });
    if (!(noise <= allowed)) return undefined;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      const found = await this.#run({ exclude: groups.slice(0, middle).flatMap(({ nodes }) => nodes) });
      if (found <= allowed) [high, noise] = [middle, found];
      else low = middle;
    }
    return { kept: groups.slice(0, high), noise };
  }

  /**
   * Takes back what turns out not to be needed: halves, then quarters and so on, those that gain least first (as in
   * delta debugging: Zeller and Hildebrandt, 2002).
   */
  async thin(kept: Group[], noise: number): Promise<{ kept: Group[]; noise: number }> {
    let best = { kept, noise };
    for (let size = Math.ceil(kept.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let end = best.kept.length; end > 0 && best.kept.length > 1; end -= size) {
        if (this.runs >= mostRuns) return best;
        const without = best.kept.toSpliced(Math.max(0, end - size), Math.min(size, end));
        if (without.length === 0) continue;
        const found = await this.#run({ exclude: without.flatMap(({ nodes }) => nodes) });
        if (found <= allowed) best = { kept: without, noise: found };
      }
    }
    return best;
  }
}

/** `nodes` are those that compute in integers, in their order. */
export async function findKeepFloat(nodes: string[], trial: Trial): Promise<KeepFloat> {
  const search = new Search(trial);
  const names = [...new Set(nodes)];
  const groups = await search.rank(names);
  const found = await search.prefix(groups);
  const alone = groups
    .filter(({ noise }) => noise > 0)
    .slice(0, firstGroups)
    .map(({ nodes: list, noise }) => ({ nodes: list, sqnr_db: Number.isFinite(noise) ? decibelsOf(noise) : null }));
  if (found === undefined) {
    return { target_db: targetDb, reached_db: null, nodes: [], of: names.length, runs: search.runs, alone };
  }
  const { kept, noise } = await search.thin(found.kept, found.noise);
  return {
    target_db: targetDb,
    reached_db: decibelsOf(noise),
    nodes: kept.flatMap(({ nodes: list }) => list).toSorted((a, b) => names.indexOf(a) - names.indexOf(b)),
    of: names.length,
    runs: search.runs,
    alone,
  };
}

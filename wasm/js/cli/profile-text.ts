// Where the time of a run goes, for people.
import type { NodeProfile } from '../model.js';
import { bytesText, percentText, tableText } from './text.js';

const slowestShown = 12;

const msText = (ms: number): string => ms.toFixed(3);
const opText = ({ op, joined }: NodeProfile): string => [op, ...joined].join(' + ');

/** The mean of several runs, node by node. */
export function meanProfile(runs: NodeProfile[][]): NodeProfile[] {
  const [first = []] = runs;
  return first.map((node, i) => ({
    ...node,
    ms: runs.reduce((sum, run) => sum + (run[i]?.ms ?? 0), 0) / runs.length,
  }));
}

function byType(nodes: NodeProfile[]): { op: string; count: number; ms: number; bytes: number }[] {
  const types = new Map<string, { op: string; count: number; ms: number; bytes: number }>();
  for (const { op, ms, bytes } of nodes) {
    const sum = types.get(op) ?? { op, count: 0, ms: 0, bytes: 0 };
    types.set(op, { op, count: sum.count + 1, ms: sum.ms + ms, bytes: sum.bytes + bytes });
  }
  return [...types.values()].sort((a, b) => b.ms - a.ms);
}

export function profileText(nodes: NodeProfile[]): string {
  const total = nodes.reduce((sum, node) => sum + node.ms, 0);
  const slowest = nodes.toSorted((a, b) => b.ms - a.ms).slice(0, slowestShown);
  const types = byType(nodes).map(({ op, count, ms, bytes }) => [
    msText(ms),
    percentText(ms, total),
    bytesText(bytes),
    String(count),
    op,
  ]);
  const rows = slowest.map((node) => [
    msText(node.ms),
    percentText(node.ms, total),
    bytesText(node.bytes),
    opText(node),
    node.name,
  ]);
  return [
    '\n  by op; what was joined to a node counts as part of it\n',
    tableText([' ms', ' share', ' results', ' nodes', 'op'], types),
    '\n  slowest nodes\n',
    tableText([' ms', ' share', ' results', 'op', 'node'], rows),
  ].join('');
}

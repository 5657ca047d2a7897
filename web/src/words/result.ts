// What a report comes to, in numbers the page shows.
import type { Report, WeightReport } from 'narrowcast';
import { errorShare, percentText, timesText } from './numbers.ts';

export interface Worst {
  weight: WeightReport;
  db: number;
}

export const narrowedOf = ({ values }: Report): WeightReport[] =>
  values.filter(({ verdict }) => verdict === 'quantized');

/** The narrowed weight with the most noise; none when all survived exactly. */
export function worstWeight(report: Report): Worst | undefined {
  let worst: Worst | undefined;
  for (const weight of narrowedOf(report)) {
    const db = weight.sqnr_db;
    if (typeof db === 'number' && (worst === undefined || db < worst.db)) worst = { weight, db };
  }
  return worst;
}

const sum = (weights: WeightReport[], bytes: (weight: WeightReport) => number | undefined): number =>
  weights.reduce((total, weight) => total + (bytes(weight) ?? 0), 0);

export const bytesBefore = (weights: WeightReport[]): number => sum(weights, (weight) => weight.bytes_before);
export const bytesAfter = (weights: WeightReport[]): number => sum(weights, (weight) => weight.bytes_after);

/** The finding, as the title. */
export function finding(report: Report): string {
  const { input_bytes: before, output_bytes: after } = report;
  const size =
    after < before
      ? `${timesText(before / after)} times smaller`
      : `${timesText(after / before)} times the size: nothing gained`;
  const worst = worstWeight(report);
  return worst === undefined
    ? `${size}, every weight exact`
    : `${size}; the worst weight has an error of ${percentText(errorShare(worst.db))}`;
}

export interface Reasoned {
  verdict: string;
  reason: string;
  count: number;
  ops: string[];
}

/** A reason without the weight it names, so that the same reason of two weights is one. */
export const plainReason = (reason: string): string => reason.replace(/^weight '[^']*': /, '');

/** Nodes that were left alone, by the reason. */
export function reasonsOf({ nodes }: Report): Reasoned[] {
  const groups = new Map<string, Reasoned>();
  for (const { op, verdict, reason } of nodes) {
    if (verdict === 'quantized') continue;
    const plain = plainReason(reason);
    const key = `${verdict} ${plain}`;
    const group = groups.get(key) ?? { verdict, reason: plain, count: 0, ops: [] };
    group.count += 1;
    if (!group.ops.includes(op)) group.ops.push(op);
    groups.set(key, group);
  }
  return [...groups.values()].sort(
    (a, b) => Number(b.verdict === 'refused') - Number(a.verdict === 'refused') || b.count - a.count,
  );
}

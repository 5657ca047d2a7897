// What a report comes to, in numbers the page shows.
import type { OutputJudgement, Report, WeightReport } from 'narrowcast';
import { counted, decibelText, errorShare, grouped, percentText, timesText } from './numbers.ts';

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

/** Activations are integers, and ops compute with them. */
export const isInteger = ({ activations }: Report): boolean => activations !== undefined;

export const integerNodes = ({ nodes }: Report): number =>
  nodes.filter(({ verdict }) => verdict === 'quantized').length;

/** The output that decides otherwise most often; none where there is nothing to decide. */
export function worstDecisions({ judged }: Report): OutputJudgement | undefined {
  const [worst] = (judged?.outputs ?? [])
    .filter(({ decisions }) => decisions > 0)
    .toSorted((a, b) => a.same / a.decisions - b.same / b.decisions);
  return worst;
}

/** Where a share seen on some samples lies for all like them, at 95 % (E. B. Wilson, 1927). */
export function likelyShare(hits: number, count: number): [from: number, to: number] {
  const z = 1.96;
  const share = hits / count;
  const middle = share + (z * z) / (2 * count);
  const reach = z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  const whole = 1 + (z * z) / count;
  return [Math.max(0, (middle - reach) / whole), Math.min(1, (middle + reach) / whole)];
}

/** Signal to noise as people read it; outputs that cannot be compared have none. */
export function noiseText({ sqnr_db: db, unlike }: { sqnr_db: number | null; unlike?: number }): string {
  if (unlike !== undefined) return 'unlike';
  return db === null ? 'exact' : `${decibelText(db)} dB`;
}

function answersText(report: Report): string {
  const { judged } = report;
  if (judged === undefined) return 'not judged';
  if (judged.accuracy !== undefined) {
    const { before, after, labels } = judged.accuracy;
    return `${grouped(after)} of ${grouped(labels)} right, ${grouped(before)} in float`;
  }
  const decided = worstDecisions(report);
  if (decided !== undefined) return `same answer on ${grouped(decided.same)} of ${grouped(decided.decisions)}`;
  const unlike = judged.outputs.find((output) => output.unlike !== undefined)?.unlike;
  const noise = noiseText({ sqnr_db: judged.sqnr_db, ...(unlike === undefined ? {} : { unlike }) });
  return noise === 'exact' ? 'outputs exact' : `outputs keep ${noise}`;
}

/** The finding, as the title. */
export function finding(report: Report): string {
  const { input_bytes: before, output_bytes: after } = report;
  const size =
    after < before
      ? `${timesText(before / after)} times smaller`
      : `${timesText(after / before)} times the size: nothing gained`;
  if (isInteger(report)) {
    return `${size}, ${grouped(integerNodes(report))} of ${counted(report.nodes.length, 'op')} in integers, ${answersText(report)}`;
  }
  if (report.judged !== undefined) return `${size}, ${answersText(report)}`;
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

// What a narrowing came to, for people.
import type { KeepFloat, Report, WeightReport } from '../types.js';
import { judgementText } from './gate-options.js';
import { bytesText, decibelText, percentText, shapeText, tableText } from './text.js';

const worstShown = 3;

function countReasons(weights: WeightReport[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of weights) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const [first, ...others] = [...counts].sort(([, a], [, b]) => b - a);
  if (first === undefined) return '';
  return ` (${first[1]}: ${first[0]}${others.length > 0 ? '; -v lists all reasons' : ''})`;
}

const quoted = (name: string): string => `'${name.replaceAll("'", "'\\''")}'`;

/** The flags that leave nodes in float. */
export const excludeFlags = (nodes: string[]): string => nodes.map((name) => `--exclude ${quoted(name)}`).join(' ');

function keepFloatText({ nodes, of, reached_db, target_db, runs }: KeepFloat): string {
  if (reached_db === null && nodes.length === 0) {
    return `  better:   no set of nodes was found without which the outputs keep ${target_db} dB (${runs} tries)\n`;
  }
  const kept = reached_db === null ? 'exact' : decibelText(reached_db);
  const which = `${nodes.length} of ${of} ops in float`;
  return `  better:   ${kept} with ${which} (found in ${runs} tries):\n            ${excludeFlags(nodes)}\n`;
}

/** What the narrowed model loses on samples. */
export const judgedText = ({ judged }: Report): string =>
  judged === undefined
    ? ''
    : judgementText(judged) + (judged.keep_float === undefined ? '' : keepFloatText(judged.keep_float));

export function summaryText(report: Report, elapsedMs: number): string {
  const { input_bytes: before, output_bytes: after, values } = report;
  const by = (verdict: string) => values.filter((value) => value.verdict === verdict);
  const narrowed = by('quantized');
  const dtypes = [...new Set(narrowed.map((value) => value.dtype))].join(', ');
  const lines = [
    `size:     ${bytesText(before)} -> ${bytesText(after)} (${percentText(after, before)} of it, ${(before / after).toFixed(2)} times smaller) in ${(elapsedMs / 1000).toFixed(1)} s`,
    `narrowed: ${narrowed.length} of ${values.length} float constants${dtypes ? ` to ${dtypes}` : ''}`,
    `left:     ${by('float').length} in float${countReasons(by('float'))}`,
  ];
  if (report.activations !== undefined) {
    const integer = report.nodes.filter((node) => node.verdict === 'quantized').length;
    lines.push(`integers: ${integer} of ${report.nodes.length} ops, for ${report.target}`);
  }
  const refused = by('refused');
  if (refused.length > 0) lines.push(`refused:  ${refused.length}${countReasons(refused)}`);
  const measured = narrowed.filter((value) => typeof value.sqnr_db === 'number');
  const worst = measured.sort((a, b) => (a.sqnr_db ?? 0) - (b.sqnr_db ?? 0)).slice(0, worstShown);
  if (worst.length > 0) {
    lines.push(`worst:    ${worst.map((value) => `${value.name} ${decibelText(value.sqnr_db)}`).join(', ')}`);
  }
  for (const warning of report.warnings) lines.push(`warning:  ${warning}`);
  return `${lines.map((line) => `  ${line}`).join('\n')}\n`;
}

/** Every op with its verdict: what it becomes on the target, or why it stays in float. */
export function nodeTable({ nodes }: Report): string {
  return tableText(
    ['op', 'type', 'verdict', 'reason'],
    nodes.map(({ name, op, verdict, reason }) => [name, op, verdict, reason]),
  );
}

export function weightTable({ values }: Report): string {
  const rows = values.map((value) => [
    value.name,
    value.verdict,
    value.dtype,
    value.granularity ?? shapeText(value.shape),
    decibelText(value.sqnr_db),
    value.bytes_before === undefined ? '' : bytesText(value.bytes_before),
    value.bytes_after === undefined ? '' : bytesText(value.bytes_after),
    value.reason,
  ]);
  return tableText(['weight', 'verdict', 'type', 'cut or shape', ' SQNR', ' before', ' after', 'reason'], rows);
}

// Which ops the model is made of, and what the dry run says about their weights.
import type { Inspection, Report } from 'narrowcast';
import { grouped } from '../words/numbers.ts';
import { plainReason } from '../words/result.ts';
import { StackedTable } from './stacked-table.tsx';

interface Narrowable {
  quantized: number;
  refused: number;
  /** The reason most of the others have. */
  reason: string;
}

function byOp(report: Report | undefined): Map<string, Narrowable> {
  const ops = new Map<string, Narrowable>();
  for (const { op, verdict, reason } of report?.nodes ?? []) {
    const known = ops.get(op) ?? { quantized: 0, refused: 0, reason: '' };
    if (verdict === 'quantized') known.quantized += 1;
    else known.reason ||= plainReason(reason);
    if (verdict === 'refused') known.refused += 1;
    ops.set(op, known);
  }
  return ops;
}

const Verdict = ({ verdict, count }: { verdict: Narrowable | undefined; count: number }) => {
  if (verdict === undefined) return null;
  if (verdict.refused > 0) return <span class="chip bad">refused</span>;
  if (verdict.quantized === 0) return <span class="chip">as it is</span>;
  return <span class="chip int">{verdict.quantized === count ? 'narrowed' : `${verdict.quantized} narrowed`}</span>;
};

interface OpTableProps {
  model: Inspection;
  /** Of a dry run of the technique that is chosen; none before it is done. */
  report: Report | undefined;
  /** Only a run with samples tells what becomes of them. */
  needsSamples: boolean;
}

export const OpTable = ({ model, report, needsSamples }: OpTableProps) => {
  const verdicts = byOp(report);
  const ops = model.ops.toSorted(
    (a, b) => (verdicts.get(b.type)?.quantized ?? 0) - (verdicts.get(a.type)?.quantized ?? 0) || b.count - a.count,
  );
  return (
    <section aria-labelledby="ops">
      <div class="sec-head">
        <h2 id="ops">{needsSamples ? 'What it is made of' : 'What can be narrowed'}</h2>
        <span class="meta">
          {needsSamples
            ? 'which of them compute in integers, and why the others do not, the run tells'
            : 'by the technique chosen above, op by op'}
        </span>
      </div>
      <StackedTable
        kind="tight"
        titles={['Op', 'Nodes', ...(needsSamples ? [] : ['Weights', 'Why not'])]}
        columnKinds={[undefined, 'num']}
        rows={ops.map(({ domain, type, count }) => ({
          key: `${domain} ${type}`,
          name: domain === '' || domain === 'tflite' ? type : `${domain}.${type}`,
          cells: [
            <>
              {grouped(count)}
              <span class="on-phone"> {count === 1 ? 'node' : 'nodes'}</span>
            </>,
            ...(needsSamples
              ? []
              : [<Verdict verdict={verdicts.get(type)} count={count} />, verdicts.get(type)?.reason ?? '']),
          ],
        }))}
      />
    </section>
  );
};

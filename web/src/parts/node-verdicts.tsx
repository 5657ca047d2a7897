// What became of every node, and why some were left alone.
import type { Report } from 'narrowcast';
import { counted, grouped } from '../words/numbers.ts';
import { reasonsOf } from '../words/result.ts';

const opsShown = 6;
const chips = { quantized: 'chip int', float: 'chip', refused: 'chip bad' };
const words = { quantized: 'narrowed', float: 'as it was', refused: 'refused' };
const wordsOfIntegers = { quantized: 'in integers', float: 'in float', refused: 'refused' };

export const NodeVerdicts = ({ report }: { report: Report }) => {
  const reasons = reasonsOf(report);
  const isInteger = report.activations !== undefined;
  const said = isInteger ? wordsOfIntegers : words;
  const left = reasons.reduce((total, { count }) => total + count, 0);
  return (
    <section aria-labelledby="left">
      <div class="sec-head gap-l">
        <h2 id="left">{isInteger ? 'What stayed in float, and why' : 'Nodes left as they were, and why'}</h2>
        <span class="meta">
          {grouped(left)} of {counted(report.nodes.length, 'node')}
        </span>
      </div>
      <div class="boxed">
        <table aria-labelledby="left">
          <thead>
            <tr>
              <th scope="col">Ops</th>
              <th scope="col" class="num">
                Nodes
              </th>
              <th scope="col">Reason</th>
            </tr>
          </thead>
          <tbody>
            {reasons.map(({ verdict, reason, count, ops }) => (
              <tr key={`${verdict} ${reason}`}>
                <th scope="row">
                  {ops.slice(0, opsShown).join(', ')}
                  {ops.length > opsShown && ` and ${ops.length - opsShown} more`}
                </th>
                <td class="num">{grouped(count)}</td>
                <td>
                  {verdict === 'refused' && <span class="chip bad">refused</span>} {reason}
                </td>
              </tr>
            ))}
            {reasons.length === 0 && (
              <tr>
                <td colSpan={3}>No node was left as it was.</td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
      <details class="small">
        <summary>{isInteger ? `Every node on ${report.target}` : 'Every node'}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard */}
        <section class="boxed scroll" tabIndex={0} aria-label="Every node">
          <table>
            <thead>
              <tr>
                <th scope="col">Node</th>
                <th scope="col">Op</th>
                <th scope="col">Verdict</th>
                <th scope="col">Reason</th>
              </tr>
            </thead>
            <tbody>
              {report.nodes.map(({ name, op, verdict, reason }, i) => (
                <tr key={i}>
                  <th scope="row" class="mono name">
                    {name}
                  </th>
                  <td>{op}</td>
                  <td>
                    <span class={chips[verdict]}>{said[verdict]}</span>
                  </td>
                  <td>{reason}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </section>
  );
};

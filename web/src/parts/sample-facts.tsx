// What the samples turned out to hold: what cannot be read and why, and the numbers by channel.
import type { DataWarning } from 'narrowcast';
import type { DataLook } from '../engine/protocol.ts';
import { counted, grouped } from '../words/numbers.ts';

const mostListed = 5;
// Fewer miss what users will send.
const fewSamples = 20;

const numberText = (value: number | null): string => (value === null ? '' : String(Number(value.toPrecision(4))));

const Unreadable = ({ warnings }: { warnings: DataWarning[] }) => (
  <div class="note warn">
    <h3>{counted(warnings.length, 'file')} cannot be read</h3>
    <ul>
      {warnings.slice(0, mostListed).map(({ where, message }) => (
        <li key={where}>
          <code>{where}</code>: {message}
        </li>
      ))}
      {warnings.length > mostListed && <li>and {grouped(warnings.length - mostListed)} more</li>}
    </ul>
    <span>They are left out. The others will do.</span>
  </div>
);

const Few = ({ count }: { count: number }) => (
  <div class="note warn">
    <h3>{counted(count, 'sample')} are few</h3>
    <span>
      Ranges from so few inputs miss what your users will send. {fewSamples} are a start, 100 are good. You can go on.
    </span>
  </div>
);

const Fed = ({ fed }: Pick<DataLook, 'fed'>) => (
  <div class="boxed">
    <table aria-labelledby="fed">
      <thead>
        <tr>
          <th scope="col">Input</th>
          <th scope="col" class="num">
            Channel
          </th>
          <th scope="col" class="num">
            Smallest
          </th>
          <th scope="col" class="num">
            Mean
          </th>
          <th scope="col" class="num">
            Largest
          </th>
          <th scope="col" class="num only-wide">
            Numbers
          </th>
        </tr>
      </thead>
      <tbody>
        {fed.flatMap(({ name, channels }) =>
          channels.map(({ min, mean, max, count }, i) => (
            <tr key={`${name} ${i}`}>
              <th scope="row" class="mono name">
                {name}
              </th>
              <td class="num">{channels.length > 1 ? i : ''}</td>
              <td class="num">{numberText(min)}</td>
              <td class="num">{numberText(mean)}</td>
              <td class="num">{numberText(max)}</td>
              <td class="num only-wide">{grouped(count)}</td>
            </tr>
          )),
        )}
      </tbody>
    </table>
  </div>
);

export const SampleFacts = ({ look, isReading }: { look: DataLook; isReading: boolean }) => {
  const { warnings, fed, count } = look;
  const unreadable = warnings.filter(({ kind }) => kind === 'unreadable');
  // The guess stands beside the preset already.
  const others = warnings.filter(({ kind }) => kind !== 'unreadable' && kind !== 'guessed-preset');
  const read = count - (isReading ? 0 : unreadable.length);
  return (
    <section aria-labelledby="fed">
      <div class="sec-head">
        <h2 id="fed">What they hold</h2>
        <span class="meta">
          {isReading
            ? 'of what was read so far'
            : `of ${counted(fed[0]?.samples ?? 0, 'sample')}, as the model gets them`}
        </span>
      </div>
      <div class="stack">
        {unreadable.length > 0 && <Unreadable warnings={unreadable} />}
        {others.map(({ kind, message, where }) => (
          <div key={`${kind} ${where}`} class="note warn">
            <span>
              <code>{where}</code>: {message}
            </span>
          </div>
        ))}
        {!isReading && read < fewSamples && <Few count={read} />}
        <Fed fed={fed} />
      </div>
    </section>
  );
};

import type { Progress } from 'narrowcast';
import { useEffect } from 'preact/hooks';
import { counted, grouped, sizeText } from '../words/numbers.ts';

const phases = [
  { phase: 'reading', title: 'Read', unit: 'bytes' },
  { phase: 'weights', title: 'Narrow the weights', unit: 'weights' },
  { phase: 'writing', title: 'Write', unit: 'bytes' },
] as const;

const amount = (count: number, unit: 'bytes' | 'weights'): string =>
  unit === 'bytes' ? sizeText(count) : grouped(count);

function headline(progress: Progress | undefined): string {
  if (progress === undefined) return 'Starting';
  const { phase, done, total } = progress;
  return phase === 'weights'
    ? `${grouped(done)} of ${counted(total, 'weight')}`
    : `${sizeText(done)} of ${sizeText(total)}`;
}

const indexOf = (progress: Progress | undefined): number => phases.findIndex(({ phase }) => phase === progress?.phase);

interface RunScreenProps {
  name: string;
  progress: Progress | undefined;
  onCancel: () => void;
}

export const RunScreen = ({ name, progress, onCancel }: RunScreenProps) => {
  const percent = Math.floor((progress?.fraction ?? 0) * 100);
  const now = indexOf(progress);
  useEffect(() => {
    document.title = `${percent} % · Narrowcast`;
    return () => {
      document.title = 'Narrowcast';
    };
  }, [percent]);
  const stateOf = (i: number): 'done' | 'now' | 'todo' => (i < now ? 'done' : i === now ? 'now' : 'todo');
  return (
    <div class="narrow">
      <div class="head">
        <h1 tabIndex={-1}>Narrowing {name}</h1>
        <p class="lead">In a worker of this tab. You can leave it in the background.</p>
      </div>
      <section class="card progress" aria-label="Progress">
        <p class="big">{headline(progress)}</p>
        <progress max="100" value={percent} aria-label="Whole run">
          {percent} %
        </progress>
        <p class="small mono item">{progress?.item ?? ''}</p>
        <p class="vh" role="status">
          {now < 0 ? '' : `Phase ${now + 1} of ${phases.length}: ${phases[now]?.title}`}
        </p>
        <div class="row gap-s">
          <button class="btn" type="button" onClick={onCancel}>
            Cancel
          </button>
          <span class="meta">Stops between two weights. Nothing you chose is lost.</span>
        </div>
      </section>
      <section aria-labelledby="ph" class="gap-xl">
        <div class="sec-head">
          <h2 id="ph">Phases</h2>
        </div>
        <div class="boxed">
          <table class="phases">
            <thead>
              <tr>
                <th scope="col">Phase</th>
                <th scope="col" class="num">
                  Done
                </th>
              </tr>
            </thead>
            <tbody>
              {phases.map(({ phase, title, unit }, i) => (
                <tr key={phase} class={stateOf(i)}>
                  <th scope="row">
                    <span class="dot" />
                    {title}
                    <span class="vh">, {{ done: 'done', now: 'running', todo: 'to come' }[stateOf(i)]}</span>
                  </th>
                  <td class="num">
                    {i === now && progress !== undefined
                      ? `${amount(progress.done, unit)} of ${amount(progress.total, unit)}`
                      : { done: 'done', now: '', todo: '' }[stateOf(i)]}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </div>
  );
};

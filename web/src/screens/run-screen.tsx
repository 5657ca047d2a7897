import type { Progress } from 'narrowcast';
import { useEffect, useRef } from 'preact/hooks';
import { counted, grouped, secondsText, sizeText } from '../words/numbers.ts';
import { Clock, leftMs, type Phase, phasesOf } from '../words/run.ts';

const amount = (count: number, { unit }: Phase): string => (unit === 'bytes' ? sizeText(count) : grouped(count));

function headline(progress: Progress | undefined, phase: Phase | undefined, hasSamples: boolean): string {
  if (progress === undefined || phase === undefined) return hasSamples ? 'Loading the workers' : 'Starting';
  const { done, total } = progress;
  if (phase.unit === 'bytes') return `${sizeText(done)} of ${sizeText(total)}`;
  // How many tries it takes shows only at the end.
  if (phase.unit === 'try') return `Try ${grouped(done + 1)} of at most ${grouped(total)}`;
  return `${grouped(done)} of ${counted(total, phase.unit)}`;
}

function leftText(progress: Progress | undefined, elapsedMs: number, clock: Clock, time: number): string {
  if (progress === undefined) return '';
  const { phase, done, total, fraction } = progress;
  // The last phase; nobody knew before whether there would be one.
  if (phase === 'searching') {
    const left = leftMs(clock.elapsedMs(phase, time) ?? 0, total > 0 ? done / total : 0);
    return left === undefined ? '' : `at most about ${secondsText(left)} left`;
  }
  const left = leftMs(elapsedMs, fraction);
  return left === undefined ? '' : `about ${secondsText(left)} left`;
}

const stops = {
  bytes: 'at once',
  weight: 'between two weights',
  sample: 'between two samples',
  try: 'between two tries',
};

interface RunScreenProps {
  name: string;
  progress: Progress | undefined;
  startedAt: number;
  /** How many workers run samples; 0 without samples. */
  workers: number;
  onCancel: () => void;
  onEnough: () => void;
}

export const RunScreen = ({ name, progress, startedAt, workers, onCancel, onEnough }: RunScreenProps) => {
  const isSearching = progress?.phase === 'searching';
  const clock = useRef(new Clock());
  const time = performance.now();
  if (progress !== undefined) clock.current.see(progress.phase, time);
  const phases = phasesOf(workers > 0, progress?.phase);
  const now = phases.findIndex((phase) => phase.name === progress?.phase);
  const phase = phases[now];
  const share = progress?.fraction ?? 0;
  const percent = Math.floor(share * 100);
  const left = leftText(progress, time - startedAt, clock.current, time);
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
        <p class="lead">
          {workers > 0 ? `In ${counted(workers, 'worker')} of this tab.` : 'In a worker of this tab.'} You can leave it
          in the background.
        </p>
      </div>
      <section class="card progress" aria-label="Progress">
        <p class="big">{headline(progress, phase, workers > 0)}</p>
        <progress max="100" value={percent} aria-label="Whole run">
          {percent} %
        </progress>
        <div class="row between">
          <p class="small mono item">{progress?.item ?? ''}</p>
          <span class="meta">{left}</span>
        </div>
        <p class="vh" role="status">
          {phase === undefined ? '' : `Phase ${now + 1} of ${phases.length}: ${phase.title}`}
        </p>
        <div class="row gap-s">
          <button class="btn" type="button" onClick={onCancel}>
            Cancel
          </button>
          {isSearching && (
            <button class="btn" type="button" onClick={onEnough}>
              Stop looking
            </button>
          )}
          <span class="meta">
            {isSearching
              ? 'The model is made. Stop looking to take it as it is, with what was found until now.'
              : `Stops ${stops[phase?.unit ?? 'bytes']}. Nothing you chose is lost.`}
          </span>
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
                <th scope="col" class="num">
                  Time
                </th>
              </tr>
            </thead>
            <tbody>
              {phases.map((one, i) => {
                const elapsed = clock.current.elapsedMs(one.name, time);
                return (
                  <tr key={one.name} class={stateOf(i)}>
                    <th scope="row">
                      <span class="dot" />
                      {one.title}
                      <span class="vh">, {{ done: 'done', now: 'running', todo: 'to come' }[stateOf(i)]}</span>
                    </th>
                    <td class="num">
                      {i === now && progress !== undefined && progress.total > 0
                        ? `${amount(progress.done, one)} of ${amount(progress.total, one)}`
                        : { done: 'done', now: '', todo: '' }[stateOf(i)]}
                    </td>
                    <td class="num">{elapsed === undefined ? '' : secondsText(elapsed)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      </section>
    </div>
  );
};

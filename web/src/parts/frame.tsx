import type { ComponentChildren } from 'preact';
import type { View } from '../state.ts';

const Mark = () => (
  <svg class="mark" viewBox="0 0 30 20" aria-hidden="true">
    <path class="wide" d="M0 0h12v2H0zM0 4.5h12v2H0zM0 9h12v2H0zM0 13.5h12v2H0zM0 18h12v2H0z" />
    <path class="slot" d="M14.5 0h1.5v20h-1.5z" />
    <path class="thin" d="M18.5 7.5H30v5H18.5z" />
  </svg>
);

const steps = [
  { at: 'model', title: 'Model and technique' },
  { at: 'data', title: 'Samples' },
  { at: 'run', title: 'Run' },
  { at: 'result', title: 'Result' },
] as const;

interface StepsProps {
  view: View;
  /** Steps that can be gone back to. */
  reachable: ReadonlySet<View['at']>;
  onGo: (at: 'model' | 'data' | 'result') => void;
}

const Steps = ({ view, reachable, onGo }: StepsProps) => {
  const current = steps.findIndex(({ at }) => at === view.at);
  return (
    <nav aria-label="Steps" class="steps-nav">
      <ol class="steps">
        {steps.map(({ at, title }, i) => {
          const done = i < current ? 'done' : '';
          const inside = [
            <span key="n" class="n">
              {i + 1}
            </span>,
            <span key="t" class="t">
              {title}
            </span>,
          ];
          return (
            <li key={at} class={done}>
              {at !== 'run' && i !== current && reachable.has(at) ? (
                <button type="button" class={`step ${done}`} onClick={() => onGo(at)}>
                  {inside}
                </button>
              ) : (
                <span class={`step ${done}`} aria-current={i === current ? 'step' : undefined}>
                  {inside}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
};

interface FrameProps extends StepsProps {
  onHome: () => void;
  /** Everything is here that the page needs. */
  isKept: boolean;
  children: ComponentChildren;
}

export const Frame = ({ view, reachable, onGo, onHome, isKept, children }: FrameProps) => (
  <>
    <a class="skip" href="#main">
      Skip to content
    </a>
    <header class="top">
      <div class="top-in">
        <button type="button" class="brand" onClick={onHome}>
          <Mark />
          Narrowcast
        </button>
        {view.at === 'drop' || view.at === 'reading' ? (
          <div class="steps-nav" />
        ) : (
          <Steps view={view} reachable={reachable} onGo={onGo} />
        )}
        <span class="private">Nothing leaves this tab</span>
      </div>
    </header>
    <main class="page" id="main" tabIndex={-1}>
      {children}
    </main>
    <footer class="foot">
      <div class="foot-in">
        <span>Narrowcast {__VERSION__}</span>
        <span>
          Demos: <a href="./demos/digits/index.html">draw a digit</a>, <a href="./demos/face/index.html">find faces</a>,{' '}
          <a href="./demos/text/index.html">read text</a>
        </span>
        <span>No account, no server, no analytics</span>
        <span class="push" role="status">
          {isKept ? 'Saved for offline use' : ''}
        </span>
      </div>
    </footer>
  </>
);

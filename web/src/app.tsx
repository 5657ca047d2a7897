import { useEffect, useRef } from 'preact/hooks';
import { DropVeil, useDrop } from './parts/drop-target.tsx';
import { Frame } from './parts/frame.tsx';
import { DropScreen } from './screens/drop-screen.tsx';
import { ModelScreen } from './screens/model-screen.tsx';
import { ResultScreen } from './screens/result-screen.tsx';
import { RunScreen } from './screens/run-screen.tsx';
import type { View } from './state.ts';
import { type Narrowcast, useNarrowcast } from './use-narrowcast.ts';

const Screen = ({ page }: { page: Narrowcast }) => {
  const { view, description, opened } = page;
  if (description !== undefined && opened !== undefined) {
    if (view.at === 'model') return <ModelScreen page={page} description={description} opened={opened} />;
    if (view.at === 'run') {
      return <RunScreen name={opened.files.model.name} progress={view.progress} onCancel={page.cancel} />;
    }
    if (view.at === 'result') {
      return <ResultScreen page={page} description={description} opened={opened} outcome={view.outcome} />;
    }
  }
  return <DropScreen page={page} />;
};

export const App = () => {
  const page = useNarrowcast();
  const { view, opened, lastOutcome } = page;
  const over = useDrop(page.give);
  const reachable = new Set<View['at']>();
  if (opened !== undefined && view.at !== 'run') reachable.add('model');
  if (lastOutcome !== undefined && view.at !== 'run') reachable.add('result');
  const go = (at: 'model' | 'result'): void => {
    if (at === 'model') page.show({ at });
    else if (lastOutcome !== undefined) page.show({ at, outcome: lastOutcome });
  };

  // A new screen is announced by its title, and the keyboard goes on from there.
  const shown = useRef<View['at']>(view.at);
  useEffect(() => {
    const before = shown.current;
    shown.current = view.at;
    if (before === view.at || view.at === 'reading' || view.at === 'drop') return;
    scrollTo(0, 0);
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  }, [view.at]);

  return (
    <Frame view={view} reachable={reachable} onGo={go} onHome={() => view.at !== 'run' && page.show({ at: 'drop' })}>
      <Screen page={page} />
      {over && <DropVeil />}
    </Frame>
  );
};

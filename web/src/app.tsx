import { useEffect, useRef } from 'preact/hooks';
import { useOffline } from './offline.ts';
import { DropVeil, useDrop } from './parts/drop-target.tsx';
import { Frame } from './parts/frame.tsx';
import { DataScreen } from './screens/data-screen.tsx';
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
    if (view.at === 'data') return <DataScreen page={page} description={description} opened={opened} />;
    if (view.at === 'run') {
      const { progress, startedAt, workers } = view;
      const shown = { name: opened.files.model.name, progress, startedAt, workers };
      return <RunScreen {...shown} onCancel={page.cancel} onEnough={page.stopSearch} />;
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
  const isKept = useOffline(page.description !== undefined);
  const reachable = new Set<View['at']>();
  if (opened !== undefined && view.at !== 'run') reachable.add('model').add('data');
  if (lastOutcome !== undefined && view.at !== 'run') reachable.add('result');
  const go = (at: 'model' | 'data' | 'result'): void => {
    if (at !== 'result') page.show({ at });
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
    <Frame
      isKept={isKept}
      view={view}
      reachable={reachable}
      onGo={go}
      onHome={() => view.at !== 'run' && page.show({ at: 'drop' })}
    >
      <Screen page={page} />
      {over && <DropVeil />}
    </Frame>
  );
};

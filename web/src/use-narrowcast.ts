// What the page knows and what can be done with it.
import type { Description, Progress } from 'narrowcast';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { EngineClient, EngineFailure } from './engine/client.ts';
import { type GivenFile, sortFiles } from './engine/given-files.ts';
import type { ModelFiles } from './engine/protocol.ts';
import { outputName } from './recipe/command.ts';
import { asRecipe, parseWish, type Wish } from './recipe/wish.ts';
import type { Notice, Opened, Outcome, View } from './state.ts';
import { badRecipe, manyModels, noModel, problemOf } from './words/problem.ts';

const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

const cancelledText = (progress: Progress | undefined): string =>
  progress?.phase === 'weights' ? `Cancelled at weight ${progress.done} of ${progress.total}` : 'Cancelled';

export interface Narrowcast {
  engine: EngineClient;
  description: Description | undefined;
  view: View;
  opened: Opened | undefined;
  notice: Notice;
  wish: Wish;
  lastOutcome: Outcome | undefined;
  setWish(wish: Wish): void;
  give(files: GivenFile[]): void;
  run(wish?: Wish): void;
  cancel(): void;
  show(view: View): void;
}

export function useNarrowcast(): Narrowcast {
  const engine = useMemo(() => new EngineClient(), []);
  const loading = useMemo(() => engine.describe(), [engine]);
  const [description, setDescription] = useState<Description>();
  const [view, setView] = useState<View>({ at: 'drop' });
  const [opened, setOpened] = useState<Opened>();
  const [wish, setWish] = useState<Wish>({});
  const [notice, setNotice] = useState<Notice>();
  const [lastOutcome, setLastOutcome] = useState<Outcome>();
  const running = useRef<AbortController>(undefined);
  const progress = useRef<Progress>(undefined);
  // Files whose model waits for its data.
  const waiting = useRef<ModelFiles>(undefined);

  const begin = (): AbortController => {
    running.current?.abort();
    running.current = new AbortController();
    return running.current;
  };
  const fail = (error: unknown, name: string): void =>
    setNotice({ kind: 'problem', problem: problemOf(error, name, description) });

  useEffect(() => {
    loading.then(setDescription, (error) => fail(error, 'The engine'));
  }, [loading]);

  const open = async (files: ModelFiles): Promise<void> => {
    const { signal } = begin();
    setNotice(undefined);
    setView({ at: 'reading', name: files.model.name });
    waiting.current = undefined;
    try {
      const inspection = await engine.inspect(files, signal);
      setOpened({ files, inspection });
      setLastOutcome(undefined);
      setView({ at: 'model' });
    } catch (error) {
      if (isAbort(error)) return;
      if (error instanceof EngineFailure && error.failure.code === 'missing_file') waiting.current = files;
      setOpened(undefined);
      setView({ at: 'drop' });
      fail(error, files.model.name);
    }
  };

  const readRecipe = async (known: Description, file: File): Promise<void> => {
    try {
      setWish(parseWish(await file.text(), known));
      setNotice(undefined);
    } catch (error) {
      setNotice({ kind: 'problem', problem: badRecipe(file.name, (error as Error).message) });
    }
  };

  const give = async (given: GivenFile[]): Promise<void> => {
    if (given.length === 0) return;
    // Whoever is quick drops a model before the engine is there; a failure to load is told above.
    const known = await loading.catch(() => undefined);
    if (known === undefined) return;
    const extensions = known.formats.map(({ extension }) => extension);
    const { models, data } = sortFiles(given, extensions);
    const [model, ...others] = models;
    const [only] = given;
    const base = waiting.current;
    if (others.length > 0) {
      setNotice({ kind: 'problem', problem: manyModels(models.map(({ name }) => name)) });
    } else if (model !== undefined) {
      await open({ model, data });
    } else if (given.length === 1 && only?.path.endsWith('.json')) {
      await readRecipe(known, only.file);
    } else if (base !== undefined) {
      await open({ model: base.model, data: { ...base.data, ...data } });
    } else {
      setNotice({
        kind: 'problem',
        problem: noModel(
          given.map(({ path }) => path),
          extensions,
        ),
      });
    }
  };

  const run = async (asked: Wish = wish): Promise<void> => {
    if (opened === undefined || description === undefined) return;
    const { signal } = begin();
    const name = outputName(opened.files.model.name, asked, description);
    const request = { files: opened.files, recipe: asRecipe(asked), dataName: `${name}.data` };
    const startedAt = performance.now();
    progress.current = undefined;
    setNotice(undefined);
    setView({ at: 'run', progress: undefined, startedAt });
    try {
      const narrowed = await engine.narrow(request, signal, (state) => {
        // Messages may still be under way when the work has been cancelled.
        if (signal.aborted) return;
        progress.current = state;
        setView((now) => (now.at === 'run' ? { ...now, progress: state } : now));
      });
      const outcome = { narrowed, wish: asked, name };
      setLastOutcome(outcome);
      setView({ at: 'result', outcome });
    } catch (error) {
      if (running.current?.signal !== signal) return;
      setView({ at: 'model' });
      if (isAbort(error)) setNotice({ kind: 'cancelled', text: cancelledText(progress.current) });
      else fail(error, opened.files.model.name);
    }
  };

  return {
    engine,
    description,
    view,
    opened,
    notice,
    wish,
    lastOutcome,
    setWish,
    give: (files) => void give(files),
    run: (asked) => void run(asked),
    cancel: () => running.current?.abort(),
    show: (next) => {
      setNotice(undefined);
      setView(next);
    },
  };
}

// What the page knows and what can be done with it.
import { type Description, outputName, type Progress } from 'narrowcast';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { EngineClient, EngineFailure } from './engine/client.ts';
import { holdsSamples } from './engine/data-groups.ts';
import { findData } from './engine/find-data.ts';
import { type GivenFile, sortFiles } from './engine/given-files.ts';
import type { ModelFiles } from './engine/protocol.ts';
import { memoryOf } from './memory.ts';
import { commandParts, commandText } from './recipe/command.ts';
import { settingsIn } from './recipe/link.ts';
import { forFormat } from './recipe/target.ts';
import { techniqueOf, techniquesOf } from './recipe/techniques.ts';
import { asRecipe, parseWish, type Wish, withValue } from './recipe/wish.ts';
import type { Notice, Opened, Outcome, View } from './state.ts';
import { type SampleDesk, useSamples } from './use-samples.ts';
import { badLink, badRecipe, manyModels, noModel, type Problem, problemOf, tooLarge } from './words/problem.ts';

const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

const units: Partial<Record<Progress['phase'], string>> = { weights: 'weight', samples: 'sample', judging: 'sample' };

function cancelledText(progress: Progress | undefined): string {
  const unit = progress === undefined ? undefined : units[progress.phase];
  return unit === undefined ? 'Cancelled' : `Cancelled at ${unit} ${progress?.done} of ${progress?.total}`;
}

/** The wish with full-integer in place of a mode that makes nothing of samples. */
function forSamples(wish: Wish, known: Description): Wish {
  const technique = techniqueOf(wish, techniquesOf(known), known);
  const mode = known.recipe.find(({ key }) => key === 'mode');
  const isOpen = technique?.isDefault === true;
  return isOpen && mode?.choices?.includes('full-integer') ? withValue(wish, mode, 'full-integer') : wish;
}

export interface Narrowcast {
  engine: EngineClient;
  description: Description | undefined;
  view: View;
  opened: Opened | undefined;
  notice: Notice;
  wish: Wish;
  lastOutcome: Outcome | undefined;
  samples: SampleDesk;
  setWish(wish: Wish): void;
  give(files: GivenFile[]): void;
  run(wish?: Wish): void;
  cancel(): void;
  /** Ends the search for what is better in float; the result is there then. */
  stopSearch(): void;
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
  const samples = useSamples(engine, opened, description, view.at === 'run' || view.at === 'reading');
  const running = useRef<AbortController>(undefined);
  const enough = useRef<AbortController>(undefined);
  const progress = useRef<Progress>(undefined);
  // Files whose model waits for its data.
  const waiting = useRef<ModelFiles>(undefined);

  const begin = (): AbortController => {
    running.current?.abort();
    running.current = new AbortController();
    return running.current;
  };
  const tell = (title: string, text: string): void => setNotice({ kind: 'told', title, text });
  const refuse = (problem: Problem): void => setNotice({ kind: 'problem', problem });
  const fail = (error: unknown, name: string): void => refuse(problemOf(error, name, description));

  useEffect(() => {
    const takeSettings = (known: Description): void => {
      try {
        const settings = settingsIn(location.hash, known);
        if (settings === undefined) return;
        setWish(settings.recipe);
        samples.setWish(settings.samples);
        tell('Settings came with the link', 'Choose the model that they are for.');
      } catch (error) {
        refuse(badLink((error as Error).message));
      }
    };
    loading.then(
      (known) => {
        setDescription(known);
        takeSettings(known);
      },
      (error) => fail(error, 'The engine'),
    );
  }, [loading]);

  const takeSamples = (known: Description, given: GivenFile[], to?: Opened): void => {
    samples.add(given, to);
    setWish((old) => forSamples(old, known));
  };

  const open = async (known: Description, files: ModelFiles, others: GivenFile[] = []): Promise<void> => {
    const { signal } = begin();
    setNotice(undefined);
    const { name, size } = files.model;
    if (memoryOf(size).isTooLarge) {
      setView({ at: 'drop' });
      refuse(tooLarge(name, size, false, commandText(commandParts(name, wish, known, undefined))));
      return;
    }
    setView({ at: 'reading', name });
    waiting.current = undefined;
    try {
      const inspection = await engine.inspect(files, signal);
      const now = { files, inspection };
      setOpened(now);
      setWish((old) => forFormat(old, inspection));
      setLastOutcome(undefined);
      const used = new Set(inspection.external_files.map((name) => findData(files.data, name)));
      const left = others.filter((one) => holdsSamples(one) && !used.has(one.file));
      if (left.length > 0) takeSamples(known, left, now);
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
      refuse(badRecipe(file.name, (error as Error).message));
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
      refuse(manyModels(models.map(({ name }) => name)));
    } else if (model !== undefined) {
      await open(
        known,
        { model, data },
        given.filter(({ file }) => file !== model),
      );
    } else if (given.length === 1 && only?.path.endsWith('.json')) {
      await readRecipe(known, only.file);
    } else if (base !== undefined) {
      await open(known, { model: base.model, data: { ...base.data, ...data } });
    } else if (opened !== undefined && given.some(holdsSamples)) {
      takeSamples(known, given);
      setNotice(undefined);
      setView({ at: 'data' });
    } else {
      refuse(
        noModel(
          given.map(({ path }) => path),
          extensions,
        ),
      );
    }
  };

  const run = async (asked: Wish = wish): Promise<void> => {
    if (opened === undefined || description === undefined) return;
    const { signal } = begin();
    const { request: data, files, wish: dataWish, labels } = samples;
    const { workers, isTooLargeForSamples } = memoryOf(opened.inspection.bytes);
    const used = data === undefined ? undefined : { files, wish: dataWish, labels };
    if (used !== undefined && isTooLargeForSamples) {
      const { name: model } = opened.files.model;
      const command = commandText(commandParts(model, asked, description, used));
      refuse(tooLarge(model, opened.inspection.bytes, true, command));
      return;
    }
    const name = outputName(opened.files.model.name, asRecipe(asked), data !== undefined);
    const request = {
      files: opened.files,
      recipe: asRecipe(asked),
      dataName: `${name}.data`,
      ...(data === undefined ? {} : { data: { ...data, workers } }),
    };
    const startedAt = performance.now();
    progress.current = undefined;
    enough.current = new AbortController();
    setNotice(undefined);
    setView({ at: 'run', progress: undefined, startedAt, workers: data === undefined ? 0 : workers });
    try {
      const narrowed = await engine.narrow(request, { signal, enough: enough.current.signal }, (state) => {
        // Messages may still be under way when the work has been cancelled.
        if (signal.aborted) return;
        progress.current = state;
        setView((now) => (now.at === 'run' ? { ...now, progress: state } : now));
      });
      const outcome = { narrowed, wish: asked, name, samples: used };
      setLastOutcome(outcome);
      setView({ at: 'result', outcome });
    } catch (error) {
      if (running.current?.signal !== signal) return;
      const isOfData = error instanceof EngineFailure && error.failure.code === 'calibration';
      setView({ at: isOfData ? 'data' : 'model' });
      if (isAbort(error))
        tell(cancelledText(progress.current), 'Nothing was written. Model and settings are still here.');
      else {
        const problem = problemOf(error, opened.files.model.name, description);
        const isFull = error instanceof EngineFailure && error.failure.code === 'out_of_memory';
        const command = commandText(commandParts(opened.files.model.name, asked, description, used));
        refuse(isFull ? { ...problem, command } : problem);
      }
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
    samples,
    setWish,
    give: (files) => void give(files),
    run: (asked) => void run(asked),
    cancel: () => running.current?.abort(),
    stopSearch: () => enough.current?.abort(),
    show: (next) => {
      setNotice(undefined);
      setView(next);
    },
  };
}

// The samples that the visitor brought for the opened model: files, how they are read, and what they turned out to hold.
import { type Description, modelInputs, type ValueInfo } from 'narrowcast';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { type EngineClient, EngineFailure } from './engine/client.ts';
import { addFiles, noFiles, type SampleFiles } from './engine/data-groups.ts';
import type { GivenFile } from './engine/given-files.ts';
import type { DataLook, DataRequest } from './engine/protocol.ts';
import type { DataWish } from './recipe/data-wish.ts';
import type { Opened } from './state.ts';
import { type Problem, problemOf } from './words/problem.ts';

// Somebody typing should not have everything read again for every letter.
const settleMs = 200;

interface Held {
  of: Opened | undefined;
  files: SampleFiles;
  labels: File | undefined;
}

interface Known {
  key: object;
  look?: DataLook;
  problem?: Problem;
  isDone: boolean;
}

export interface SampleDesk {
  inputs: ValueInfo[];
  files: SampleFiles;
  wish: DataWish;
  labels: File | undefined;
  /** What the samples hold, as far as they were read. */
  look: DataLook | undefined;
  problem: Problem | undefined;
  isReading: boolean;
  /** What a run is given; nothing without samples. */
  request: DataRequest | undefined;
  add(given: GivenFile[], to?: Opened): void;
  remove(group: string): void;
  /** Says which of the model's inputs a group is for. */
  assign(group: string, input: string): void;
  setWish(wish: DataWish): void;
  setLabels(file: File | undefined): void;
  /** What the model's classes are called, as far as somebody said. */
  classes: readonly string[];
  setClasses(names: string[]): void;
}

const namesOf = (opened: Opened | undefined): string[] =>
  opened === undefined ? [] : modelInputs(opened.inspection).map(({ name }) => name);

/** `isBusy`: the engine is at work on something else. */
export function useSamples(
  engine: EngineClient,
  opened: Opened | undefined,
  description: Description | undefined,
  isBusy: boolean,
): SampleDesk {
  const [held, setHeld] = useState<Held>({ of: undefined, files: noFiles, labels: undefined });
  const [wish, setWish] = useState<DataWish>({});
  const [known, setKnown] = useState<Known>();
  const [classes, setClasses] = useState<{ of: Opened | undefined; names: string[] }>({ of: undefined, names: [] });
  const { files, labels } = held.of === opened ? held : { files: noFiles, labels: undefined };
  const inputs = useMemo(() => (opened === undefined ? [] : modelInputs(opened.inspection)), [opened]);

  const request = useMemo((): DataRequest | undefined => {
    if (files.groups.length === 0) return undefined;
    const sources = files.groups.flatMap(({ files: list, input }) =>
      list.map((one) => ({ ...one, ...(input === undefined ? {} : { input }) })),
    );
    return { inputs, files: sources, wish };
  }, [inputs, files, wish]);

  useEffect(() => {
    if (request === undefined || isBusy || (known?.key === request && known.isDone)) return;
    const controller = new AbortController();
    const learn = (found: Omit<Known, 'key'>): void => {
      if (!controller.signal.aborted) setKnown({ key: request, ...found });
    };
    let previews: DataLook['previews'] = [];
    const whole = (look: DataLook): DataLook => {
      previews = [...previews, ...look.previews];
      return { ...look, previews };
    };
    const tell = (look: DataLook): void => learn({ look: whole(look), isDone: false });
    const timer = setTimeout(() => {
      engine.lookAt(request, controller.signal, tell).then(
        (look) => learn({ look: whole(look), isDone: true }),
        (error) => {
          if (error instanceof EngineFailure) {
            learn({ problem: problemOf(error, error.failure.where, description), isDone: true });
          }
        },
      );
    }, settleMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [engine, request, isBusy]);

  const change = (next: (old: Held) => Held, to = opened): void =>
    setHeld((old) => next(old.of === to ? old : { of: to, files: noFiles, labels: undefined }));
  const changeGroups = (next: (groups: SampleFiles['groups']) => SampleFiles['groups']): void =>
    change((old) => {
      const groups = next(old.files.groups);
      return { ...old, files: groups.length === 0 ? noFiles : { ...old.files, groups } };
    });
  const isKnown = known !== undefined && known.key === request;
  return {
    inputs,
    files,
    wish,
    labels,
    look: isKnown ? known.look : undefined,
    problem: isKnown ? known.problem : undefined,
    isReading: request !== undefined && !(isKnown && known.isDone),
    request: request === undefined || labels === undefined ? request : { ...request, labels },
    add: (given, to = opened) => change((old) => ({ ...old, files: addFiles(old.files, given, namesOf(to)) }), to),
    remove: (name) => changeGroups((groups) => groups.filter((group) => group.name !== name)),
    assign: (name, input) =>
      changeGroups((groups) => groups.map((group) => (group.name === name ? { ...group, input } : group))),
    setWish,
    setLabels: (file) => change((old) => ({ ...old, labels: file })),
    classes: classes.of === opened ? classes.names : [],
    setClasses: (names) => setClasses({ of: opened, names }),
  };
}

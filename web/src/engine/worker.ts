// The engine's side: the npm package, away from the page's own thread.
import { expose } from 'comlink';
import {
  describe,
  dryRun,
  type FileOptions,
  inspect,
  NarrowcastError,
  type Progress,
  type QuantizeOptions,
  quantizeTo,
  readLabels,
  reportHtml,
} from 'narrowcast';
import { askFloat, readSample } from './answer-work.ts';
import { lookAt, openData } from './data-work.ts';
import { findData } from './find-data.ts';
import type {
  Answer,
  DataRequest,
  EngineWorker,
  Failure,
  ModelFiles,
  Narrowed,
  NarrowRequest,
  OutputBlob,
} from './protocol.ts';

const progressEveryMs = 50;
// Hashing wants the whole file at once.
const hashedBytes = 512 * 2 ** 20;

const running = new Map<number, AbortController>();
const searching = new Map<number, AbortController>();

const failureOf = (error: unknown, missing: string[]): Failure =>
  error instanceof NarrowcastError
    ? { code: error.code, number: error.number, message: error.message, where: error.where, missing }
    : { code: 'page', number: 0, message: String(error), where: '', missing };

async function answer<T>(work: () => Promise<T>, missing: string[] = []): Promise<Answer<T>> {
  try {
    return { ok: await work() };
  } catch (error) {
    return { failure: failureOf(error, missing) };
  }
}

type Stoppable = FileOptions & { signal: AbortSignal };

async function cancellable<T>(
  id: number,
  data: ModelFiles['data'],
  work: (options: Stoppable) => Promise<T>,
): Promise<Answer<T>> {
  const controller = new AbortController();
  running.set(id, controller);
  const missing: string[] = [];
  const externalData = (name: string): File | undefined => {
    const file = findData(data, name);
    if (file === undefined) missing.push(name);
    return file;
  };
  const result = await answer(() => work({ signal: controller.signal, externalData }), missing);
  running.delete(id);
  return result;
}

// Messages cost more than small weights do; the last one of each phase always goes.
function sparingly(tell: (progress: Progress) => void): (progress: Progress) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now();
    if (now - last < progressEveryMs && progress.done !== progress.total) return;
    last = now;
    tell(progress);
  };
}

async function sha256(blob: Blob): Promise<string> {
  // `subtle` is missing where the page is not served securely.
  if (blob.size > hashedBytes || crypto.subtle === undefined) return '';
  const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function samplesOf(data: DataRequest): Promise<QuantizeOptions> {
  const samples = await openData(data);
  const { judgeSamples, search } = data.wish;
  return {
    calibration: samples,
    ...(data.workers === undefined ? {} : { workers: data.workers }),
    ...(search === undefined ? {} : { search }),
    ...(judgeSamples === undefined ? {} : { judgeSamples }),
    ...(data.labels === undefined ? {} : { labels: readLabels(await data.labels.text(), data.labels.name, samples) }),
  };
}

async function narrow(
  { files, recipe, dataName, data }: NarrowRequest,
  options: Stoppable & { searchSignal: AbortSignal },
  tell: (progress: Progress) => void,
): Promise<Narrowed> {
  const started = performance.now();
  const samples = data === undefined ? {} : await samplesOf(data);
  const parts = new Map<string, Blob[]>();
  // Blobs may live outside memory; a large result never stands in it as a whole.
  const { report, heapBytes } = await quantizeTo(
    files.model,
    (chunk, { name }) => {
      const list = parts.get(name) ?? [];
      parts.set(name, list);
      list.push(new Blob([chunk]));
    },
    { ...options, ...samples, recipe, dataName, onProgress: sparingly(tell) },
  );
  const elapsedMs = performance.now() - started;
  const outputs: OutputBlob[] = [...parts].map(([name, list]) => ({
    name,
    blob: new Blob(list, { type: 'application/octet-stream' }),
  }));
  const model = outputs.find(({ name }) => name === '');
  return { report, heapBytes, files: outputs, elapsedMs, sha256: model === undefined ? '' : await sha256(model.blob) };
}

const worker: EngineWorker = {
  describe: () => answer(describe),
  inspect: (id, files) => cancellable(id, files.data, (options) => inspect(files.model, options)),
  lookAt: (id, request, tell) => cancellable(id, {}, ({ signal }) => lookAt(request, signal, tell)),
  askFloat: (id, files, request) => cancellable(id, files.data, (options) => askFloat(files, request, options)),
  readSample: (id, request, index, isKept) => cancellable(id, {}, () => readSample(request, index, isKept)),
  estimate: (id, { files, recipe, dataName }) =>
    cancellable(id, files.data, async (options) => {
      const { report } = await dryRun(files.model, { ...options, recipe, dataName });
      return report;
    }),
  narrow: async (id, request, onProgress) => {
    const search = new AbortController();
    searching.set(id, search);
    const result = await cancellable(id, request.files.data, (options) =>
      narrow(request, { ...options, searchSignal: search.signal }, onProgress),
    );
    searching.delete(id);
    return result;
  },
  reportPage: (report, title) => answer(() => reportHtml(report, title)),
  cancel: (id) => running.get(id)?.abort(),
  stopSearch: (id) => searching.get(id)?.abort(),
};

expose(worker);

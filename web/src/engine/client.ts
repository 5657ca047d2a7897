// The page's side: calls into the worker, and a new worker when one is lost.
import { proxy, type Remote, releaseProxy, wrap } from 'comlink';
import type { Description, Inspection, Progress, Report, Tensor } from 'narrowcast';
import type {
  Answer,
  DataLook,
  DataRequest,
  EngineWorker,
  Failure,
  ModelAnswer,
  ModelFiles,
  Narrowed,
  NarrowRequest,
} from './protocol.ts';

// The engine looks at its signal between two steps; one that takes longer than this is ended from outside.
const patienceMs = 2000;

export class EngineFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

interface Incarnation {
  worker: Worker;
  api: Remote<EngineWorker>;
  /** Rejects when the worker cannot answer any more. */
  lost: Promise<never>;
  give: (error: unknown) => void;
}

function start(): Incarnation {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'engine' });
  const { promise: lost, reject: give } = withResolvers();
  worker.addEventListener('error', () => {
    give(new EngineFailure({ code: 'page', number: 0, message: 'The engine could not be loaded.', where: 'worker' }));
  });
  return { worker, api: wrap<EngineWorker>(worker), lost, give };
}

function withResolvers(): { promise: Promise<never>; reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_, no) => {
    reject = no;
  });
  // Nobody may be waiting when it happens.
  promise.catch(() => {});
  return { promise, reject };
}

export class EngineClient {
  #current: Incarnation | undefined;
  #lastId = 0;

  #acquire(): Incarnation {
    this.#current ??= start();
    return this.#current;
  }

  #discard(incarnation: Incarnation, reason: unknown): void {
    incarnation.give(reason);
    incarnation.api[releaseProxy]();
    incarnation.worker.terminate();
    if (this.#current === incarnation) this.#current = undefined;
  }

  async #call<T>(
    signal: AbortSignal | undefined,
    ask: (api: Remote<EngineWorker>, id: number) => Promise<Answer<T>>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const incarnation = this.#acquire();
    this.#lastId += 1;
    const id = this.#lastId;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = (): void => {
      void incarnation.api.cancel(id);
      timer = setTimeout(() => this.#discard(incarnation, signal?.reason), patienceMs);
    };
    signal?.addEventListener('abort', stop);
    try {
      const answer = await Promise.race([ask(incarnation.api, id), incarnation.lost]);
      // What was finished in the moment of the cancel is cancelled all the same.
      signal?.throwIfAborted();
      if ('failure' in answer) throw new EngineFailure(answer.failure);
      return answer.ok;
    } catch (error) {
      if (error instanceof EngineFailure && error.failure.where === 'worker') this.#discard(incarnation, error);
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }
  }

  describe(): Promise<Description> {
    return this.#call(undefined, (api) => api.describe());
  }

  inspect(files: ModelFiles, signal: AbortSignal): Promise<Inspection> {
    return this.#call(signal, (api, id) => api.inspect(id, files));
  }

  lookAt(request: DataRequest, signal: AbortSignal, tell: (look: DataLook) => void): Promise<DataLook> {
    return this.#call(signal, (api, id) => api.lookAt(id, request, proxy(tell)));
  }

  askFloat(files: ModelFiles, request: DataRequest, signal: AbortSignal): Promise<ModelAnswer[]> {
    return this.#call(signal, (api, id) => api.askFloat(id, files, request));
  }

  readSample(
    request: DataRequest,
    index: number,
    isKept: boolean,
    signal: AbortSignal,
  ): Promise<Record<string, Tensor> | undefined> {
    return this.#call(signal, (api, id) => api.readSample(id, request, index, isKept));
  }

  estimate(request: NarrowRequest, signal: AbortSignal): Promise<Report> {
    return this.#call(signal, (api, id) => api.estimate(id, request));
  }

  reportPage(report: Report, title: string): Promise<string> {
    return this.#call(undefined, (api) => api.reportPage(report, title));
  }

  /** `enough` ends the search for what is better in float, and that alone. */
  narrow(
    request: NarrowRequest,
    { signal, enough }: { signal: AbortSignal; enough: AbortSignal },
    onProgress: (progress: Progress) => void,
  ): Promise<Narrowed> {
    return this.#call(signal, (api, id) => {
      enough.addEventListener('abort', () => void api.stopSearch(id));
      return api.narrow(id, request, proxy(onProgress));
    });
  }
}
